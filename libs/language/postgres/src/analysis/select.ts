import { as, itemsOf, strings, type Content, type Node } from '../parser/tree.js';
import type { Analyst, QueryColumns } from './analyst.js';
import { sortValue, windowShape } from './calls.js';
import { shapeByCondition } from './conditions.js';
import type { Place } from './named-objects.js';
import type { Clause } from './notes.js';
import { pinnedSetting } from './pinned-setting.js';
import { innerScope, type FromItem, type Scope, type ScopeTable } from './scope.js';
import { setOperation } from './set-operations.js';
import { targetList } from './targets.js';
import { tautologyOf } from './tautology.js';
import { CONSTANT, oneOf, type Field } from './value.js';
import { withQueries } from './with.js';

type Select = Content<'SelectStmt'>;

const NOTHING: FromItem = { tables: [], columns: [] };

/** A SELECT, VALUES or set operation: its output columns; everything else in it is noted. */
export function select(a: Analyst, statement: Select, outer: Scope): QueryColumns {
  a.notes.visit(statement);
  a.notes.verbs.add('select');
  if (a.notes.exhausted) return { columns: [] };
  const scope: Scope = statement.withClause === undefined ? outer : { ...outer, ctes: withQueries(a, statement.withClause, outer) };
  if (statement.op !== undefined && statement.op !== 'SETOP_NONE') {
    const columns = setOperation(a, statement, scope);
    return finish(a, statement, columns, innerScope(scope, NOTHING), true);
  }
  if (statement.valuesLists !== undefined) return finish(a, statement, values(a, statement.valuesLists, scope), innerScope(scope, NOTHING), true);
  const inner = innerScope(scope, a.from(statement.fromClause ?? [], scope));
  where(a, statement, inner, outer);
  const columns = targetList(a, statement.targetList ?? [], { ...inner, setting: pinnedSetting(a, statement) });
  return finish(a, statement, columns, inner, false);
}

/** The outermost SELECT's condition is a fact of its own. */
function where(a: Analyst, statement: Select, scope: Scope, outer: Scope): void {
  if (statement.whereClause !== undefined) shapeByCondition(a, statement.whereClause, scope, 'WHERE');
  if (outer.outer !== undefined) return;
  const tautology = statement.whereClause !== undefined && tautologyOf(a.notes, statement.whereClause, () => undefined) === 'always';
  a.notes.conditions.push({ write: false, present: statement.whereClause !== undefined, tautology });
}

/** VALUES: column by column, what any row puts there. */
function values(a: Analyst, lists: readonly Node[], scope: Scope): Field[] {
  const rows = lists.map((row) => {
    const list = as(row, 'List');
    if (list !== undefined) a.notes.visit(list);
    return itemsOf(row).map((item, index): Field => ({ name: `column${index + 1}`, value: a.expression(item, scope) }));
  });
  return (rows[0] ?? []).map(({ name }, index) => ({ name, value: oneOf(rows.map((row) => row[index]?.value ?? CONSTANT)) }));
}

/** GROUP BY, HAVING, WINDOW, DISTINCT, ORDER BY, LIMIT, FOR UPDATE and INTO. */
function finish(a: Analyst, statement: Select, columns: readonly Field[], scope: Scope, namesOnly: boolean): QueryColumns {
  for (const item of statement.groupClause ?? []) group(a, item, columns, scope);
  if (statement.havingClause !== undefined) a.notes.shape(a.expression(statement.havingClause, scope), 'HAVING');
  for (const item of statement.windowClause ?? []) {
    const window = as(item, 'WindowDef');
    if (window !== undefined) windowShape(a, window, scope);
  }
  distinct(a, statement.distinctClause, columns, scope);
  for (const item of statement.sortClause ?? []) sort(a, item, columns, scope, 'ORDER BY', namesOnly);
  for (const bound of [statement.limitCount, statement.limitOffset]) {
    if (bound !== undefined) a.notes.shape(a.expression(bound, scope), 'LIMIT');
  }
  if (statement.limitCount !== undefined) a.notes.hasLimit = true;
  for (const clause of statement.lockingClause ?? []) lock(a, clause, scope);
  return { columns };
}

/** An integer means the output column at that place; a name means an input column first, then an output column. */
function group(a: Analyst, item: Node, columns: readonly Field[], scope: Scope): void {
  const sets = as(item, 'GroupingSet');
  const list = as(item, 'RowExpr');
  if (sets !== undefined || (list !== undefined && list.row_format === 'COERCE_IMPLICIT_CAST')) {
    a.notes.visit(sets ?? list ?? item);
    a.notes.mixesRows ||= sets !== undefined;
    for (const member of sets?.content ?? list?.args ?? []) group(a, member, columns, scope);
    return;
  }
  const place = positioned(a, item, columns);
  if (place !== undefined) return a.notes.shape(place.value, 'GROUP BY');
  const named = outputNamed(a, item, columns);
  if (named !== undefined) a.notes.search(scope.columns.length);
  const isInput = named !== undefined && scope.columns.some((column) => column.name === named.name);
  a.notes.shape(named !== undefined && !isInput ? named.value : a.expression(item, scope), 'GROUP BY');
  if (named !== undefined && !isInput) visitReference(a, item);
}

function positioned(a: Analyst, item: Node, columns: readonly Field[]): Field | undefined {
  const literal = as(item, 'A_Const');
  if (literal?.ival === undefined) return undefined;
  a.notes.visit(literal);
  a.notes.readsLiterals = true;
  return columns[(literal.ival.ival ?? 0) - 1];
}

function outputNamed(a: Analyst, item: Node, columns: readonly Field[]): Field | undefined {
  const names = strings(as(item, 'ColumnRef')?.fields);
  if (names.length !== 1 || a.notes.exhausted) return undefined;
  a.notes.search(columns.length);
  return columns.find((column) => column.name === names[0]);
}

function visitReference(a: Analyst, item: Node): void {
  const reference = as(item, 'ColumnRef');
  if (reference !== undefined) a.notes.visit(reference);
}

function distinct(a: Analyst, clause: readonly Node[] | undefined, columns: readonly Field[], scope: Scope): void {
  if (clause === undefined) return;
  const expressions = clause.filter((item) => Object.keys(item).length > 0);
  if (expressions.length === 0) for (const column of columns) a.notes.shape(column.value, 'DISTINCT');
  for (const item of expressions) sort(a, item, columns, scope, 'DISTINCT');
}

/** A name in ORDER BY means an output column first; after a set operation it can mean nothing else. */
function sort(a: Analyst, item: Node, columns: readonly Field[], scope: Scope, clause: Clause, namesOnly = false): void {
  const sorted = as(item, 'SortBy');
  const inner = sorted?.node ?? item;
  const output = positioned(a, inner, columns) ?? outputNamed(a, inner, columns);
  if (output === undefined) {
    if (namesOnly && as(inner, 'ColumnRef') !== undefined) a.notes.loseLineage('ORDER BY names no output column');
    return a.notes.shape(sortValue(a, item, scope), clause);
  }
  if (sorted !== undefined) a.notes.visit(sorted);
  visitReference(a, inner);
  a.notes.shape(output.value, clause);
}

/** FOR UPDATE and its weaker forms lock rows of the named tables, or of all. */
function lock(a: Analyst, clause: Node, scope: Scope): void {
  const locking = as(clause, 'LockingClause');
  if (locking === undefined) return;
  a.notes.visit(locking);
  a.notes.locksRows = true;
  const wanted = new Set<string>();
  for (const named of locking.lockedRels ?? []) {
    const range = as(named, 'RangeVar');
    if (range === undefined) continue;
    a.notes.visit(range);
    wanted.add(range.relname ?? '');
  }
  for (const table of scope.tables) {
    a.notes.look(table.columns.length + 1);
    if (a.notes.exhausted) return;
    if (wanted.size === 0 || wanted.has(table.alias)) for (const use of usesOf(table)) a.notes.use('lock', use);
  }
}

function usesOf(table: ScopeTable): Place[] {
  const uses = new Set(table.columns.flatMap((column) => column.marks.map((mark) => mark.use)));
  if (table.unknown !== undefined && table.unknown !== true) uses.add(table.unknown);
  return [...uses].map(({ schema, name, relation }) => ({ schema, name, relation }));
}
