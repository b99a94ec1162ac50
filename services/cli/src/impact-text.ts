import type { EffectBound, GrantState, ImpactPreview, ObjectChanges } from '@interlock/contracts';
import { printable } from '@interlock/kernel';
import { table } from './output.js';

type Request = GrantState['request'];

/** What a command would do, and what people agree to of it, a line each; none of a connector that does not look. */
export function impactLines({ preview, bound, state }: Pick<Request, 'preview' | 'bound' | 'state'>): string[] {
  return [...(preview ? previewLines(preview) : []), ...(bound ? boundLines(bound) : []), ...(state === undefined ? [] : [`rows       these very rows and no others, ${state}`])];
}

function previewLines({ kind, reason, estimatedRows, plan = [], rows, changes = [], sample, sampleWithheld }: ImpactPreview): string[] {
  const effect = kind === 'exact' ? `changes ${rows ?? 0} rows, counted in a transaction that was rolled back` : kind === 'estimate' ? `about ${estimatedRows ?? 0} rows by the target's estimate; nothing was counted` : 'not known';
  return [
    `effect     ${effect}`,
    ...changes.map((change) => `  ${changeInWords(change)}`),
    ...(reason === undefined ? [] : [`  ${printable(reason)}`]),
    ...plan.map((line, index) => `${index === 0 ? 'plan     ' : '         '}  ${printable(line)}`),
    ...(sample ? ['sample', ...table(sample.columns, sample.rows.map((row) => row.map((cell) => cell ?? 'NULL'))).split('\n').map((line) => `  ${line}`)] : []),
    ...(sampleWithheld === undefined ? [] : [`sample     withheld: ${printable(sampleWithheld)}`]),
  ];
}

function boundLines({ maxRows, unbounded, openTransaction, beside = [] }: EffectBound): string[] {
  const held = maxRows === undefined ? `none: ${printable(unbounded ?? 'it cannot be held')}` : `at most ${maxRows} rows, of all tables together, or it is rolled back`;
  const commit = openTransaction ? ['  it runs inside a transaction of the requester, and whether that is committed stays theirs'] : [];
  return [`bound      ${held}`, ...commit, ...beside.map((line) => `  ${printable(line)}`)];
}

function changeInWords({ object, inserted, updated, deleted }: ObjectChanges): string {
  const counts = Object.entries({ inserted, updated, deleted }).filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  return `${printable(object)}: ${counts.join(', ')}`;
}
