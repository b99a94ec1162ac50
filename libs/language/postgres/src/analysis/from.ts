import { as, strings, tagOf, type Content, type Node } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { join } from './joins.js';
import { itemOf, relationEntry } from './relations.js';
import { functionInFrom, jsonTable, xmlTable } from './table-functions.js';
import { findCte, innerScope, sideBySide, type Before, type FromItem, type Scope, type ScopeColumn, type ScopeTable } from './scope.js';
import type { Field } from './value.js';

const NO_MARKS: ScopeColumn['marks'] = [];
const NOTHING: FromItem = { tables: [], columns: [] };

/** A FROM list: entries side by side; lateral ones see those before them. */
export function fromList(a: Analyst, nodes: readonly Node[], scope: Scope): FromItem {
  const items: FromItem[] = [];
  for (const node of nodes) {
    const item = fromItem(a, node, scope, () => seen(a, sideBySide(items)));
    items.push(seen(a, item));
  }
  return sideBySide(items);
}

function seen(a: Analyst, item: FromItem): FromItem {
  a.notes.look(item.columns.length + item.tables.length);
  return item;
}

export function fromItem(a: Analyst, node: Node, scope: Scope, before: Before): FromItem {
  const content = (node as Record<string, object>)[tagOf(node)];
  if (content !== undefined) a.notes.visit(content);
  if (a.notes.exhausted) return NOTHING;
  const range = as(node, 'RangeVar');
  if (range !== undefined) return rangeVar(a, range, scope);
  const subselect = as(node, 'RangeSubselect');
  if (subselect !== undefined) return derivedTable(a, subselect, scope, before);
  const joined = as(node, 'JoinExpr');
  if (joined !== undefined) return join(a, joined, scope, before, fromItem);
  return tableFunction(a, node, scope, before);
}

function tableFunction(a: Analyst, node: Node, scope: Scope, before: Before): FromItem {
  const sample = as(node, 'RangeTableSample');
  if (sample?.relation !== undefined) return sampled(a, sample, scope, before);
  const lateral = innerScope(scope, before());
  const called = as(node, 'RangeFunction');
  if (called !== undefined) return itemOf(functionInFrom(a, called, lateral));
  const xml = as(node, 'RangeTableFunc');
  if (xml !== undefined) return itemOf(xmlTable(a, xml, lateral));
  const json = as(node, 'JsonTable');
  if (json !== undefined) return itemOf(jsonTable(a, json, lateral));
  a.notes.refuse(`the FROM entry ${tagOf(node)}`);
  return NOTHING;
}

function sampled(a: Analyst, node: Content<'RangeTableSample'>, scope: Scope, before: Before): FromItem {
  for (const argument of [...(node.args ?? []), ...(node.repeatable === undefined ? [] : [node.repeatable])]) a.notes.shape(a.expression(argument, scope), 'TABLESAMPLE');
  return node.relation === undefined ? NOTHING : fromItem(a, node.relation, scope, before);
}

/** A table, a view, or a WITH query: the latter wins over any relation when the name is not qualified. */
function rangeVar(a: Analyst, range: Content<'RangeVar'>, scope: Scope): FromItem {
  const binding = range.schemaname === undefined ? findCte(a.notes, scope, range.relname) : undefined;
  if (binding === undefined) return itemOf(relationEntry(a, range, 'select').table);
  const columns = binding.columns();
  a.notes.refer(binding);
  if (columns === undefined) a.notes.loseLineage(`the columns of ${binding.name} are not known where it refers to itself`);
  return itemOf(plainTable(columns ?? [], range.alias, binding.name, columns === undefined));
}

function derivedTable(a: Analyst, node: Content<'RangeSubselect'>, scope: Scope, before: Before): FromItem {
  if (node.subquery === undefined) return NOTHING;
  const visible = node.lateral === true ? innerScope(scope, before()) : scope;
  const { columns } = a.query(node.subquery, innerScope(visible, NOTHING));
  for (const column of columns) a.notes.evaluate(column.value);
  return itemOf(plainTable(columns, node.alias, '', false));
}

function plainTable(fields: readonly Field[], alias: Content<'Alias'> | undefined, name: string, unknown: boolean): ScopeTable {
  const names = strings(alias?.colnames);
  const columns = fields.map(({ name: own, value }, index): ScopeColumn => ({ name: names[index] ?? own, value, marks: NO_MARKS }));
  return { alias: alias?.aliasname ?? name, columns, ...(unknown ? { unknown: true } : {}) };
}
