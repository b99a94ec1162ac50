import { CATALOG_QUERIES, catalogFromRows, type Catalog, type CatalogRow, type CatalogRows } from '@interlock/language-postgres';

/** What a catalog is taken to hold: columns by table, and functions. Names of schemas come first. */
export interface Assumed {
  readonly tables: ReadonlyMap<string, { readonly schema: string; readonly name: string; readonly columns: ReadonlySet<string> }>;
  readonly functions: ReadonlyMap<string, { readonly schema: string; readonly name: string }>;
}

const TEXT_TYPE = '25';
/** "any", as the last of any number of arguments. */
const ANY_TYPE = '2276';
/** Of schemas nothing hangs on it; no object has it. */
const NO_OID = '0';
const FIRST_TABLE_OID = 100_000;
const FIRST_FUNCTION_OID = 200_000;

/** A catalog of nothing but what is assumed: plain tables, and functions that take anything. */
export function assumedCatalog({ tables, functions }: Assumed): Catalog {
  const empty = Object.fromEntries(Object.keys(CATALOG_QUERIES).map((query) => [query, []])) as unknown as CatalogRows;
  const named = [...tables.values()].map((table, index) => ({ ...table, oid: String(FIRST_TABLE_OID + index) }));
  return catalogFromRows({
    ...empty,
    schemas: [...new Set(['pg_catalog', 'public', ...named.map(({ schema }) => schema)])].map((name) => ({ oid: NO_OID, name })),
    relations: named.map(({ oid, schema, name }): CatalogRow => ({ oid, schema, name, kind: 'r', has_rules: 'false', definition: null })),
    columns: named.flatMap(({ oid, columns }) => [...columns].map((name, index): CatalogRow => ({ relation: oid, attnum: String(index + 1), name, type: TEXT_TYPE, not_null: 'false', is_unique: 'false' }))),
    functions: [...functions.values()].map(({ schema, name }, index): CatalogRow => ({
      oid: String(FIRST_FUNCTION_OID + index), schema, name, kind: 'f', argument_types: ANY_TYPE, variadic: 'true', defaults: '0', return_type: TEXT_TYPE, returns_set: 'false', volatility: 's',
      language: 'internal', security_definer: 'false', all_types: null, modes: null, names: null, configuration: null, body: null,
    })),
  });
}
