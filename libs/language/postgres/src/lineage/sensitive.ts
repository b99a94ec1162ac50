import type { ColumnRef, ComparedColumn, Lineage, LineageColumn } from './lineage.js';

/** What must happen to one output column: nothing, the named column's transform, or refusal (at the least full redaction). */
export type ColumnFinding =
  | 'clear'
  /** `mixed`: some of its values are none of the column's. */
  | { readonly direct: ColumnRef; readonly mixed?: true }
  | { readonly derived: readonly ColumnRef[]; readonly total: boolean };

/** What a statement does with sensitive columns. */
export interface SensitiveFindings {
  /** One finding per output column, in order. */
  readonly columns: readonly ColumnFinding[];
  /** Sensitive columns that decide about rows, or whose failing would tell something: refuse when there are any. */
  readonly shaping: readonly ColumnRef[];
  /** Sensitive columns that only decide by being compared with parameters, where that may be: each parameter has to be a token. */
  readonly compared: readonly ComparedColumn[];
  /** Sensitive columns that are written to. */
  readonly writesSensitive: readonly ColumnRef[];
  /** Sensitive columns whose name, type or place changes. */
  readonly altersSensitive: readonly ColumnRef[];
  /** Whether a sensitive value is copied to where no rule would mask it: refuse. */
  readonly carries: boolean;
  /** Nothing above applies. */
  readonly clear: boolean;
}

/** Whether rules call a column sensitive; ask by oid and attnum where the rule is bound to them. */
export type IsSensitive = (column: ColumnRef) => boolean;

/**
 * Holds a lineage against the rules. Columns that share values (through views or inheritance) count alike. `isComparable`: whether a sensitive column may be compared with
 * tokens; none may where it is absent.
 */
export function checkSensitive(lineage: Lineage, isSensitive: IsSensitive, isComparable: IsSensitive = () => false): SensitiveFindings {
  const ruled = new Map<ColumnRef, ColumnRef | undefined>();
  const rule = (column: ColumnRef): ColumnRef | undefined => {
    if (!ruled.has(column)) ruled.set(column, isSensitive(column) ? column : column.alike.find(isSensitive));
    return ruled.get(column);
  };
  // A generated column that no rule names holds what it is computed from.
  const made = (column: ColumnRef): ColumnRef[] => (rule(column) === undefined ? (column.madeOf ?? []).flatMap((one) => rule(one) ?? []) : []);
  const hits = (columns: readonly ColumnRef[]): ColumnRef[] => distinct(columns.flatMap((column) => rule(column) ?? made(column)));
  const columns = lineage.columns.map((column) => findingOf(column, hits(column.origins), {
    generated: column.origins.some((origin) => made(origin).length > 0), mixed: column.withConstants === true || column.origins.some((origin) => rule(origin) === undefined),
  }));
  const written = lineage.writes.filter(({ into }) => into !== undefined && rule(into) !== undefined);
  const probing = written.filter((write) => write.intoUnique || (write.derivation === 'derived' && !write.total));
  const probed = probing.flatMap((write) => [...(write.into !== undefined && write.intoUnique ? [write.into] : []), ...(write.total ? [] : write.origins)]);
  const compared = comparable(lineage.compared ?? [], (column) => { const ruled = rule(column); return ruled !== undefined && isComparable(ruled); });
  const otherwise = lineage.shaping.filter((column) => !compared.some((one) => isSame(one.column, column)));
  const shaping = hits([...otherwise, ...lineage.evaluated, ...probed]);
  const carries = lineage.writes.some(({ into, origins }) => origins.some((origin) => made(origin).length > 0 || (rule(origin) !== undefined && !isSame(origin, into))));
  const findings = { columns, shaping, compared: compared.map(({ column, parameters }) => ({ column: rule(column) ?? column, parameters })), writesSensitive: hits(written.flatMap(({ into }) => into ?? [])), altersSensitive: hits(lineage.altered), carries };
  return { ...findings, clear: isClear(findings) };
}

/** With a parameter that is compared with any other column, too, that column would tell the value of a token: none of its comparisons counts. */
function comparable(all: readonly ComparedColumn[], mayBe: IsSensitive): readonly ComparedColumn[] {
  const elsewhere = new Set(all.filter(({ column }) => !mayBe(column)).flatMap(({ parameters }) => parameters));
  return all.filter(({ column, parameters }) => mayBe(column) && !parameters.some((number) => elsewhere.has(number)));
}

function findingOf(column: LineageColumn, hits: readonly ColumnRef[], { generated, mixed }: { readonly generated: boolean; readonly mixed: boolean }): ColumnFinding {
  const [only] = hits;
  if (only === undefined) return 'clear';
  return column.derivation === 'direct' && hits.length === 1 && !generated ? { direct: only, ...(mixed && { mixed }) } : { derived: hits, total: column.total && !generated };
}

function isSame(origin: ColumnRef, into: ColumnRef | undefined): boolean {
  return into !== undefined && origin.oid === into.oid && origin.attnum === into.attnum;
}

function distinct(columns: readonly ColumnRef[]): ColumnRef[] {
  return [...new Map(columns.map((column) => [`${column.oid}.${column.attnum}`, column])).values()];
}

function isClear(findings: Omit<SensitiveFindings, 'clear'>): boolean {
  return findings.columns.every((column) => column === 'clear') && findings.shaping.length === 0 && findings.compared.length === 0 && findings.writesSensitive.length === 0
    && findings.altersSensitive.length === 0 && !findings.carries;
}
