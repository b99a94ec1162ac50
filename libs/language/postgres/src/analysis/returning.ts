import { as, type Content } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import type { RelationUse } from './notes.js';
import { itemOf, tableOfUse } from './relations.js';
import { innerScope, sideBySide, type FromItem, type Scope, type ScopeTable } from './scope.js';
import { targetList } from './targets.js';
import type { Field } from './value.js';

/**
 * RETURNING gives rows of the target back: that is a read of it, with an access of its own. Beside the table's own name
 * PostgreSQL 18 knows `old` and `new`, or what WITH (OLD AS …) calls them.
 */
export function returning(
  a: Analyst, clause: Content<'ReturningClause'> | undefined, written: RelationUse, alias: Content<'Alias'> | undefined, scope: Scope, others: FromItem,
): Field[] {
  if (clause?.exprs === undefined) return [];
  const { schema, name, relation } = written;
  const table = tableOfUse(a.notes.use('select', { schema, name, relation }), alias);
  const versions = versionNames(a, clause).map((version): ScopeTable => ({ ...table, alias: version }));
  const item = sideBySide([itemOf(table), others]);
  return targetList(a, clause.exprs, innerScope(scope, { tables: [...item.tables, ...versions], columns: item.columns }));
}

function versionNames(a: Analyst, clause: Content<'ReturningClause'>): string[] {
  const given = (clause.options ?? []).map((node) => as(node, 'ReturningOption')).filter((option) => option !== undefined);
  for (const option of given) a.notes.visit(option);
  const named = given.map((option) => option.value ?? '');
  const kinds = new Set(given.map((option) => option.option));
  return [...named, ...(kinds.has('RETURNING_OPTION_OLD') ? [] : ['old']), ...(kinds.has('RETURNING_OPTION_NEW') ? [] : ['new'])];
}
