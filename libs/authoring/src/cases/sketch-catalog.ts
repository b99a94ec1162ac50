import type { CatalogSketch } from '@interlock/contracts';
import { catalogFromRows, type Catalog, type CatalogRow, type CatalogRows } from '@interlock/language-postgres';

const TEXT = '25';
const ANY = '2276';
const FIRST_OID = 20_000;
/** Of schemas nothing hangs on it; no object has it. */
const NO_OID = '0';

const NOTHING: CatalogSketch = { searchPath: ['public'], tables: {}, views: {}, functions: {} };

/**
 * A catalog as a connector would read it, made of a sketch. Columns are taken to be text; `assumed` are functions that no sketch
 * names and that are taken to be stable ones of PostgreSQL's own.
 */
export function catalogOf(sketch: CatalogSketch = NOTHING, assumed: readonly string[] = []): Catalog {
  const relations = [
    ...Object.entries(sketch.tables).map(([name, columns]) => ({ name, kind: 'r', columns, definition: null })),
    ...Object.entries(sketch.views).map(([name, { columns, query }]) => ({ name, kind: 'v', columns, definition: query })),
  ].map((relation, index) => ({ ...relation, oid: String(FIRST_OID + index) }));
  const functions = [...Object.entries(sketch.functions), ...assumed.map((name) => [`pg_catalog.${name}`, 'stable'] as const)];
  const rows: CatalogRows = {
    schemas: [...new Set(['pg_catalog', ...sketch.searchPath, ...[...relations.map(({ name }) => name), ...functions.map(([name]) => name)].map((name) => name.split('.')[0]!)])].map((name) => ({ oid: NO_OID, name })),
    relations: relations.map(({ oid, name, kind, definition }) => ({ oid, ...placed(name), kind, has_rules: 'false', definition })),
    columns: relations.flatMap(({ oid, columns }) => columns.map((name, index) => ({ relation: oid, attnum: String(index + 1), name, type: TEXT, not_null: 'false', is_unique: 'false' }))),
    types: [{ oid: TEXT, schema: 'pg_catalog', name: 'text', kind: 'b', relation: '0', element: '0' }],
    functions: functions.flatMap(([name, volatility], index) => ['', ANY].map((types, overload) => functionRow(name, volatility, types, FIRST_OID + relations.length + 2 * index + overload))),
    operators: [],
    inheritance: [],
  };
  return catalogFromRows(rows);
}

/** Taken with any arguments: overloads are not told apart by type. */
function functionRow(name: string, volatility: CatalogSketch['functions'][string], types: string, oid: number): CatalogRow {
  return {
    oid: String(oid), ...placed(name), kind: 'f', argument_types: types, defaults: '0', variadic: String(types === ANY), return_type: TEXT, returns_set: 'false',
    volatility: volatility[0]!, security_definer: 'false', language: 'internal', all_types: null, modes: null, names: null, configuration: null, body: null,
  };
}

function placed(name: string): { readonly schema: string; readonly name: string } {
  const [schema = '', ...rest] = name.split('.');
  return { schema, name: rest.join('.') };
}
