import type { ObjectChanges } from '@interlock/contracts';
import type { CatalogRow } from './catalog/rows.js';

/**
 * What the connection that asks has changed, by table, in its transaction and in those before that the server has not added up yet:
 * rows changed by cascades, triggers and functions among them, and those of undone savepoints too. Two answers of one transaction are told apart
 * by {@link changesBetween}. Everything is named in full: the search path is a client's.
 */
export const CHANGES_QUERY = `SELECT relid::pg_catalog.text AS relation, schemaname::pg_catalog.text AS schema, relname::pg_catalog.text AS name, n_tup_ins::pg_catalog.text AS inserted, n_tup_upd::pg_catalog.text AS updated,
       n_tup_del::pg_catalog.text AS deleted, pg_catalog.current_setting('track_counts') AS counts
  FROM pg_catalog.pg_stat_xact_all_tables
 WHERE (n_tup_ins OPERATOR(pg_catalog.+) n_tup_upd OPERATOR(pg_catalog.+) n_tup_del) OPERATOR(pg_catalog.>) 0::pg_catalog.int8
    OR relid OPERATOR(pg_catalog.=) 1262::pg_catalog.oid
 ORDER BY 2, 3`;

const COUNTS = ['inserted', 'updated', 'deleted'] as const;
/** Where the server keeps long values of a row: they are counted with their row. */
const TOAST = 'pg_toast';

/** What changed between two answers to {@link CHANGES_QUERY}; undefined where the server does not count, or the answers are none. */
export function changesBetween(before: readonly CatalogRow[], after: readonly CatalogRow[]): ObjectChanges[] | undefined {
  if (![before, after].every((rows) => rows.length > 0 && rows.every((row) => row['counts'] === 'on'))) return undefined;
  const earlier = new Map(before.map((row) => [row['relation'], row]));
  const changes: ObjectChanges[] = [];
  for (const row of after) {
    if (row['schema'] === TOAST) continue;
    const [inserted = Number.NaN, updated = Number.NaN, deleted = Number.NaN] = COUNTS.map((what) => Number(row[what]) - Number(earlier.get(row['relation'])?.[what] ?? 0));
    if (![inserted, updated, deleted].every((count) => Number.isSafeInteger(count) && count >= 0)) return undefined;
    if (inserted + updated + deleted > 0) changes.push({ object: `${row['schema'] ?? ''}.${row['name'] ?? ''}`, inserted, updated, deleted });
  }
  return changes;
}

/**
 * What else runs when rows of these tables change: triggers, rules, foreign tables and volatile functions in checks and policies, of the tables themselves, of
 * their partitions and heirs, and of those that a cascade reaches. A row each: `kind`, `name`, `relation`.
 *
 * @throws Error when an oid is none: a fault, not an answer.
 */
export function companionsQuery(oids: readonly number[]): string {
  if (oids.length === 0 || !oids.every((oid) => Number.isSafeInteger(oid) && oid > 0)) throw new Error('a relation is not told by its oid');
  return `WITH RECURSIVE touched(oid) AS (
  SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid IN (${oids.join(', ')})
  UNION SELECT e.child FROM touched t JOIN (
    SELECT inhparent AS parent, inhrelid AS child FROM pg_catalog.pg_inherits
    UNION ALL SELECT confrelid, conrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('c', 'n', 'd'))) e ON e.parent = t.oid)
SELECT found.kind, found.name, t.oid::pg_catalog.regclass::pg_catalog.text AS relation FROM touched t JOIN (
  SELECT 'trigger' AS kind, tgname::pg_catalog.text AS name, tgrelid AS oid FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')
  UNION ALL SELECT 'rule', rulename::pg_catalog.text, ev_class FROM pg_catalog.pg_rewrite WHERE rulename <> '_RETURN'
  UNION ALL SELECT 'foreign table', relname::pg_catalog.text, oid FROM pg_catalog.pg_class WHERE relkind = 'f'
  UNION ALL SELECT 'default', conname::pg_catalog.text, conrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND (confdeltype = 'd' OR confupdtype = 'd')
  UNION ALL SELECT 'function', p.proname::pg_catalog.text, coalesce(c.conrelid, o.polrelid) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid
       LEFT JOIN pg_catalog.pg_constraint c ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND c.oid = d.objid
       LEFT JOIN pg_catalog.pg_policy o ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND o.oid = d.objid
     WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.provolatile = 'v') found ON found.oid = t.oid
 ORDER BY 1, 3, 2`;
}
