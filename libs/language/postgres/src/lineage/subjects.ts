import { accepted, refused, type Outcome, type Refusal } from '@interlock/kernel';
import type { Catalog } from '../catalog/model.js';
import type { Interpretation } from '../interpret.js';
import type { ColumnRef, Lineage } from './lineage.js';
import { followed } from './maskable.js';

/** A column of a table whose values say of whom a row is: a subject, mostly a person. */
export interface SubjectColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** Whose rows an answer shows. */
export interface SubjectsShown {
  /** The columns of the answer, from 0, that hold subjects as they are stored, and where. */
  readonly columns: readonly { readonly index: number; readonly of: SubjectColumn }[];
  /** How many columns the answer has. */
  readonly width: number;
  /** Whether the statement has to do with a table of subjects in any way. */
  readonly touches: boolean;
}

/**
 * Whose rows a statement's answer shows, so that they can be counted before they are. Whatever depends on what stands in the row of a subject must show every
 * subject column of it, as it is stored, and each row of the answer must be of one row of that table; else refused with `subjects_not_counted`.
 *
 * Each table is read once, by a FROM of the statement itself, and no rows are put together: so what is made of a table's row stands beside the subject of the
 * very same row. What looks at no column of it (`count(*)` of all of them) shows nobody.
 */
export function subjectsShown(meaning: Interpretation, subjects: readonly SubjectColumn[], catalog: Catalog): Outcome<SubjectsShown> {
  const known = followed(meaning);
  if (!known.ok) return notCounted(known.refusal.detail, known.refusal.hint);
  if (meaning.effects.prepares) return accepted({ columns: [], width: 0, touches: false });
  // A cursor is judged by what FETCH will show.
  const declared = meaning.effects.declaresCursor?.lineage;
  const lineage = declared?.ok ? declared.value : known.value;
  const tables = subjects.map((subject) => ({ subject, name: `${subject.schema}.${subject.table}`, oids: familyOf(catalog, subject) }));
  for (const table of tables) {
    const hindrance = changeOf(lineage, table) ?? (looksAt(lineage, table) ? (traceOf(meaning, table) ?? mixOf(lineage, table, subjects)) : undefined);
    if (hindrance) return hindrance;
  }
  const columns = declared ? [] : lineage.columns.flatMap((column, index) => subjects.filter((subject) => shows(column, subject, subjects)).slice(0, 1).map((of) => ({ index, of })));
  if (columns.length > 0 && meaning.effects.copy?.format === 'binary') return notCounted('binary data of COPY does not say of which type it is', 'Copy in text or CSV format.');
  return accepted({ columns, width: lineage.columns.length, touches: tables.some((table) => timesRead(lineage, table) > 0 || looksAt(lineage, table)) });
}

/** A table of subjects, with its parents, children and partitions: a row of one is a row of the other. */
interface SubjectTable {
  readonly subject: SubjectColumn;
  readonly name: string;
  readonly oids: ReadonlySet<number>;
}

function familyOf(catalog: Catalog, { schema, table }: SubjectColumn): ReadonlySet<number> {
  const relation = catalog.relation(schema, table);
  return new Set(relation ? [relation, ...catalog.ancestors(relation), ...catalog.descendants(relation)].map(({ oid }) => oid) : []);
}

/** Whose a row is may not change under it. */
function changeOf(lineage: Lineage, table: SubjectTable): Hindrance | undefined {
  const { name, subject } = table;
  if (lineage.altered.some((one) => isOf(one, table))) return notCounted(`it changes columns of ${name}`, 'Have someone change them whom no such budget covers.');
  if (lineage.writes.some(({ into, replaces }) => replaces && into !== undefined && isThe(into, subject))) return notCounted(`it changes ${name}.${subject.column}, which says whose a row is`, 'Leave that column as it is.');
  return undefined;
}

/** A row of the answer has to be of one row of the table, and to show whose that is. */
function mixOf(lineage: Lineage, table: SubjectTable, subjects: readonly SubjectColumn[]): Hindrance | undefined {
  const { name, subject } = table;
  const column = `${name}.${subject.column}`;
  if (lineage.mixesRows) {
    return notCounted(`it reads ${name}, and makes one row of several`, `Select ${column} and what you need of it row by row, without aggregates, windows, grouping sets and WITH queries that are named twice.`);
  }
  if (timesRead(lineage, table) > 1) return notCounted(`it reads ${name} more than once, in a subquery of an expression or in a function`, 'Name that table once, in a FROM.');
  if (lineage.columns.some((one) => shows(one, subject, subjects))) return undefined;
  return notCounted(`it does not show ${column} of the rows of ${name} that it looks at`, `Select the column ${column} too, as it is; in a change, return it (RETURNING).`);
}

/** What outlives the answer could tell of those whose rows it did not come to: other tables, files, locks, and whatever a volatile function keeps. */
function traceOf({ accesses, facts }: Interpretation, { name, subject }: SubjectTable): Hindrance | undefined {
  const isOwnChange = ({ verb, object: { path } }: Interpretation['accesses'][number]): boolean => ROW_CHANGES.has(verb) && path[1] === subject.schema && path[2] === subject.table;
  if (accesses.some((access) => access.duty !== 'read' && !isOwnChange(access))) return notCounted(`it changes or locks something by what stands in ${name}`, `Read ${name}.${subject.column} with what you need of it, and then write that.`);
  const volatile = facts['volatileFunctions'];
  return Array.isArray(volatile) && volatile.length > 0 ? notCounted(`it reads ${name} and calls ${String(volatile[0])}, which may keep something of each row`, 'Call no volatile functions where you read that table.') : undefined;
}

const ROW_CHANGES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge']);

/** As it is stored, and nothing else in the same column that is no subject. */
function shows({ derivation, origins }: Lineage['columns'][number], subject: SubjectColumn, subjects: readonly SubjectColumn[]): boolean {
  return derivation === 'direct' && origins.some((origin) => isThe(origin, subject)) && origins.every((origin) => subjects.some((one) => isThe(origin, one)));
}

function looksAt({ columns, shaping, evaluated, writes }: Lineage, table: SubjectTable): boolean {
  const looked = [...columns.flatMap(({ origins }) => origins), ...shaping, ...evaluated, ...writes.flatMap(({ origins }) => origins)];
  return looked.some((column) => isOf(column, table));
}

function timesRead({ reads }: Lineage, { name }: SubjectTable): number {
  return reads.get(name) ?? 0;
}

/** The column, or one of a partition, a parent or a view that shares its values. */
function isThe(ref: ColumnRef, { schema, table, column }: SubjectColumn): boolean {
  return [ref, ...ref.alike].some((one) => one.schema === schema && one.table === table && one.column === column);
}

function isOf(ref: ColumnRef, { oids }: SubjectTable): boolean {
  return oids.has(ref.oid) || ref.alike.some(({ oid }) => oids.has(oid));
}

type Hindrance = { readonly ok: false; readonly refusal: Refusal };

function notCounted(why: string, hint?: string): Hindrance {
  const detail = `a budget counts the different subjects that are shown, and of whom this statement shows something cannot be counted, because ${why}.`;
  return refused('subjects_not_counted', detail, hint === undefined ? {} : { hint });
}
