/**
 * Statements that put a probe's session in the state which CATALOG_QUERIES expect: with pg_catalog alone on the search
 * path every name in a view's definition comes out qualified.
 */
export const CATALOG_SESSION: readonly string[] = ['SET search_path TO pg_catalog', 'SET bytea_output TO hex'];

const COLUMNS = `
SELECT a.attrelid::text AS relation, a.attnum::text AS attnum, a.attname::text AS name, a.atttypid::text AS type, a.attnotnull::text AS not_null,
       CASE WHEN a.attgenerated <> '' THEN (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END AS generated,
       EXISTS (SELECT 1 FROM pg_catalog.pg_index i
                WHERE i.indrelid = a.attrelid AND (i.indisunique OR i.indisexclusion)
                  AND (a.attnum = ANY (i.indkey) OR 0 = ANY (i.indkey)))::text AS is_unique
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
   AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%'`;
const COLUMN_ORDER = `
 ORDER BY a.attrelid, a.attnum`;

/**
 * The probes that read a catalog, one result set each, for `catalogFromRows`. They read pg_catalog only, need no
 * privilege beyond CONNECT, and run on PostgreSQL 14 to 18. All columns are cast so that text format is enough.
 */
export const CATALOG_QUERIES = {
  schemas: `
SELECT n.oid::text AS oid, n.nspname::text AS name,
       CASE WHEN n.nspname NOT LIKE 'pg\\_%' AND NOT pg_catalog.has_schema_privilege('public', n.oid, 'USAGE')
            THEN (SELECT coalesce(pg_catalog.array_to_json(pg_catalog.array_agg(r.rolname::text ORDER BY r.rolname))::text, '[]')
                    FROM pg_catalog.pg_roles r WHERE pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')) END AS users
  FROM pg_catalog.pg_namespace n ORDER BY 2`,

  relations: `
SELECT c.oid::text AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
       CASE WHEN c.relkind IN ('i', 'I') THEN (SELECT i.indrelid::text FROM pg_catalog.pg_index i WHERE i.indexrelid = c.oid) END AS index_of,
       EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN')::text AS has_rules,
       CASE WHEN c.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c', 'i', 'I') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%'
 ORDER BY c.oid`,

  columns: `${COLUMNS}${COLUMN_ORDER}`,

  types: `
SELECT t.oid::text AS oid, n.nspname::text AS schema, t.typname::text AS name, t.typtype::text AS kind,
       t.typrelid::text AS relation, CASE WHEN t.typlen = -1 THEN t.typelem ELSE 0 END::text AS element
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
 WHERE n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%'
 ORDER BY t.oid`,

  functions: `
SELECT p.oid::text AS oid, n.nspname::text AS schema, p.proname::text AS name, p.prokind::text AS kind,
       p.proargtypes::text AS argument_types, p.pronargdefaults::text AS defaults, (p.provariadic <> 0)::text AS variadic,
       p.prorettype::text AS return_type, p.proretset::text AS returns_set, p.provolatile::text AS volatility,
       p.prosecdef::text AS security_definer, l.lanname::text AS language,
       pg_catalog.array_to_json(p.proallargtypes::text[])::text AS all_types, pg_catalog.array_to_json(p.proargmodes::text[])::text AS modes,
       pg_catalog.array_to_json(p.proargnames)::text AS names, pg_catalog.array_to_json(p.proconfig)::text AS configuration,
       CASE WHEN n.nspname NOT IN ('pg_catalog', 'information_schema') AND l.lanname NOT IN ('c', 'internal')
            THEN coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) END AS body
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
 WHERE n.nspname NOT LIKE 'pg\\_temp\\_%'
 ORDER BY p.oid`,

  operators: `
SELECT n.nspname::text AS schema, o.oprname::text AS name, fn.nspname::text AS function_schema, f.proname::text AS function_name
  FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
  JOIN pg_catalog.pg_proc f ON f.oid = o.oprcode JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
 WHERE n.nspname <> 'pg_catalog'
 ORDER BY o.oid`,

  ties: `
SELECT c.contype::text AS kind, c.conrelid::text AS relation, pg_catalog.array_to_json(c.conkey)::text AS columns,
       c.confrelid::text AS referred, pg_catalog.array_to_json(c.confkey)::text AS referred_columns
  FROM pg_catalog.pg_constraint c
 WHERE c.conrelid <> 0 AND (c.contype = 'f' OR (c.contype IN ('c', 'p', 'u', 'x') AND pg_catalog.cardinality(c.conkey) > 1))
 ORDER BY c.oid`,

  inheritance: `SELECT inhrelid::text AS child, inhparent::text AS parent FROM pg_catalog.pg_inherits ORDER BY 1, 2`,
} as const;

/** The name of one probe of CATALOG_QUERIES. */
export type CatalogQuery = keyof typeof CATALOG_QUERIES;

/** Up to where a reading has seen everything, in `horizon`: every transaction before it had ended. Asked in the same transaction as the reading. */
export const CATALOG_HORIZON = 'SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text AS horizon';

/** Which relations' columns have to be read again after a reading of that horizon, and those columns. */
export interface ColumnProbes {
  readonly touched: string;
  readonly columns: string;
}

/**
 * Columns make up most of a catalog, and a change mostly touches those of few relations. Whatever committed after the horizon has written rows of
 * pg_attribute or pg_index whose xmin is not before it; a dropped column leaves its row. Only a dropped index leaves none: see {@link isColumnsLost}.
 * Ages are compared, so the numbers may wrap; rows too old to be compared count as new.
 *
 * @throws Error when the horizon is no transaction number: a fault, not an answer.
 */
export function columnsSince(horizon: string): ColumnProbes {
  if (!/^[0-9]{1,20}$/.test(horizon)) throw new Error('a catalog horizon is not a transaction number');
  const age = `pg_catalog.age('${BigInt.asUintN(32, BigInt(horizon))}'::pg_catalog.xid)`;
  const touched = `SELECT a.attrelid AS relation FROM pg_catalog.pg_attribute a WHERE a.attnum > 0 AND pg_catalog.age(a.xmin) <= ${age}
 UNION SELECT i.indrelid FROM pg_catalog.pg_index i WHERE pg_catalog.age(i.xmin) <= ${age}`;
  return {
    touched: `SELECT t.relation::text AS relation FROM (${touched}) t ORDER BY t.relation`,
    columns: `${COLUMNS} AND a.attrelid IN (${touched})${COLUMN_ORDER}`,
  };
}
