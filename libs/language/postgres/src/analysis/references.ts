import { as, type Content } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { namedCall } from './calls.js';
import { columnsNamed, findColumn, findTable, parameter, readAny, readRow, readUnknownTables, systemColumn, type Scope, type ScopeTable } from './scope.js';
import { CONSTANT, derived, fieldOf, type Value } from './value.js';

/**
 * A name in an expression: `column`, `table`, `table.column`, `schema.table.column`, `database.schema.table.column`,
 * each perhaps with `.*`, in the order in which PostgreSQL tries them.
 */
export function columnReference(a: Analyst, node: Content<'ColumnRef'>, scope: Scope): Value {
  const fields = node.fields ?? [];
  const star = as(fields[fields.length - 1], 'A_Star') !== undefined;
  const names = (star ? fields.slice(0, -1) : fields).map((field) => as(field, 'String')?.sval ?? '');
  if (star) return wholeRow(a, names, scope);
  const [first = '', ...rest] = names;
  return rest.length === 0 ? bareName(a, first, scope) : qualifiedName(a, names, scope);
}

function bareName(a: Analyst, name: string, scope: Scope): Value {
  const column = findColumn(a.notes, scope, name);
  if (column !== undefined) return column;
  const table = findTable(a.notes, scope, name);
  if (table !== undefined) return rowValue(a, table);
  return systemColumn(name) ?? unknownColumn(a, name, scope);
}

function qualifiedName(a: Analyst, names: readonly string[], scope: Scope): Value {
  const column = names[names.length - 1] ?? '';
  const table = tableOf(a, names.slice(0, -1), scope);
  if (table === undefined) return memberOfParameter(a, names, scope) ?? unknownColumn(a, names.join('.'), scope);
  const found = columnsNamed(a.notes, table.columns, column);
  if (found.length > 0) return readAny(a.notes, found);
  const system = systemColumn(column);
  if (system !== undefined) return system;
  if (table.unknown !== undefined) {
    readRow(a.notes, table);
    return unknownColumn(a, names.join('.'), scope);
  }
  return namedCall(a, [column], [rowValue(a, table)]) ?? unknownColumn(a, names.join('.'), scope);
}

/** `function.parameter` or `parameter.field` in a function body; PostgreSQL knows no `column.field` without parentheses. */
function memberOfParameter(a: Analyst, names: readonly string[], scope: Scope): Value | undefined {
  const [first = '', second = ''] = names;
  if (names.length !== 2) return undefined;
  const composite = parameter(a.notes, scope, first);
  return parameter(a.notes, scope, `${first}.${second}`) ?? (composite === undefined ? undefined : fieldOf(composite, second));
}

/** The table that `[database.][schema.]table` means. */
export function tableOf(a: Analyst, names: readonly string[], scope: Scope): ScopeTable | undefined {
  const [table = '', schema, database] = [...names].reverse();
  if (database !== undefined && database !== a.database) return undefined;
  return findTable(a.notes, scope, table, schema);
}

function wholeRow(a: Analyst, names: readonly string[], scope: Scope): Value {
  const table = tableOf(a, names, scope);
  return table === undefined ? unknownColumn(a, `${names.join('.')}.*`, scope) : rowValue(a, table);
}

function rowValue(a: Analyst, table: ScopeTable): Value {
  if (table.unknown !== undefined) a.notes.loseLineage(`the columns of ${table.alias} are not known`);
  a.notes.look(table.columns.length);
  return readRow(a.notes, table);
}

function unknownColumn(a: Analyst, name: string, scope: Scope): Value {
  if (!readUnknownTables(a.notes, scope)) a.notes.unknownColumns.add(name);
  a.notes.loseLineage(`the column ${name} is not known`);
  return CONSTANT;
}

/** `(expression).field`, `(expression)[subscript]`, and chains of them. */
export function indirection(a: Analyst, node: Content<'A_Indirection'>, scope: Scope): Value {
  let value = node.arg === undefined ? CONSTANT : a.expression(node.arg, scope);
  for (const step of node.indirection ?? []) {
    const field = as(step, 'String')?.sval;
    const subscript = as(step, 'A_Indices');
    if (field !== undefined) value = memberOf(a, value, field);
    else if (subscript !== undefined) value = subscripted(a, value, subscript, scope);
  }
  return value;
}

/** A member of a row; where the row has none of that name, PostgreSQL calls the function of that name on the row. */
function memberOf(a: Analyst, value: Value, name: string): Value {
  a.notes.search(value.fields?.length ?? 0);
  const known = value.fields?.some((field) => field.name === name) ?? false;
  const called = known || value.fields === undefined ? undefined : namedCall(a, [name], [value]);
  return called ?? fieldOf(value, name);
}

function subscripted(a: Analyst, value: Value, subscript: Content<'A_Indices'>, scope: Scope): Value {
  a.notes.visit(subscript);
  const bounds = [subscript.lidx, subscript.uidx].filter((bound) => bound !== undefined);
  return derived([value, ...bounds.map((bound) => a.expression(bound, scope))], true);
}
