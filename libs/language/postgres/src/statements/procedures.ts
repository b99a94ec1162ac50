import { childNodes } from '../analysis/children.js';
import { candidatesFor } from '../analysis/calls.js';
import { isExpression } from '../analysis/expressions.js';
import { CONSTANT } from '../analysis/value.js';
import { EMPTY_SCOPE, type Scope } from '../analysis/scope.js';
import { as, strings, type Content, type Node, type Tag } from '../parser/tree.js';
import { changed } from './changes.js';
import { createdName } from './created.js';
import { definitionScope, shapeExpressions, useRelation } from './definitions.js';
import { functionSettings } from './settings.js';
import { access, CATALOG_CHANGES, UNTOLD, type Effects, type Meaning, type Readers, type Reading } from './meaning.js';

/** Code that runs on the server, and code that is put there to run later. */
export const PROCEDURE_READERS: Readers = {
  DoStmt: doBlock,
  CallStmt: call,
  CreateFunctionStmt: createFunction,
  AlterFunctionStmt: (reading, node) => {
    const place = createdName(reading.a, strings(node.func?.objname));
    access(reading, 'alter', 'function', place);
    return { verb: 'alter', effects: functionEffects(place), facts: { ...functionSettings(reading, node.actions ?? []) } };
  },
  CreateTrigStmt: createTrigger,
  RuleStmt: createRule,
  CreatePolicyStmt: policy,
  AlterPolicyStmt: policy,
};

/** What a DO block does cannot be told from its text. */
function doBlock(reading: Reading, node: Content<'DoStmt'>): Meaning {
  const { notes } = reading.a;
  notes.opaque = true;
  notes.loseLineage('what a DO block reads cannot be told');
  const language = (node.args ?? []).map((item) => as(item, 'DefElem')).find((option) => option?.defname === 'language');
  access(reading, 'do', 'target', []);
  return { verb: 'do', effects: UNTOLD, facts: { language: as(language?.arg, 'String')?.sval ?? 'plpgsql' } };
}

function call(reading: Reading, node: Content<'CallStmt'>): Meaning {
  const { a } = reading;
  a.notes.opaque = true;
  a.notes.loseLineage('what a procedure reads cannot be told');
  const name = strings(node.funccall?.funcname);
  const args = node.funccall?.args ?? [];
  for (const argument of args) a.notes.shape(a.expression(argument, EMPTY_SCOPE), 'ARGUMENT');
  const [local = '', schema] = [...name].reverse();
  const found = candidatesFor(a, name, args.length)[0];
  access(reading, 'call', 'function', [schema ?? found?.schema ?? '?', local]);
  return { verb: 'call', effects: UNTOLD, columns: [] };
}

/** Its body runs only when called, and is judged then; here it is an object that comes into being, or is changed where one of its name exists. */
function createFunction(reading: Reading, node: Content<'CreateFunctionStmt'>): Meaning {
  const { a } = reading;
  const place = createdName(a, strings(node.funcname));
  access(reading, 'create', 'function', place);
  const [schema = '?', name = ''] = place;
  if (node.replace === true && a.catalog.functions(name, schema).length > 0) access(reading, 'alter', 'function', place);
  const options = new Map((node.options ?? []).map((item) => as(item, 'DefElem')).map((option) => [option?.defname ?? '', option?.arg]));
  const parameters = new Map((node.parameters ?? []).map((item) => [as(item, 'FunctionParameter')?.name ?? '', CONSTANT]));
  const scope: Scope = { ...EMPTY_SCOPE, outer: { ...EMPTY_SCOPE, parameters } };
  for (const item of node.parameters ?? []) shapeExpressions(a, [item], EMPTY_SCOPE);
  if (node.sql_body !== undefined) atomicBody(reading, node.sql_body, scope);
  const definer = as(options.get('security'), 'Boolean')?.boolval === true;
  return {
    verb: 'create',
    effects: functionEffects(place),
    facts: { language: as(options.get('language'), 'String')?.sval ?? 'sql', securityDefiner: definer, replace: node.replace === true, ...functionSettings(reading, node.options ?? []) },
  };
}

function functionEffects([schema = '?', name = '']: readonly string[]): Effects {
  return { ...CATALOG_CHANGES, changes: [{ kind: 'function', schema, name }] };
}

const QUERIES = new Set<Tag>(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

function atomicBody({ a }: Reading, body: Node, scope: Scope): void {
  for (const node of childNodes([body], (tag) => QUERIES.has(tag) || tag === 'ReturnStmt')) {
    const returned = as(node, 'ReturnStmt');
    if (returned === undefined) {
      a.query(node, scope);
      continue;
    }
    a.notes.visit(returned);
    for (const value of childNodes(returned, isExpression)) a.expression(value, scope);
  }
}

/** A trigger hands every row to code, which may read anything: each column may go anywhere from then on, and so may whatever that code finds. */
function createTrigger(reading: Reading, node: Content<'CreateTrigStmt'>): Meaning {
  if (node.relation === undefined) return { verb: 'create', effects: CATALOG_CHANGES };
  const { a } = reading;
  const use = useRelation(reading, 'alter', node.relation);
  if (node.constrrel !== undefined) useRelation(reading, 'alter', node.constrrel);
  for (const column of use.relation?.columns ?? []) a.notes.shapeColumn(column, 'DEFINITION');
  if (node.whenClause !== undefined) shapeExpressions(a, [node.whenClause], definitionScope(use));
  const [name = '', schema] = strings(node.funcname).reverse();
  access(reading, 'call', 'function', [schema ?? a.catalog.functions(name, a.path)[0]?.schema ?? '?', name]);
  a.notes.opaque = true;
  return { verb: 'create', effects: CATALOG_CHANGES, facts: { replace: node.replace === true, objectType: 'trigger' } };
}

/** A rule rewrites later statements on its table. */
function createRule(reading: Reading, node: Content<'RuleStmt'>): Meaning {
  if (node.relation === undefined) return { verb: 'create', effects: CATALOG_CHANGES };
  const { a } = reading;
  const use = useRelation(reading, 'alter', node.relation);
  const scope = definitionScope(use);
  for (const column of use.relation?.columns ?? []) a.notes.shapeColumn(column, 'DEFINITION');
  if (node.whereClause !== undefined) shapeExpressions(a, [node.whereClause], scope);
  for (const action of childNodes(node.actions ?? [], (tag) => QUERIES.has(tag) || tag === 'NotifyStmt')) {
    const notify = as(action, 'NotifyStmt');
    if (notify !== undefined) a.notes.visit(notify);
    else a.query(action, scope);
  }
  a.notes.opaque = true;
  return { verb: 'create', effects: changed('lost', [use]), facts: { objectType: 'rule' } };
}

/** A row policy decides which rows others see, by a condition over them. */
function policy(reading: Reading, node: Content<'CreatePolicyStmt'> | Content<'AlterPolicyStmt'>): Meaning {
  if (node.table === undefined) return { verb: 'alter', effects: CATALOG_CHANGES };
  const use = useRelation(reading, 'alter', node.table);
  access(reading, 'administer', 'other', [use.schema, use.name, node.policy_name ?? '']);
  for (const part of [node.qual, node.with_check]) if (part !== undefined) shapeExpressions(reading.a, [part], definitionScope(use));
  return { verb: 'alter', effects: CATALOG_CHANGES, facts: { objectType: 'policy' } };
}

