import { as, strings, type Content, type Node } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { literalText } from './named-objects.js';

/**
 * The setting whose row a query is bound to: `SELECT set_config(name, …) FROM pg_settings WHERE name = '…'`, by which pg_dump sets what
 * not every server knows. Undefined for anything that is not exactly this.
 */
export function pinnedSetting(a: Analyst, { fromClause, whereClause }: Content<'SelectStmt'>): string | undefined {
  const comparison = as(whereClause, 'A_Expr');
  if (comparison === undefined || fromClause?.length !== 1 || !isSettings(a, as(fromClause[0], 'RangeVar'))) return undefined;
  const isEquality = comparison.kind === 'AEXPR_OP' && strings(comparison.name).join('.') === '=' && a.catalog.operators('=', a.path).length === 0;
  return isEquality && isNameColumn(comparison.lexpr) ? literalText(a.notes, comparison.rexpr) : undefined;
}

function isSettings(a: Analyst, range: Content<'RangeVar'> | undefined): boolean {
  if (range?.relname !== 'pg_settings' || range.alias !== undefined) return false;
  const relation = range.schemaname === undefined ? a.catalog.visibleRelation(range.relname, a.path) : a.catalog.relation(range.schemaname, range.relname);
  return relation?.schema === 'pg_catalog';
}

/** Whether a node is the column `name`, unqualified. */
export function isNameColumn(node: Node | undefined): boolean {
  return strings(as(node, 'ColumnRef')?.fields).join('.') === 'name';
}
