import type { CatalogFunction } from '../catalog/model.js';
import { as, itemsOf, strings, type Content, type Node } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { candidatesFor } from './calls.js';
import { childNodes } from './children.js';
import { isExpression } from './expressions.js';
import type { Scope, ScopeColumn, ScopeTable } from './scope.js';
import { CONSTANT, derived, fieldOf, renamed, type Field, type Value } from './value.js';

/** A function in FROM, or ROWS FROM of several. What decides how many rows there are is noted where it is called; failing tells something, too. */
export function functionInFrom(a: Analyst, node: Content<'RangeFunction'>, scope: Scope): ScopeTable {
  const calls = (node.functions ?? []).flatMap((item) => splitUnnest(a, itemsOf(item)));
  const fields = calls.flatMap(([call, definitions]) => {
    if (call === undefined) return [];
    const value = a.expression(call, scope);
    a.notes.evaluate(value);
    const declared = as(definitions, 'List')?.items ?? (calls.length === 1 ? node.coldeflist : undefined);
    return declared !== undefined && declared.length > 0 ? definedColumns(a, declared, value) : resultColumns(a, call, value, node);
  });
  if (node.ordinality === true) fields.push({ name: 'ordinality', value: CONSTANT });
  return table(renamed(fields, strings(node.alias?.colnames)), node.alias?.aliasname ?? callName(calls[0]?.[0]));
}

/** `unnest` of several arrays means several calls side by side. */
function splitUnnest(a: Analyst, item: readonly Node[]): (readonly Node[])[] {
  const [call] = item;
  const called = as(call, 'FuncCall');
  const args = called?.args ?? [];
  if (called === undefined || callName(call) !== 'unnest' || args.length < 2) return [item];
  a.notes.visit(called);
  return args.map((argument) => [{ FuncCall: { ...called, args: [argument] } }]);
}

function callName(call: Node | undefined): string {
  return strings(as(call, 'FuncCall')?.funcname).pop() ?? '';
}

/** Columns as the statement declares them: `AS t(a int, b text)`. */
function definedColumns(a: Analyst, definitions: readonly Node[], value: Value): Field[] {
  return definitions.map((definition) => {
    const column = as(definition, 'ColumnDef');
    if (column !== undefined) a.notes.visit(column);
    return { name: column?.colname ?? '', value: derived([value]) };
  });
}

/**
 * Columns as the function declares them; a scalar's only column is named after the alias. Where overloads differ (`unnest`
 * of an array or of a tsvector) the scalar is taken: only names depend on it, for every column is made from the arguments.
 */
function resultColumns(a: Analyst, call: Node, value: Value, node: Content<'RangeFunction'>): Field[] {
  if (value.fields !== undefined) return [...value.fields];
  const called = as(call, 'FuncCall');
  const count = called?.args?.length ?? 0;
  const candidates = called === undefined ? [] : candidatesFor(a, strings(called.funcname), count);
  const shapes = candidates.map((fn) => columnNames(a, fn));
  if (shapes.includes(undefined)) a.notes.loseLineage(`the columns of ${callName(call)} are not known`);
  const name = node.alias?.aliasname ?? callName(call);
  const names = shapes.find((shape) => shape?.length === 0) ?? shapes[0];
  return (names === undefined || names.length === 0 ? [name] : names).map((column) => ({ name: column, value: fieldOf(value, column) }));
}

/** Names of a function's result columns; none for a scalar, undefined when only the call decides. */
function columnNames(a: Analyst, fn: CatalogFunction): string[] | undefined {
  if (fn.outColumns.length > 0) return fn.outColumns.map((column) => column.name);
  const type = a.catalog.type(fn.returnType);
  if (type === undefined) return undefined;
  if (type.relationOid !== 0) return a.catalog.relationByOid(type.relationOid)?.columns.map((column) => column.name);
  return type.name === 'record' ? undefined : [];
}

/** XMLTABLE: every column comes from the document, and so do the rows; a column may have a path and a default of its own. */
export function xmlTable(a: Analyst, node: Content<'RangeTableFunc'>, scope: Scope): ScopeTable {
  const { columns = [], ...document } = node;
  const value = documentValue(a, document, scope);
  const fields = columns.flatMap((item): Field[] => {
    const column = as(item, 'RangeTableFuncCol');
    if (column === undefined) return [];
    a.notes.visit(column);
    return [{ name: column.colname ?? '', value: column.for_ordinality === true ? CONSTANT : columnOf(a, value, column, scope) }];
  });
  return table(renamed(fields, strings(node.alias?.colnames)), node.alias?.aliasname ?? 'xmltable');
}

/** JSON_TABLE: as XMLTABLE, with nested columns. */
export function jsonTable(a: Analyst, node: Content<'JsonTable'>, scope: Scope): ScopeTable {
  const { columns = [], ...document } = node;
  const value = documentValue(a, document, scope);
  return table(renamed(jsonColumns(a, columns, value, scope), strings(node.alias?.colnames)), node.alias?.aliasname ?? 'json_table');
}

function jsonColumns(a: Analyst, nodes: readonly Node[], value: Value, scope: Scope): Field[] {
  return nodes.flatMap((item): Field[] => {
    const column = as(item, 'JsonTableColumn');
    if (column === undefined) return [];
    a.notes.visit(column);
    if (column.pathspec !== undefined) a.notes.visit(column.pathspec);
    const { columns, ...own } = column;
    if (columns !== undefined) return jsonColumns(a, columns, columnOf(a, value, own, scope), scope);
    return [{ name: column.name ?? '', value: column.coltype === 'JTC_FOR_ORDINALITY' ? CONSTANT : columnOf(a, value, own, scope) }];
  });
}

/** A column of a document, with what it is told to give where it finds nothing. */
function columnOf(a: Analyst, document: Value, column: object, scope: Scope): Value {
  const value = derived([document, ...childNodes(column, isExpression).map((child) => a.expression(child, scope))]);
  a.notes.evaluate(value);
  return value;
}

function documentValue(a: Analyst, document: object, scope: Scope): Value {
  const value = derived(childNodes(document, isExpression).map((child) => a.expression(child, scope)));
  a.notes.shape(value, 'SET-RETURNING FUNCTION');
  return value;
}

function table(fields: readonly Field[], alias: string): ScopeTable {
  return { alias, columns: fields.map((field): ScopeColumn => ({ ...field, marks: [] })) };
}
