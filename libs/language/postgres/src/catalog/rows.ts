import { digestOf } from '@interlock/kernel';
import type { Catalog, CatalogColumn, CatalogFunction, CatalogOperator, CatalogRelation, CatalogType, RelationKind } from './model.js';
import { buildCatalog } from './build.js';
import { tiesOf } from './ties.js';
import type { CatalogQuery } from './queries.js';

/** One row of a probe in text format: column name to text, null for SQL NULL. */
export type CatalogRow = Readonly<Record<string, string | null>>;

/** The answers to CATALOG_QUERIES; without those to `ties` no column is tied to another. */
export type CatalogRows = Readonly<Record<Exclude<CatalogQuery, 'ties'>, readonly CatalogRow[]>> & { readonly ties?: readonly CatalogRow[] };

/** What a catalog is read on top of, where only some relations' columns were read again. */
export interface CatalogSince {
  readonly before: Catalog;
  /** Answer to `columnsSince(…).touched`: all other relations have the columns that they had. */
  readonly touched: readonly CatalogRow[];
  /** Names the answers: what was read differs where this does. */
  readonly answers: string;
}

/** Whether an index is gone whose table is not: nothing that is left tells that the table's columns have changed (their uniqueness), so all are to be read. */
export function isColumnsLost(before: Catalog, after: Catalog): boolean {
  for (const [index, table] of before.indexes) if (after.indexes.get(index) !== table && after.relationByOid(table) !== undefined) return true;
  return false;
}

/**
 * Builds a catalog from the probes' rows. Pure; some 40 ms for an ordinary database. With `since`, `rows.columns` holds those of touched relations alone.
 * `before`: an earlier catalog of the same database, from which columns keep the names that they had.
 *
 * @throws Error when a row lacks a column or holds something that the probes cannot give: a fault, not an answer.
 */
export function catalogFromRows(rows: CatalogRows, since?: CatalogSince, before = since?.before): Catalog {
  const relations = relationsOf(rows, since, before);
  return buildCatalog({
    version: since === undefined ? digestOf(rows as never) : digestOf([since.before.version, since.answers]),
    indexes: new Map(rows.relations.filter((row) => typeof row['index_of'] === 'string').map((row) => [number(row, 'oid'), number(row, 'index_of')])),
    schemas: rows.schemas.map((row) => [text(row, 'name'), number(row, 'oid')] as const),
    schemaUsers: new Map(rows.schemas.filter(({ users }) => typeof users === 'string').map((row) => [text(row, 'name'), new Set(list(row, 'users'))])),
    relations,
    types: rows.types.map(typeOf),
    functions: rows.functions.map(functionOf),
    operators: rows.operators.map(operatorOf),
    ties: (rows.ties ?? []).flatMap(tiesOf),
    inheritance: rows.inheritance.map((row) => ({ child: number(row, 'child'), parent: number(row, 'parent') })),
  });
}

const RELATION_KINDS: Readonly<Record<string, RelationKind>> = {
  r: 'table', p: 'partitioned_table', f: 'foreign_table', v: 'view', m: 'materialized_view', S: 'sequence', c: 'composite_type', i: 'index', I: 'index', t: 'toast_table',
};
const TYPE_KINDS: Readonly<Record<string, CatalogType['kind']>> = {
  b: 'base', c: 'composite', d: 'domain', e: 'enum', m: 'multirange', p: 'pseudo', r: 'range',
};
const FUNCTION_KINDS: Readonly<Record<string, CatalogFunction['kind']>> = { f: 'function', p: 'procedure', a: 'aggregate', w: 'window' };
const VOLATILITIES: Readonly<Record<string, CatalogFunction['volatility']>> = { i: 'immutable', s: 'stable', v: 'volatile' };

/** A relation while it is being put together. */
interface Draft extends Omit<CatalogRelation, 'lost'> {
  lost?: true;
}

function relationsOf(rows: CatalogRows, since: CatalogSince | undefined, before: Catalog | undefined): CatalogRelation[] {
  const touched = new Set(since?.touched.map((row) => number(row, 'relation')));
  const columns = new Map<number, CatalogColumn[]>();
  const relations = rows.relations.map((row): Draft => {
    const oid = number(row, 'oid');
    const own: CatalogColumn[] = [];
    columns.set(oid, own);
    return {
      oid, schema: text(row, 'schema'), name: text(row, 'name'), kind: member(RELATION_KINDS, row, 'kind'),
      columns: own, definition: row['definition'] ?? undefined, hasRules: flag(row, 'has_rules'),
    };
  });
  const byOid = new Map(relations.map((relation) => [relation.oid, relation]));
  for (const row of rows.columns) {
    const relation = byOid.get(number(row, 'relation'));
    if (relation !== undefined) columns.get(relation.oid)?.push(stillKnown(columnOf(row, relation), before?.relationByOid(relation.oid)));
  }
  for (const relation of since === undefined ? [] : relations) {
    const known = touched.has(relation.oid) ? undefined : since?.before.relationByOid(relation.oid);
    for (const column of known?.columns ?? []) columns.get(relation.oid)?.push(stillKnown({ ...column, relation }, known));
  }
  for (const relation of relations) if (relation.columns.some(({ formerly = [] }) => formerly.length > FORMER_NAMES)) relation.lost = true;
  return relations;
}

/** A column with the names that it had in an earlier catalog: a rename makes it no other column. */
function stillKnown(column: CatalogColumn, before: CatalogRelation | undefined): CatalogColumn {
  const [guess] = before?.columns.slice(column.attnum - 1, column.attnum) ?? [];
  const known = guess?.attnum === column.attnum ? guess : before?.columns.find((one) => one.attnum === column.attnum);
  if (known === undefined || before === undefined) return column;
  const isSame = known.name === column.name && before.name === column.relation.name && before.schema === column.relation.schema;
  if (isSame && known.formerly === undefined) return column;
  const last = { schema: before.schema, table: before.name, column: known.name };
  const names = known.formerly ?? [];
  const isKept = isSame || names.some((name) => name.schema === last.schema && name.table === last.table && name.column === last.column);
  return { ...column, formerly: isKept ? names : [...names, last] };
}

/** A column with more former names than this makes its relation lost: renaming again and again must not fill the memory, nor push a name out. */
const FORMER_NAMES = 64;

function columnOf(row: CatalogRow, relation: CatalogRelation): CatalogColumn {
  const generated = row['generated'] ?? undefined;
  return {
    relation, name: text(row, 'name'), attnum: number(row, 'attnum'), typeOid: number(row, 'type'),
    notNull: flag(row, 'not_null'), unique: flag(row, 'is_unique'),
    ...(generated === undefined ? {} : { generated }),
  };
}

function typeOf(row: CatalogRow): CatalogType {
  return {
    oid: number(row, 'oid'), schema: text(row, 'schema'), name: text(row, 'name'), kind: member(TYPE_KINDS, row, 'kind'),
    relationOid: number(row, 'relation'), elementOid: number(row, 'element'),
  };
}

function functionOf(row: CatalogRow): CatalogFunction {
  const names = list(row, 'names');
  const modes = list(row, 'modes');
  const allTypes = list(row, 'all_types').map(Number);
  return {
    oid: number(row, 'oid'), schema: text(row, 'schema'), name: text(row, 'name'), kind: member(FUNCTION_KINDS, row, 'kind'),
    argumentTypes: text(row, 'argument_types').split(' ').filter((oid) => oid !== '').map(Number),
    argumentNames: modes.length === 0 ? names : names.filter((_, index) => 'ibv'.includes(modes[index] ?? 'i')),
    defaults: number(row, 'defaults'), variadic: flag(row, 'variadic'),
    returnType: number(row, 'return_type'), returnsSet: flag(row, 'returns_set'),
    outColumns: allTypes.map((typeOid, index) => ({ name: names[index] ?? '', typeOid, mode: modes[index] ?? 'i' }))
      .filter(({ mode }) => 'obt'.includes(mode)).map(({ name, typeOid }) => ({ name, typeOid })),
    volatility: member(VOLATILITIES, row, 'volatility'), language: text(row, 'language'),
    securityDefiner: flag(row, 'security_definer'), body: row['body'] ?? undefined,
    searchPath: list(row, 'configuration').find((setting) => setting.startsWith('search_path='))?.slice('search_path='.length),
  };
}

function operatorOf(row: CatalogRow): CatalogOperator {
  return {
    schema: text(row, 'schema'), name: text(row, 'name'),
    functionSchema: text(row, 'function_schema'), functionName: text(row, 'function_name'),
  };
}

function text(row: CatalogRow, column: string): string {
  const value = row[column];
  if (value === undefined || value === null) throw new Error(`a catalog row has no ${column}`);
  return value;
}

function number(row: CatalogRow, column: string): number {
  const value = Number(text(row, column));
  if (!Number.isSafeInteger(value)) throw new Error(`a catalog row's ${column} is not a number`);
  return value;
}

function flag(row: CatalogRow, column: string): boolean {
  const value = text(row, column);
  return value === 'true' || value === 't';
}

/** A JSON array of texts; SQL NULL stands for none. */
function list(row: CatalogRow, column: string): string[] {
  const value = row[column];
  return value === undefined || value === null ? [] : (JSON.parse(value) as (string | null)[]).map((item) => item ?? '');
}

function member<T>(names: Readonly<Record<string, T>>, row: CatalogRow, column: string): T {
  const value = names[text(row, column)];
  if (value === undefined) throw new Error(`a catalog row has the unknown ${column} ${text(row, column)}`);
  return value;
}
