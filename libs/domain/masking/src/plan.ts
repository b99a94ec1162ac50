import type { Configuration, ContentKind, Masking, MaskingRule, Transform } from '@interlock/contracts';

/** One column that is sensitive for the reader the plan was made for. */
export interface SensitiveColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly transform: Transform;
  /** Id of the masking rule that says so. */
  readonly rule: string;
}

/** What one reader may not see of one target. Names are exact, as the target's catalog holds them. */
export interface MaskingPlan {
  /** Nothing to mask: results may pass verbatim. */
  readonly isEmpty: boolean;
  readonly sensitive: readonly SensitiveColumn[];
  /** Kinds searched for in every text that leaves, as the second net. */
  readonly contentKinds: readonly ContentKind[];
  columnRule(schema: string, table: string, column: string): SensitiveColumn | undefined;
}

const STRENGTH: Record<Transform, number> = { null: 2, redact: 1, partial: 0 };

/** Who reads, and what for. */
export interface ReaderOfMasked {
  readonly roles: readonly string[];
  /** What the session says it is for, where its principal may say so. */
  readonly purpose?: string | undefined;
}

/**
 * The plan for a reader at `target`. A rule spares a reader who has any role of its `except`, or whose session states a purpose of its `exceptFor`; where
 * several rules name one column, the one that leaves least to see wins.
 */
export function compileMasking({ masking }: Pick<Configuration, 'masking'>, target: string, reader: ReaderOfMasked): MaskingPlan {
  const byColumn = new Map<string, SensitiveColumn>();
  for (const rule of masking.columns) {
    if ((rule.target ?? target) !== target || isSpared(rule, reader)) continue;
    for (const column of columnsOf(rule, target, masking)) keepStrongest(byColumn, column, rule);
  }
  const contentKinds = [...new Set(masking.content.filter((rule) => rule.target === target).flatMap((rule) => rule.kinds))];
  return {
    isEmpty: byColumn.size === 0 && contentKinds.length === 0,
    sensitive: [...byColumn.values()],
    contentKinds,
    columnRule: (schema, table, column) => byColumn.get(columnKey(schema, table, column)),
  };
}

function isSpared({ except, exceptFor = [] }: MaskingRule, { roles, purpose }: ReaderOfMasked): boolean {
  return except.some((role) => roles.includes(role)) || (purpose !== undefined && exceptFor.includes(purpose));
}

/** The columns of a target that a rule is about: the one that it names, or all that carry its tag or a tag of its classification. */
function columnsOf(rule: MaskingRule, target: string, { tags = [], classifications = [] }: Masking): readonly string[] {
  if (rule.column !== undefined) return [rule.column];
  const wanted = rule.tag !== undefined ? [rule.tag] : classifications.filter(({ name }) => name === rule.classification).flatMap((one) => one.tags);
  return tags.filter((one) => one.target === target && wanted.includes(one.tag)).map(({ column }) => column);
}

function keepStrongest(byColumn: Map<string, SensitiveColumn>, path: string, { id, transform }: MaskingRule): void {
  const [schema, table, column] = path.split('.') as [string, string, string];
  const key = columnKey(schema, table, column);
  const present = byColumn.get(key);
  if (present && STRENGTH[present.transform] >= STRENGTH[transform]) return;
  byColumn.set(key, { schema, table, column, transform, rule: id });
}

function columnKey(schema: string, table: string, column: string): string {
  return JSON.stringify([schema, table, column]);
}
