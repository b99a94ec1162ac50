import type { Configuration } from '@interlock/contracts';
import type { ConfigurationProblem } from './configuration-problems.js';

/** Names of a delegation that nobody has, and circles: a token that came round would name someone twice, and be refused. */
export function delegationProblems({ delegation, principals }: Configuration): ConfigurationProblem[] {
  if (!delegation) return [];
  const known = new Set(principals.map(({ name }) => name));
  const actsFor = new Map<string, string[]>();
  for (const { actor, for: others } of delegation.allowed) actsFor.set(actor, [...(actsFor.get(actor) ?? []), ...others]);
  return delegation.allowed.flatMap(({ actor, for: others }, index) => {
    const path = ['delegation', 'allowed', index];
    const unknown = (name: string, ...more: (string | number)[]): ConfigurationProblem[] => (known.has(name) ? [] : [{ path: [...path, ...more], detail: `there is no principal ${name}`, expected: 'the name of a principal of this file' }]);
    return [
      ...unknown(actor, 'actor'),
      ...others.flatMap((other, position): ConfigurationProblem[] => {
        const circle = reaches(other, actor, actsFor);
        return [...unknown(other, 'for', position), ...(circle ? [{ path: [...path, 'for', position], detail: `${actor} acts for itself${other === actor ? '' : ` through ${other}`}`, expected: 'a line of delegations that does not come back' }] : [])];
      }),
    ];
  });
}

/** Whether `from` is `goal`, or acts for it in the end. */
function reaches(from: string, goal: string, actsFor: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === goal) return true;
    if (!seen.has(name)) open.push(...(actsFor.get(name) ?? []));
    seen.add(name);
  }
  return false;
}
