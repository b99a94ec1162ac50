import type { Configuration, ContentKind, MaskingRule, Transform } from '@interlock/contracts';

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

/**
 * The plan for a reader with `roles` at `target`. A rule spares a reader who has any role of its `except`; where several
 * rules name one column, the one that leaves least to see wins.
 */
export function compileMasking(configuration: Pick<Configuration, 'masking'>, target: string, roles: readonly string[]): MaskingPlan {
  const byColumn = new Map<string, SensitiveColumn>();
  for (const rule of configuration.masking.columns) {
    if (rule.target !== target || rule.except.some((role) => roles.includes(role))) continue;
    keepStrongest(byColumn, rule);
  }
  const contentKinds = [...new Set(configuration.masking.content.filter((rule) => rule.target === target).flatMap((rule) => rule.kinds))];
  return {
    isEmpty: byColumn.size === 0 && contentKinds.length === 0,
    sensitive: [...byColumn.values()],
    contentKinds,
    columnRule: (schema, table, column) => byColumn.get(columnKey(schema, table, column)),
  };
}

function keepStrongest(byColumn: Map<string, SensitiveColumn>, rule: MaskingRule): void {
  const [schema, table, column] = rule.column.split('.') as [string, string, string];
  const key = columnKey(schema, table, column);
  const present = byColumn.get(key);
  if (present && STRENGTH[present.transform] >= STRENGTH[rule.transform]) return;
  byColumn.set(key, { schema, table, column, transform: rule.transform, rule: rule.id });
}

function columnKey(schema: string, table: string, column: string): string {
  return JSON.stringify([schema, table, column]);
}
