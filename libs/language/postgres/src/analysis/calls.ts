import type { CatalogFunction } from '../catalog/model.js';
import { isTotal, readsUnnamedData, standingOf } from '../catalog/standing.js';
import { as, strings, type Content, type Node } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { definedFunction } from './bodies.js';
import { noteChannel, noteSequence, noteSetting } from './named-objects.js';
import { isNameColumn } from './pinned-setting.js';
import type { Scope } from './scope.js';
import { CONSTANT, derived, fieldOf, fromUnread, type Value } from './value.js';

/** A function call in an expression: what it may run, and what its result is made from. */
export function functionCall(a: Analyst, node: Content<'FuncCall'>, scope: Scope): Value {
  const name = strings(node.funcname);
  const values = (node.args ?? []).map((argument) => a.expression(argument, scope));
  const ordered = orderValues(a, node, scope);
  if (node.agg_filter !== undefined) a.notes.shape(a.expression(node.agg_filter, scope), 'FILTER');
  if (node.agg_distinct === true) for (const value of values) a.notes.shape(value, 'DISTINCT');
  if (node.over !== undefined) windowShape(a, node.over, scope);
  a.notes.mixesRows ||= node.over !== undefined;
  noteSideObjects(a, name, node.args ?? [], scope);
  const inputs = node.agg_within_group === true ? [...values, ...ordered] : values;
  return namedCall(a, name, inputs, node.args?.length ?? 0) ?? unknownCall(a, name, inputs);
}

/** ORDER BY inside an aggregate, or WITHIN GROUP: the order is shaped by it. */
function orderValues(a: Analyst, node: Content<'FuncCall'>, scope: Scope): Value[] {
  return (node.agg_order ?? []).map((item) => {
    const value = sortValue(a, item, scope);
    a.notes.shape(value, 'ORDER BY');
    return value;
  });
}

/** The value that a SortBy node sorts by. */
export function sortValue(a: Analyst, item: Node, scope: Scope): Value {
  const sort = as(item, 'SortBy');
  if (sort === undefined) return a.expression(item, scope);
  a.notes.visit(sort);
  const value = sort.node === undefined ? CONSTANT : a.expression(sort.node, scope);
  if (sort.useOp !== undefined) operatorCall(a, strings(sort.useOp), [value, value]);
  return value;
}

/** OVER (...) and WINDOW: partition, order and frame all shape. */
export function windowShape(a: Analyst, window: Content<'WindowDef'>, scope: Scope): void {
  a.notes.visit(window);
  for (const part of window.partitionClause ?? []) a.notes.shape(a.expression(part, scope), 'WINDOW');
  for (const item of window.orderClause ?? []) a.notes.shape(sortValue(a, item, scope), 'WINDOW');
  for (const offset of [window.startOffset, window.endOffset]) {
    if (offset !== undefined) a.notes.shape(a.expression(offset, scope), 'WINDOW');
  }
}

/**
 * A call by name with its arguments' values. Which overload runs depends on types that are not followed here, so every
 * one that takes that many arguments counts, and the worst of them decides. Undefined when no function has the name.
 */
export function namedCall(a: Analyst, name: readonly string[], values: readonly Value[], count = values.length): Value | undefined {
  const candidates = candidatesFor(a, name, count);
  if (candidates.length === 0) return undefined;
  const results = candidates.map((fn) => (a.notes.exhausted ? CONSTANT : calledValue(a, fn, values)));
  return results.length === 1 ? results[0] : derived(results, results.every((result) => result.total));
}

function calledValue(a: Analyst, fn: CatalogFunction, values: readonly Value[]): Value {
  a.notes.mixesRows ||= fn.kind === 'aggregate' || fn.kind === 'window';
  if (readsUnnamedData(fn)) a.notes.leaveUnread(`what the function ${fn.name} reads cannot be told`);
  const { value, followed } = standingOf(fn) === 'defined' ? definedFunction(a, fn, values) : { value: readsUnnamedData(fn) ? fromUnread(values) : derived(values, isTotal(fn)), followed: true };
  noteFunction(a, fn, followed);
  // What decides about the rows of a function that was followed was noted on the way.
  if (fn.returnsSet && (standingOf(fn) !== 'defined' || !followed)) for (const argument of values) a.notes.shape(argument, 'SET-RETURNING FUNCTION');
  return value;
}

/** Functions that a call of this name with this many arguments can mean. */
export function candidatesFor(a: Analyst, name: readonly string[], count: number): readonly CatalogFunction[] {
  const [local = '', schema] = [...name].reverse();
  const named = a.catalog.functions(local, schema ?? a.path);
  a.notes.look(named.length);
  return named.filter((fn) => accepts(fn, count));
}

function accepts(fn: CatalogFunction, count: number): boolean {
  const declared = fn.argumentTypes.length;
  if (fn.kind === 'aggregate') return true;
  return fn.variadic ? count >= declared - 1 - fn.defaults : count <= declared && count >= declared - fn.defaults;
}

/** Overloads of one name are one entry: the worst of them. */
function noteFunction(a: Analyst, fn: CatalogFunction, followed: boolean): void {
  const display = fn.schema === 'pg_catalog' ? fn.name : `${fn.schema}.${fn.name}`;
  const before = a.notes.functions.get(display);
  a.notes.functions.set(display, {
    schema: fn.schema, name: fn.name,
    standing: before?.standing === 'dangerous' ? 'dangerous' : standingOf(fn),
    followed: followed && before?.followed !== false,
    volatile: fn.volatility === 'volatile' || before?.volatile === true,
  });
}

/** No function has the name: a member of a row in function notation, a cast in function notation, or unknown. */
function unknownCall(a: Analyst, name: readonly string[], values: readonly Value[]): Value {
  const [local = '', schema] = [...name].reverse();
  const [only] = values;
  if (schema === undefined && values.length === 1 && only?.fields?.some((field) => field.name === local) === true) return fieldOf(only, local);
  if (values.length === 1 && a.catalog.typeByName(local, schema ?? a.path) !== undefined) return derived(values);
  const display = name.join('.');
  a.notes.functions.set(display, { schema: schema ?? '?', name: local, standing: 'unknown', followed: false, volatile: true });
  a.notes.opaque = true;
  a.notes.leaveUnread(`the function ${display} is not known`);
  return fromUnread(values);
}

/**
 * An operator runs a function. Those of pg_catalog are all immutable or stable, and undefined is returned; where others
 * have the name, the result is as of calling what they name.
 */
export function operatorCall(a: Analyst, name: readonly string[], values: readonly Value[]): Value | undefined {
  const [local = '', schema] = [...name].reverse();
  const results = a.catalog.operators(local, schema ?? a.path).map((operator) => {
    const called = [operator.functionSchema, operator.functionName];
    return namedCall(a, called, values) ?? unknownCall(a, called, values);
  });
  return results.length === 0 ? undefined : derived(results);
}

/** Sequences, channels and settings that a call names in its first argument. */
function noteSideObjects(a: Analyst, name: readonly string[], args: readonly Node[], scope: Scope): void {
  const [local = '', schema = 'pg_catalog'] = [...name].reverse();
  if (schema !== 'pg_catalog') return;
  if (local === 'nextval' || local === 'setval') noteSequence(a, local, args[0]);
  if (local === 'currval') noteSequence(a, 'select', args[0]);
  if (local === 'pg_notify') noteChannel(a, args[0]);
  if (local === 'set_config') noteSetting(a, args, isNameColumn(args[0]) ? scope.setting : undefined);
}
