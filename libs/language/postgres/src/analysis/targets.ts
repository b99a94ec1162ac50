import { SQL_LIMITS } from '../limits.js';
import { as, strings, type Content, type Node } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { outputName } from './names.js';
import { tableOf } from './references.js';
import { read, type Scope, type ScopeColumn, type ScopeTable } from './scope.js';
import { derived, type Field, type Value } from './value.js';

/** A target list (or RETURNING list) as output columns, stars spread out. */
export function targetList(a: Analyst, targets: readonly Node[], scope: Scope): Field[] {
  const fields: Field[] = [];
  for (const target of targets) {
    const result = as(target, 'ResTarget');
    if (result?.val === undefined) continue;
    a.notes.visit(result);
    const spread = starColumns(a, result.val, scope) ?? [{ name: result.name ?? outputName(result.val), value: a.expression(result.val, scope) }];
    if (!fit(a, fields.length + spread.length)) return [];
    fields.push(...spread);
  }
  return fields;
}

/** Whether a target list may have so many columns; what is beyond is not looked at. */
function fit(a: Analyst, columns: number): boolean {
  if (columns > SQL_LIMITS.targets) a.notes.exceed(`a target list has more than ${SQL_LIMITS.targets} columns`);
  return !a.notes.exhausted;
}

/** The columns of `*`, `table.*` or `(row).*`; undefined when the target is none of them. */
function starColumns(a: Analyst, target: Node, scope: Scope): Field[] | undefined {
  const reference = as(target, 'ColumnRef');
  const fields = reference?.fields ?? [];
  if (reference !== undefined && as(fields[fields.length - 1], 'A_Star') !== undefined) {
    a.notes.visit(reference);
    return spread(a, strings(fields.slice(0, -1)), scope);
  }
  const indirection = as(target, 'A_Indirection');
  const steps = indirection?.indirection ?? [];
  if (indirection === undefined || as(steps[steps.length - 1], 'A_Star') === undefined) return undefined;
  a.notes.visit(indirection);
  const row = { A_Indirection: { ...indirection, indirection: steps.slice(0, -1) } };
  return members(a, a.expression(row, scope), indirection.arg);
}

function spread(a: Analyst, names: readonly string[], scope: Scope): Field[] {
  a.notes.look(scope.columns.length);
  if (a.notes.exhausted) return [];
  if (names.length === 0) {
    for (const table of scope.tables) noteUnknown(a, table);
    return columnsOf(a, scope.columns);
  }
  const table = tableOf(a, names, scope);
  if (table === undefined) {
    a.notes.unknownColumns.add(`${names.join('.')}.*`);
    a.notes.loseLineage(`the table ${names.join('.')} is not known`);
    return [];
  }
  noteUnknown(a, table);
  return columnsOf(a, table.columns);
}

function columnsOf(a: Analyst, columns: readonly ScopeColumn[]): Field[] {
  if (!fit(a, columns.length)) return [];
  return columns.map((column) => {
    a.notes.weigh(column.value);
    return { name: column.name, value: read(a.notes, column) };
  });
}

function noteUnknown(a: Analyst, table: ScopeTable): void {
  if (table.unknown === undefined) return;
  a.notes.loseLineage(`the columns of ${table.alias} are not known`);
  if (table.unknown !== true) table.unknown.columnsRead.add('*');
}

/** The members of a row value: as followed, or as the column's composite type or the function's result declares them. */
function members(a: Analyst, value: Value, source: Node | undefined): Field[] {
  if (value.fields !== undefined) return [...value.fields];
  const names = compositeMembers(a, value, source);
  if (names === undefined) a.notes.loseLineage('the members of a row value are not known');
  return (names ?? []).map((name) => ({ name, value: derived([value]) }));
}

function compositeMembers(a: Analyst, value: Value, source: Node | undefined): string[] | undefined {
  const [origin] = value.origins;
  if (as(source, 'ColumnRef') === undefined || origin === undefined || !value.direct || value.origins.length > 1) return declaredMembers(a, source);
  return membersOfType(a, origin.typeOid);
}

function declaredMembers(a: Analyst, source: Node | undefined): string[] | undefined {
  const call: Content<'FuncCall'> | undefined = as(source, 'FuncCall');
  const [local = '', schema] = strings(call?.funcname).reverse();
  const [fn, ...others] = a.catalog.functions(local, schema ?? a.path);
  if (call === undefined || fn === undefined || others.length > 0) return undefined;
  return fn.outColumns.length > 0 ? fn.outColumns.map((column) => column.name) : membersOfType(a, fn.returnType);
}

function membersOfType(a: Analyst, oid: number): string[] | undefined {
  const type = a.catalog.type(oid);
  return type === undefined || type.relationOid === 0 ? undefined : a.catalog.relationByOid(type.relationOid)?.columns.map((column) => column.name);
}
