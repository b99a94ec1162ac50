import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Ask, BoundedEffect, EffectBound, ImpactPreview, ObjectChanges } from '@interlock/contracts';

/** What a connector knows of how a command's effect can be held. */
export interface Boundable {
  /** Why no number of rows can be held; absent where one can. */
  readonly unbounded?: string | undefined;
  /** What a number of rows would not cover, one sentence each. */
  readonly beside?: readonly string[];
}

/**
 * The bound that people are asked to agree to: the rule's, or what was counted where that is less, for nobody agrees to more than they were
 * shown. Undefined where nobody asks for one. Refused, before anyone is asked, where more was counted than people may agree to; not where the requester
 * may not read the rows, for a refusal would tell it how many there are: then people are asked all the same, for no more than they may agree to.
 */
export function boundFor({ maxRows, rules }: Pick<Ask, 'maxRows' | 'rules'>, preview: ImpactPreview, { unbounded, beside = [] }: Boundable): Outcome<EffectBound | undefined> {
  const counted = preview.kind === 'exact' ? preview.rows : undefined;
  if (maxRows === undefined && counted === undefined) return accepted(undefined);
  if (unbounded !== undefined) return accepted({ unbounded });
  if (maxRows !== undefined && counted !== undefined && counted > maxRows && preview.sampleWithheld === undefined) {
    return refused('effect_too_large', `the command would change ${rowsInWords(counted, preview.changes)}, and people may agree to ${maxRows} at most`, { rule: rules[0]!, hint: 'Send it for fewer rows at a time.' });
  }
  return accepted({ maxRows: Math.min(maxRows ?? Number.MAX_SAFE_INTEGER, counted ?? Number.MAX_SAFE_INTEGER), ...(beside.length > 0 && { beside: [...beside] }) });
}

/** What was done, held against what was agreed to. */
export function effectOf(changes: readonly ObjectChanges[], maxRows: number): BoundedEffect {
  const rows = changes.reduce((sum, { inserted, updated, deleted }) => sum + inserted + updated + deleted, 0);
  return { rows, maxRows, changes: [...changes], kept: rows <= maxRows };
}

/** `13 rows (13 updated in public.orders)` */
export function rowsInWords(rows: number, changes: readonly ObjectChanges[] = []): string {
  const parts = changes.flatMap(({ object, ...counts }) => Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what} in ${object}`] : [])));
  return `${rows} row${rows === 1 ? '' : 's'}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}
