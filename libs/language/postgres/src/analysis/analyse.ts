import type { CatalogFunction } from '../catalog/model.js';
import { completeSearchPath, parseSearchPath } from '../catalog/search-path.js';
import { parseStatements, type ParsedStatement } from '../parser/parse.js';
import { as, tagOf, type Node } from '../parser/tree.js';
import type { Analyst, QueryColumns, Surroundings } from './analyst.js';
import { functionCall } from './calls.js';
import { passedOver } from './coverage.js';
import { insert, merge, remove, update } from './dml.js';
import { expression } from './expressions.js';
import { fromList } from './from.js';
import type { Budget } from './budget.js';
import type { Notes } from './notes.js';
import { EMPTY_SCOPE, type Scope } from './scope.js';
import { select } from './select.js';
import { CONSTANT, oneOf, renamed, rowOf, type Value } from './value.js';
import { viewMeaning } from './views.js';

/** How many SQL functions may call one another before their result counts as not to be told. */
const FUNCTION_DEPTH = 8;

/** Puts the parts of an analysis together. `inside` holds the functions whose bodies are being followed. */
export function createAnalyst(surroundings: Surroundings, notes: Notes, inside: readonly CatalogFunction[] = []): Analyst {
  const analyst: Analyst = {
    ...surroundings,
    notes,
    expression: (node, scope) => expression(analyst, node, scope),
    query: (node, scope) => query(analyst, node, scope),
    select: (statement, scope) => select(analyst, statement, scope),
    from: (nodes, scope) => fromList(analyst, nodes, scope),
    call: (node, scope) => functionCall(analyst, node, scope),
    view: (relation) => viewMeaning(analyst, relation, createAnalyst),
    body: (fn, values) => bodyValue(analyst, fn, values, inside),
  };
  return analyst;
}

function query(a: Analyst, node: Node, scope: Scope): QueryColumns {
  const content = (node as Record<string, object>)[tagOf(node)];
  if (content !== undefined) a.notes.visit(content);
  if (a.notes.exhausted) return { columns: [] };
  const selected = as(node, 'SelectStmt');
  if (selected !== undefined) return select(a, selected, scope);
  const inserted = as(node, 'InsertStmt');
  if (inserted !== undefined) return insert(a, inserted, scope);
  const updated = as(node, 'UpdateStmt');
  if (updated !== undefined) return update(a, updated, scope);
  const deleted = as(node, 'DeleteStmt');
  if (deleted !== undefined) return remove(a, deleted, scope);
  const merged = as(node, 'MergeStmt');
  if (merged !== undefined) return merge(a, merged, scope);
  a.notes.refuse(`the query ${tagOf(node)}`);
  return { columns: [] };
}

/**
 * Follows the body of a function that is written in SQL, with its arguments' values in place of its parameters. What it
 * reads and writes is noted as the statement's own. Undefined when the body cannot be followed.
 */
function bodyValue(outer: Analyst, fn: CatalogFunction, values: readonly Value[], inside: readonly CatalogFunction[]): Value | undefined {
  if (fn.language !== 'sql' || fn.body === undefined || inside.includes(fn) || inside.length >= FUNCTION_DEPTH) return undefined;
  const statements = bodyOf(fn, fn.body, outer.notes.budget);
  if (statements === undefined || outer.notes.exhausted) return undefined;
  const a = createAnalyst({ ...outer, path: pathOf(outer, fn) }, outer.notes, [...inside, fn]);
  let columns: QueryColumns = { columns: [] };
  for (const { node } of statements) {
    if (!isQuery(node)) return undefined;
    columns = a.query(node, bodyScope(fn, values));
    if (passedOver(a.notes, node) !== undefined) return undefined;
  }
  return result(outer, fn, columns);
}

const bodies = new WeakMap<CatalogFunction, readonly ParsedStatement[] | 'none'>();

/** The statements of a body, parsed once; undefined when there are none to follow. */
function bodyOf(fn: CatalogFunction, body: string, budget: Budget): readonly ParsedStatement[] | undefined {
  let statements = bodies.get(fn);
  if (statements === undefined) {
    budget.parse(body);
    const parsed = parseStatements(plainBody(body));
    statements = parsed.ok && parsed.value.length > 0 ? parsed.value : 'none';
    if (parsed.ok || parsed.refusal.retryable !== true) bodies.set(fn, statements);
  }
  return statements === 'none' ? undefined : statements;
}

function isQuery(node: Node): boolean {
  return ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'].includes(tagOf(node)) && as(node, 'SelectStmt')?.intoClause === undefined;
}

/** `RETURN expression` and `BEGIN ATOMIC … END` are bodies that the server keeps parsed. */
function plainBody(body: string): string {
  const trimmed = body.trim();
  if (/^RETURN\s/i.test(trimmed)) return `SELECT ${trimmed.slice('RETURN'.length)}`;
  const atomic = /^BEGIN\s+ATOMIC\b([\s\S]*)\bEND$/i.exec(trimmed);
  return atomic?.[1] ?? trimmed;
}

function pathOf(a: Analyst, fn: CatalogFunction): Surroundings['path'] {
  if (fn.searchPath !== undefined) a.notes.budget.parse(fn.searchPath);
  const own = fn.searchPath === undefined || a.notes.exhausted ? undefined : parseSearchPath(fn.searchPath);
  return own === undefined ? a.path : completeSearchPath(own, '$user');
}

function bodyScope(fn: CatalogFunction, values: readonly Value[]): Scope {
  const parameters = new Map<string, Value>();
  fn.argumentTypes.forEach((_, index) => {
    const value = (fn.variadic && index === fn.argumentTypes.length - 1 ? oneOf(values.slice(index)) : values[index]) ?? CONSTANT;
    const name = fn.argumentNames[index] ?? '';
    parameters.set(`$${index + 1}`, value);
    if (name !== '') parameters.set(name, value).set(`${fn.name}.${name}`, value);
  });
  return { ...EMPTY_SCOPE, outer: { ...EMPTY_SCOPE, outer: EMPTY_SCOPE, parameters } };
}

/** One column is a scalar; several are a row, named as the function declares them. */
function result(a: Analyst, fn: CatalogFunction, { columns }: QueryColumns): Value {
  const declared = fn.outColumns.length > 0 ? fn.outColumns : a.catalog.relationByOid(a.catalog.type(fn.returnType)?.relationOid ?? 0)?.columns;
  const [only] = columns;
  if (declared === undefined) return columns.length === 1 && only !== undefined ? only.value : oneOf(columns.map((column) => column.value));
  return rowOf(renamed(columns, declared.map((column) => column.name)));
}
