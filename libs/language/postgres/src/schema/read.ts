import { accepted, type Outcome, type Refusal } from '@interlock/kernel';
import type { Catalog } from '../catalog/model.js';
import { parseSearchPath } from '../catalog/search-path.js';
import { parseStatements, type ParsedStatement } from '../parser/parse.js';
import { as, strings, type Content, type Node } from '../parser/tree.js';
import { builtinCatalog } from './builtin.js';
import { createFunction, defineObject } from './functions.js';
import { SchemaModel } from './model.js';
import { statementsOf } from './split.js';
import { alterTable, createTable, drop, moveToSchema, rename } from './tables.js';
import { createType, namesOf } from './types.js';
import { createAs, createView } from './views.js';

/** What a script of definitions leaves: a database's catalog, with nothing in it that needs a server. */
export interface Schema {
  readonly catalog: Catalog;
  /** Members of the last search path that the script set and that names any schema, and `public`: what its queries are read under. */
  readonly searchPath: readonly string[];
}

/** A script that cannot be read, and where. */
export interface SchemaRefusal extends Refusal {
  /** 1-based. */
  readonly line: number;
}

/** Statements that define anything; all others of a dump (data, rights, comments) are passed over unread, whatever their size. */
const DEFINES = /^(?:create|alter|drop|set|reset)\b|^select\b[\s\S]*\b(?:set_config|into)\b/i;

/**
 * Reads a script of definitions, as written by hand or by pg_dump, into a catalog: CREATE, ALTER, DROP, SET search_path. psql's commands and the data of
 * COPY are left out. Call `loadParser` first.
 *
 * Refused with the parser's reason where a definition does not parse. What is defined by means that are not known here (an extension's types and
 * functions) stays unknown: whoever names it is told so.
 */
export function readSchema(script: string): Outcome<Schema, SchemaRefusal> {
  const model = new SchemaModel(builtinCatalog());
  let lastPath: readonly string[] = ['$user'];
  for (const { text, line } of statementsOf(script)) {
    if (!DEFINES.test(text)) continue;
    const parsed = parseStatements(text);
    if (!parsed.ok) return { ok: false, refusal: { ...parsed.refusal, line } };
    for (const statement of parsed.value) define(model, statement);
    if (model.searchPath.length > 0) lastPath = model.searchPath;
  }
  return accepted({ catalog: model.catalog, searchPath: [...new Set([...lastPath, 'public'])] });
}

function define(model: SchemaModel, { node, text }: ParsedStatement): void {
  const table = as(node, 'CreateStmt') ?? as(node, 'CreateForeignTableStmt')?.base;
  if (table !== undefined) return createTable(model, table);
  const altered = as(node, 'AlterTableStmt');
  if (altered !== undefined) return alterTable(model, altered);
  const view = as(node, 'ViewStmt');
  if (view !== undefined) return createView(model, view);
  const copied = as(node, 'CreateTableAsStmt');
  if (copied !== undefined) return createAs(model, copied.into, copied.query, copied.objtype === 'OBJECT_MATVIEW');
  const fn = as(node, 'CreateFunctionStmt');
  if (fn !== undefined) return createFunction(model, fn, text);
  defineRarer(model, node);
}

function defineRarer(model: SchemaModel, node: Node): void {
  const schema = as(node, 'CreateSchemaStmt');
  if (schema !== undefined) return createSchema(model, schema);
  const renamed = as(node, 'RenameStmt');
  if (renamed !== undefined) return rename(model, renamed);
  const moved = as(node, 'AlterObjectSchemaStmt');
  if (moved !== undefined) return moveToSchema(model, moved);
  const dropped = as(node, 'DropStmt');
  if (dropped !== undefined) return drop(model, dropped);
  const sequence = as(node, 'CreateSeqStmt')?.sequence;
  if (sequence !== undefined) return void model.addRelation(model.placeFor(namesOf(sequence)), 'sequence', SEQUENCE_COLUMNS);
  const rule = as(node, 'RuleStmt');
  const ruled = rule === undefined ? undefined : model.relation(namesOf(rule.relation));
  if (ruled !== undefined) ruled.hasRules = true;
  const set = as(node, 'VariableSetStmt');
  if (set?.name === 'search_path') model.searchPath = set.kind === 'VAR_SET_VALUE' ? (set.args ?? []).map(textOf) : ['$user', 'public'];
  const selected = as(node, 'SelectStmt');
  if (selected !== undefined) return fromSelect(model, selected);
  const defined = as(node, 'DefineStmt');
  if (defined !== undefined) defineObject(model, defined);
  createType(model, node);
}

/** What every sequence shows to a query. */
const SEQUENCE_COLUMNS = ['last_value', 'log_cnt', 'is_called'].map((name) => ({ name, typeOid: 0 }));

/** CREATE SCHEMA, with the definitions that may stand in it. */
function createSchema(model: SchemaModel, node: Content<'CreateSchemaStmt'>): void {
  const name = node.schemaname ?? node.authrole?.rolename ?? '';
  model.addSchema(name);
  const before = model.searchPath;
  model.searchPath = [name, ...before];
  for (const element of node.schemaElts ?? []) define(model, { node: element, text: '', start: 0, end: 0, startByte: 0, endByte: 0 });
  model.searchPath = before;
}

/** SELECT … INTO makes a table; set_config('search_path', …) is how pg_dump sets one. */
function fromSelect(model: SchemaModel, node: Content<'SelectStmt'>): void {
  if (node.intoClause !== undefined) {
    const { intoClause, ...query } = node;
    return createAs(model, intoClause, { SelectStmt: query }, false);
  }
  const call = as(as(node.targetList?.[0], 'ResTarget')?.val, 'FuncCall');
  const [name, value] = (call?.args ?? []).map(textOf);
  if (strings(call?.funcname).pop() === 'set_config' && name === 'search_path') model.searchPath = parseSearchPath(value ?? '') ?? model.searchPath;
}

function textOf(node: Node): string {
  return as(as(node, 'TypeCast')?.arg ?? node, 'A_Const')?.sval?.sval ?? '';
}
