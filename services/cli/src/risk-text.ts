import type { Risk } from '@interlock/contracts';
import { printable } from '@interlock/kernel';

/** A score and its terms, a line each; none where no risk model is declared. */
export function riskLines(risk: Risk | undefined): string[] {
  return risk ? [`risk       ${risk.score}`, ...risk.terms.map(({ points, because }) => `  ${points} because ${printable(because)}`)] : [];
}
