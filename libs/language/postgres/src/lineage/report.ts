import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Interpretation } from '../interpret.js';
import type { Schema } from '../schema/read.js';
import { SCHEMA_USER } from '../schema/model.js';
import { interpretText } from '../text.js';
import type { ColumnRef, LineageColumn, LineageWrite } from './lineage.js';

/** A base column that a column comes from. */
export interface ReportedOrigin {
  /** `schema.table.column`, each name as it is stored, without quotes. */
  readonly column: string;
  /** `direct`: its value, unchanged, in some row; `derived`: computed with. */
  readonly derivation: 'direct' | 'derived';
  /** Of a generated column: the columns of its row that it is computed from. */
  readonly generatedFrom?: readonly string[];
}

/** A column with all that it comes from. */
export interface ReportedColumn {
  readonly name: string;
  readonly derivation: 'direct' | 'derived';
  /** In the order of their names; none for what is computed from nothing that is stored. */
  readonly origins: readonly ReportedOrigin[];
  /** Code that cannot be looked into had a part in it (a function in PL/pgSQL, one that the schema does not define): it may come from more. */
  readonly readsUnknown: boolean;
}

/** What one statement's answer, and what it leaves behind, is made of. */
export interface LineageReport {
  readonly statement: string;
  readonly columns: readonly ReportedColumn[];
  /** Base columns on which the number, order or choice of rows, or a branch, depends, and where. */
  readonly shaping: readonly { readonly column: string; readonly where: readonly string[]; readonly generatedFrom?: readonly string[] }[];
  /** Columns that it writes or makes; `into` is `schema.table.column`. */
  readonly writes: readonly (Omit<ReportedColumn, 'name'> & { readonly into: string })[];
}

/**
 * The lineage of each statement of a text under a schema, for people and for measuring. Refused as `interpretText` refuses, and with `lineage_unknown`
 * where a statement names what the schema does not have. Code that cannot be looked into is marked, not refused: nobody may decide by this.
 */
export function reportLineage(sql: string, schema: Schema): Outcome<LineageReport[]> {
  const meanings = interpretText(sql, { catalog: schema.catalog, target: '', database: '', searchPath: schema.searchPath, user: SCHEMA_USER, searchPathSettled: true, marksUnread: true });
  if (!meanings.ok) return meanings;
  if (meanings.value.length === 0) return refused('syntax_error', 'there is no statement in the text');
  const reports: LineageReport[] = [];
  for (const meaning of meanings.value) {
    const report = reportOf(meaning);
    if (!report.ok) return report;
    reports.push(report.value);
  }
  return accepted(reports);
}

function reportOf({ verb, lineage }: Interpretation): Outcome<LineageReport> {
  if (!lineage.ok) return refused(lineage.refusal.reason, lineage.refusal.detail, { hint: 'Define it in the schema, or name what the schema has.' });
  const { columns, shaping, writes } = lineage.value;
  return accepted({
    statement: verb,
    columns: columns.map((column) => ({ name: column.name, ...reported(column) })),
    shaping: shaping.map((column) => ({ column: nameOf(column), where: [...column.where].sort(), ...madeOf(column) })).sort(byColumn),
    writes: written(writes),
  });
}

/** Each written column once, whatever branches and rows write it. */
function written(writes: readonly LineageWrite[]): LineageReport['writes'] {
  const columns = new Map<string, LineageWrite>();
  for (const write of writes) {
    const into = writtenName(write);
    const before = into === undefined ? undefined : columns.get(into);
    if (into !== undefined) columns.set(into, before === undefined ? write : together(before, write));
  }
  return [...columns].map(([into, write]) => ({ into, ...reported(write) }));
}

function together(one: LineageWrite, other: LineageWrite): LineageWrite {
  const origins = new Map([...one.origins, ...other.origins].map((origin) => [nameOf(origin), origin]));
  return {
    ...one, origins: [...origins.values()], computed: [...one.computed, ...other.computed], unread: one.unread || other.unread,
    derivation: one.derivation === 'direct' ? other.derivation : 'derived',
  };
}

function reported({ derivation, origins, computed, unread }: LineageColumn | LineageWrite): Omit<ReportedColumn, 'name'> {
  const changed = new Set(computed.map(nameOf));
  return {
    derivation,
    origins: origins.map((origin): ReportedOrigin => ({
      column: nameOf(origin), derivation: changed.has(nameOf(origin)) ? 'derived' : 'direct',
      ...madeOf(origin),
    })).sort(byColumn),
    readsUnknown: unread,
  };
}

function madeOf(column: ColumnRef): Pick<ReportedOrigin, 'generatedFrom'> {
  return column.madeOf === undefined ? {} : { generatedFrom: column.madeOf.map(nameOf).sort() };
}

function writtenName({ into, making }: LineageWrite): string | undefined {
  if (into !== undefined) return nameOf(into);
  return making === undefined ? undefined : `${making.schema}.${making.table}.${making.column}`;
}

function nameOf({ schema, table, column }: ColumnRef): string {
  return `${schema}.${table}.${column}`;
}

function byColumn(left: { readonly column: string }, right: { readonly column: string }): number {
  return left.column < right.column ? -1 : Number(left.column > right.column);
}
