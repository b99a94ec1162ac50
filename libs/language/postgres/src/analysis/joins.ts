import { strings, type Content, type Node } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { innerScope, read, sideBySide, type Before, type FromItem, type Scope, type ScopeColumn } from './scope.js';
import { CONSTANT, oneOf } from './value.js';

type FromEntry = (a: Analyst, node: Node, scope: Scope, before: Before) => FromItem;

const NOTHING: FromItem = { tables: [], columns: [] };

/** A JOIN: its condition shapes the rows, its right side sees the left one when lateral. */
export function join(a: Analyst, node: Content<'JoinExpr'>, scope: Scope, before: Before, entry: FromEntry): FromItem {
  const left = node.larg === undefined ? NOTHING : entry(a, node.larg, scope, before);
  const right = node.rarg === undefined ? NOTHING : entry(a, node.rarg, scope, () => counted(a, sideBySide([before(), left])));
  if (a.notes.exhausted) return NOTHING;
  const both = sideBySide([left, right]);
  counted(a, both);
  if (a.notes.exhausted) return NOTHING;
  const merged = mergedColumns(a, mergedNames(node, left, right), both.columns);
  if (node.quals !== undefined) a.notes.shape(a.expression(node.quals, innerScope(scope, both)), 'JOIN');
  if (joinsUnknown(node, both)) a.notes.loseLineage('a NATURAL or USING join meets columns that are not known');
  const names = new Set(merged.map(({ name }) => name));
  const columns = merged.length === 0 ? both.columns : [...merged, ...both.columns.filter(({ name }) => !names.has(name))];
  return named(node, { tables: both.tables, columns }, merged);
}

function counted(a: Analyst, item: FromItem): FromItem {
  a.notes.look(item.columns.length + item.tables.length);
  return item;
}

function mergedNames(node: Content<'JoinExpr'>, left: FromItem, right: FromItem): string[] {
  if (node.isNatural !== true) return strings(node.usingClause);
  const names = new Set(right.columns.map((column) => column.name));
  return [...new Set(left.columns.map((column) => column.name))].filter((name) => names.has(name));
}

function joinsUnknown(node: Content<'JoinExpr'>, both: FromItem): boolean {
  return (node.isNatural === true || node.usingClause !== undefined) && both.tables.some((table) => table.unknown !== undefined);
}

/** The columns that stand for both sides' equal ones. Which side's value one shows depends on the kind of join. */
function mergedColumns(a: Analyst, names: readonly string[], columns: readonly ScopeColumn[]): ScopeColumn[] {
  const byName = new Map(names.map((name): [string, ScopeColumn[]] => [name, []]));
  for (const column of columns) byName.get(column.name)?.push(column);
  return [...byName].map(([name, sides]) => {
    if (a.notes.exhausted) return { name, value: CONSTANT, marks: [] };
    for (const side of sides) a.notes.shape(read(a.notes, side), 'JOIN');
    for (const side of sides) a.notes.look(side.marks.length);
    return { name, value: oneOf(sides.map((side) => side.value)), marks: sides.flatMap((side) => side.marks) };
  });
}

/** An alias hides the joined tables' own names; an alias after USING offers the merged columns beside them. */
function named(node: Content<'JoinExpr'>, item: FromItem, merged: readonly ScopeColumn[]): FromItem {
  if (node.alias?.aliasname !== undefined) {
    const names = strings(node.alias.colnames);
    const columns = item.columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
    return { tables: [{ alias: node.alias.aliasname, columns }], columns };
  }
  const using = node.join_using_alias?.aliasname;
  return using === undefined ? item : { ...item, tables: [...item.tables, { alias: using, columns: merged }] };
}
