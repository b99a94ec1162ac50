import { as, strings, tagOf, type Content, type Node, type Tag } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { childNodes } from './children.js';
import { operatorCall } from './calls.js';
import { columnReference, indirection } from './references.js';
import { EMPTY_SCOPE, parameter, type Scope } from './scope.js';
import { subLink } from './sublinks.js';
import { CONSTANT, derived, oneOf, rowOf, type Value } from './value.js';

type Handler<T extends Tag> = (a: Analyst, node: Content<T>, scope: Scope) => Value;

/** Every kind of expression that is understood. What is not here is refused. */
const HANDLERS: { readonly [T in Tag]?: Handler<T> } = {
  A_Const: () => CONSTANT,
  ParamRef: (a, node, scope) => parameter(a.notes, scope, `$${node.number ?? 0}`) ?? CONSTANT,
  SetToDefault: () => CONSTANT,
  SQLValueFunction: () => CONSTANT,
  CurrentOfExpr: () => CONSTANT,
  MergeSupportFunc: () => CONSTANT,
  ColumnRef: columnReference,
  A_Indirection: indirection,
  A_Expr: operator,
  FuncCall: (a, node, scope) => a.call(node, scope),
  SubLink: subLink,
  CaseExpr: caseExpression,
  BoolExpr: (a, node, scope) => derived(each(a, node.args, scope), true),
  NullTest: (a, node, scope) => derived(one(a, node.arg, scope), true),
  BooleanTest: (a, node, scope) => derived(one(a, node.arg, scope), true),
  CoalesceExpr: (a, node, scope) => derived(each(a, node.args, scope), true),
  MinMaxExpr: (a, node, scope) => derived(each(a, node.args, scope)),
  GroupingFunc: (a, node, scope) => derived(each(a, node.args, scope), true),
  CollateClause: (a, node, scope) => one(a, node.arg, scope)[0] ?? CONSTANT,
  TypeCast: cast,
  NamedArgExpr: (a, node, scope) => one(a, node.arg, scope)[0] ?? CONSTANT,
  List: (a, node, scope) => derived(each(a, node.items, scope)),
  A_ArrayExpr: (a, node, scope) => {
    const elements = each(a, node.elements, scope);
    return derived(elements, elements.every((element) => isPlain(a, element)));
  },
  RowExpr: (a, node, scope) => rowOf(rowMembers(a, node, scope)),
  MultiAssignRef: (a, node, scope) => one(a, node.source, scope)[0] ?? CONSTANT,
  XmlExpr: fromParts,
  XmlSerialize: fromParts,
  JsonObjectConstructor: fromParts,
  JsonArrayConstructor: fromParts,
  JsonArrayQueryConstructor: jsonArrayQuery,
  JsonObjectAgg: jsonAggregate,
  JsonArrayAgg: jsonAggregate,
  JsonFuncExpr: fromParts,
  JsonParseExpr: fromParts,
  JsonScalarExpr: fromParts,
  JsonSerializeExpr: fromParts,
  JsonIsPredicate: fromParts,
  JsonValueExpr: fromParts,
  JsonKeyValue: fromParts,
  JsonArgument: fromParts,
  JsonBehavior: fromParts,
};

/** Which node types are expressions: where a statement hides them in options, they can still be found. */
export function isExpression(tag: Tag): boolean {
  return HANDLERS[tag] !== undefined && tag !== 'List';
}

export function expression(a: Analyst, node: Node, scope: Scope): Value {
  const tag = tagOf(node);
  const handler = HANDLERS[tag] as Handler<Tag> | undefined;
  const content = (node as Record<string, object>)[tag] as never;
  a.notes.visit(content);
  if (handler === undefined) a.notes.refuse(`the expression ${tag}`);
  if (handler === undefined || a.notes.exhausted) return CONSTANT;
  const value = handler(a, content, scope);
  a.notes.weigh(value);
  return value;
}

function one(a: Analyst, node: Node | undefined, scope: Scope): Value[] {
  return node === undefined ? [] : [a.expression(node, scope)];
}

function each(a: Analyst, nodes: readonly Node[] | undefined, scope: Scope): Value[] {
  return (nodes ?? []).map((node) => a.expression(node, scope));
}

/** Operators that never raise, whatever text or number they are given. */
const TOTAL_OPERATORS = new Set(['=', '<>', '<', '>', '<=', '>=', '||']);

function operator(a: Analyst, node: Content<'A_Expr'>, scope: Scope): Value {
  const operands = [...one(a, node.lexpr, scope), ...one(a, node.rexpr, scope)];
  const name = strings(node.name);
  const total = node.kind === 'AEXPR_OP' && name.length === 1 && TOTAL_OPERATORS.has(name[0] ?? '') && (name[0] !== '||' || operands.every((operand) => isPlain(a, operand)));
  const own = operatorCall(a, name, operands);
  return own === undefined ? derived(operands, total) : derived([own, ...operands]);
}

/** A branch depends on its tests: they shape, whoever reads the result. */
function caseExpression(a: Analyst, node: Content<'CaseExpr'>, scope: Scope): Value {
  for (const tested of one(a, node.arg, scope)) a.notes.shape(tested, 'CASE');
  const results = one(a, node.defresult, scope);
  for (const arm of node.args ?? []) {
    const when = as(arm, 'CaseWhen');
    if (when === undefined) continue;
    a.notes.visit(when);
    for (const test of one(a, when.expr, scope)) a.notes.shape(test, 'CASE');
    results.push(...one(a, when.result, scope));
  }
  return derived([oneOf(results)], true);
}

const TEXT_TYPES = new Set(['text', 'varchar', 'bpchar']);

/** A cast to another type computes; to text it cannot fail, where that is not a name of someone's own type. */
function cast(a: Analyst, node: Content<'TypeCast'>, scope: Scope): Value {
  const [local = '', schema] = strings(node.typeName?.names).reverse();
  const isText = TEXT_TYPES.has(local) && a.catalog.typeByName(local, schema ?? a.path)?.schema === 'pg_catalog';
  const total = isText && node.typeName?.arrayBounds === undefined;
  return derived(one(a, node.arg, scope), total);
}

/** A constant, or a column unchanged that is no array, row or document: joining arrays of different dimensions fails. */
function isPlain(a: Analyst, value: Value): boolean {
  return value.direct && value.unread !== true && value.origins.every(({ typeOid }) => {
    const type = a.catalog.type(typeOid);
    return type !== undefined && type.kind !== 'composite' && type.kind !== 'domain' && type.elementOid === 0 && !DOCUMENTS.has(type.name);
  });
}

const DOCUMENTS = new Set(['json', 'jsonb', 'record', 'anyarray', 'tsquery', 'tsvector']);

function rowMembers(a: Analyst, node: Content<'RowExpr'>, scope: Scope): { name: string; value: Value }[] {
  return (node.args ?? []).map((member, index) => ({ name: `f${index + 1}`, value: a.expression(member, scope) }));
}

/** XML and JSON constructors and queries: whatever they are given goes in. */
function fromParts(a: Analyst, node: object, scope: Scope): Value {
  const parts = childNodes(node, (tag) => isExpression(tag) || tag === 'ResTarget');
  return derived(parts.flatMap((part) => {
    const named = as(part, 'ResTarget');
    if (named !== undefined) a.notes.visit(named);
    return one(a, named === undefined ? part : named.val, scope);
  }));
}

function jsonArrayQuery(a: Analyst, node: Content<'JsonArrayQueryConstructor'>, scope: Scope): Value {
  if (node.query === undefined) return CONSTANT;
  const { query } = node;
  a.notes.mixesRows = true;
  return derived(a.query(query, { ...EMPTY_SCOPE, outer: scope, ctes: scope.ctes }).columns.map((column) => column.value));
}

/** JSON_OBJECTAGG and JSON_ARRAYAGG: order, filter and window shape, the rest goes in. */
function jsonAggregate(a: Analyst, node: Content<'JsonObjectAgg'> | Content<'JsonArrayAgg'>, scope: Scope): Value {
  const { constructor: aggregate, arg } = node as { constructor?: object; arg?: object };
  a.notes.mixesRows = true;
  for (const part of aggregate === undefined ? [] : childNodes(aggregate, (tag) => isExpression(tag) || tag === 'SortBy')) {
    const sort = as(part, 'SortBy');
    if (sort !== undefined) a.notes.visit(sort);
    a.notes.shape(derived(one(a, sort === undefined ? part : sort.node, scope)), sort === undefined ? 'FILTER' : 'ORDER BY');
  }
  return fromParts(a, arg ?? {}, scope);
}
