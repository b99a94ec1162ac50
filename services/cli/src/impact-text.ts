import type { GrantState, ImpactPreview, ObjectChanges } from '@interlock/contracts';
import { printable } from '@interlock/kernel';
import { effectInWords } from '@interlock/domain-approval';
import { table } from './output.js';

type Request = GrantState['request'];

/** What a command would do, and what people agree to of it, a line each; none of a connector that does not look. */
export function impactLines({ preview, state, ...request }: Request): string[] {
  const bound = effectInWords(request).map((sentence, index) => `${index === 0 ? 'bound      ' : '  '}${printable(sentence)}`);
  return [...(preview ? previewLines(preview) : []), ...bound, ...(state === undefined ? [] : [`rows       these very rows and no others, ${state}`])];
}

function previewLines({ kind, reason, estimatedRows, plan = [], rows, changes = [], sample, sampleWithheld }: ImpactPreview): string[] {
  const effect = kind === 'exact' ? `changes ${rows ?? 0} ${rows === 1 ? 'row' : 'rows'}, counted in a transaction that was rolled back` : kind === 'estimate' ? `about ${estimatedRows ?? 0} ${estimatedRows === 1 ? 'row' : 'rows'} by the target's estimate; nothing was counted` : 'not known';
  return [
    `effect     ${effect}`,
    ...changes.map((change) => `  ${changeInWords(change)}`),
    ...(reason === undefined ? [] : [`  ${printable(reason)}`]),
    ...plan.map((line, index) => `${index === 0 ? 'plan     ' : '         '}  ${printable(line)}`),
    ...(sample ? ['sample', ...table(sample.columns, sample.rows.map((row) => row.map((cell) => cell ?? 'NULL'))).split('\n').map((line) => `  ${line}`)] : []),
    ...(sampleWithheld === undefined ? [] : [`sample     withheld: ${printable(sampleWithheld)}`]),
  ];
}

function changeInWords({ object, inserted, updated, deleted }: ObjectChanges): string {
  const counts = Object.entries({ inserted, updated, deleted }).filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  return `${printable(object)}: ${counts.join(', ')}`;
}
