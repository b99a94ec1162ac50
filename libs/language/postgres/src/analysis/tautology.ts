import { as, strings, tagOf, type Content, type Node } from '../parser/tree.js';
import type { Notes } from './notes.js';

/** What a condition comes to for every row: a proof, or `depends` when there is none. */
export type Verdict = 'always' | 'never' | 'depends';

/** Whether a column of the target cannot be null; undefined when not known. */
export type NotNull = (column: string) => boolean | undefined;

/**
 * Tries to prove a condition true (or false) for every row. It knows constants, a value compared with itself, null
 * tests on columns that cannot be null, patterns that match everything, and AND, OR, NOT over them. It is no prover:
 * `depends` is no promise that some row stays.
 */
export function tautologyOf(notes: Notes, node: Node, notNull: NotNull): Verdict {
  const literal = as(node, 'A_Const');
  if (literal !== undefined) return literalVerdict(notes, literal);
  const logic = as(node, 'BoolExpr');
  if (logic !== undefined) return logicVerdict(notes, logic, notNull);
  const test = as(node, 'NullTest');
  if (test !== undefined) return nullVerdict(test, notNull);
  const cast = as(node, 'TypeCast');
  if (cast?.arg !== undefined) return tautologyOf(notes, cast.arg, notNull);
  const truth = as(node, 'BooleanTest');
  if (truth?.arg !== undefined) return truthVerdict(truth, tautologyOf(notes, truth.arg, notNull));
  const comparison = as(node, 'A_Expr');
  return comparison === undefined ? subqueryVerdict(notes, node, notNull) : comparisonVerdict(notes, comparison);
}

function not(verdict: Verdict): Verdict {
  if (verdict === 'depends') return verdict;
  return verdict === 'always' ? 'never' : 'always';
}

function literalVerdict(notes: Notes, literal: Content<'A_Const'>): Verdict {
  if (literal.boolval !== undefined) return literal.boolval.boolval === true ? 'always' : 'never';
  if (literal.isnull === true) return 'never';
  if (literal.sval === undefined) return 'depends';
  const text = literal.sval.sval ?? '';
  notes.readLiteral(text);
  return /^\s*(t|tr|tru|true|y|ye|yes|on|1)\s*$/i.test(text) ? 'always' : 'never';
}

function logicVerdict(notes: Notes, logic: Content<'BoolExpr'>, notNull: NotNull): Verdict {
  const args = logic.args ?? [];
  const verdicts = args.map((part) => tautologyOf(notes, part, notNull));
  switch (logic.boolop) {
    case 'NOT_EXPR': return not(verdicts[0] ?? 'depends');
    case 'AND_EXPR': return verdicts.includes('never') ? 'never' : verdicts.every((verdict) => verdict === 'always') ? 'always' : 'depends';
    case 'OR_EXPR':
      if (verdicts.includes('always') || coverEachOther(notes, args)) return 'always';
      return verdicts.every((verdict) => verdict === 'never') ? 'never' : 'depends';
    default: return 'depends';
  }
}

function nullVerdict(test: Content<'NullTest'>, notNull: NotNull): Verdict {
  const column = strings(as(test.arg, 'ColumnRef')?.fields).pop();
  const constant = as(test.arg, 'A_Const');
  const never = constant !== undefined ? constant.isnull !== true : column !== undefined && notNull(column) === true;
  if (!never) return 'depends';
  return test.nulltesttype === 'IS_NOT_NULL' ? 'always' : 'never';
}

function truthVerdict(test: Content<'BooleanTest'>, inner: Verdict): Verdict {
  switch (test.booltesttype) {
    case 'IS_TRUE': case 'IS_NOT_FALSE': return inner;
    case 'IS_FALSE': case 'IS_NOT_TRUE': return not(inner);
    default: return 'depends';
  }
}

/** True of a value and itself, nulls apart, which count as rows too: the question is what the writer meant to pick. */
const REFLEXIVE = new Set(['=', '<=', '>=', '~~', '~~*']);
const IRREFLEXIVE = new Set(['<>', '<', '>']);

function comparisonVerdict(notes: Notes, node: Content<'A_Expr'>): Verdict {
  const operator = strings(node.name).pop() ?? '';
  if (node.lexpr === undefined || node.rexpr === undefined) return 'depends';
  if (isLike(node) && matchesEverything(notes, node.rexpr)) return operator.startsWith('!') ? 'never' : 'always';
  if (node.kind === 'AEXPR_IN') return inVerdict(notes, node, operator);
  if (node.kind === 'AEXPR_BETWEEN') return list(node.rexpr).every((bound) => same(notes, bound, node.lexpr)) ? 'always' : 'depends';
  if (node.kind === 'AEXPR_OP_ANY') return list(node.rexpr).some((item) => same(notes, item, node.lexpr)) ? 'always' : 'depends';
  const constants = constantVerdict(notes, node, operator);
  if (constants !== undefined) return constants;
  if (!same(notes, node.lexpr, node.rexpr)) return 'depends';
  if (node.kind === 'AEXPR_NOT_DISTINCT' || REFLEXIVE.has(operator)) return 'always';
  return node.kind === 'AEXPR_DISTINCT' || IRREFLEXIVE.has(operator) ? 'never' : 'depends';
}

function isLike(node: Content<'A_Expr'>): boolean {
  return node.kind === 'AEXPR_LIKE' || node.kind === 'AEXPR_ILIKE';
}

function matchesEverything(notes: Notes, pattern: Node): boolean {
  const literal = as(pattern, 'A_Const')?.sval;
  if (literal === undefined) return false;
  const text = literal.sval ?? '';
  notes.readLiteral(text);
  return /^%+$/.test(text);
}

function inVerdict(notes: Notes, node: Content<'A_Expr'>, operator: string): Verdict {
  const found = list(node.rexpr).some((item) => same(notes, item, node.lexpr));
  if (!found) return 'depends';
  return operator === '<>' ? 'never' : 'always';
}

function list(node: Node | undefined): readonly Node[] {
  return as(node, 'List')?.items ?? as(node, 'A_ArrayExpr')?.elements ?? [];
}

function number(node: Node | undefined): number | undefined {
  const literal = as(node, 'A_Const');
  if (literal?.ival !== undefined) return literal.ival.ival ?? 0;
  return literal?.fval === undefined ? undefined : Number(literal.fval.fval);
}

/** Two numbers, or two texts, compared. */
function constantVerdict(notes: Notes, node: Content<'A_Expr'>, operator: string): Verdict | undefined {
  const [left, right] = [constant(node.lexpr), constant(node.rexpr)];
  if (left === undefined || right === undefined || typeof left !== typeof right) return undefined;
  for (const side of [left, right]) notes.readLiteral(String(side));
  if (operator === '=' || operator === '<>') return decided((left === right) === (operator === '='));
  return typeof left === 'number' && typeof right === 'number' ? orderVerdict(left, right, operator) : undefined;
}

function orderVerdict(left: number, right: number, operator: string): Verdict | undefined {
  switch (operator) {
    case '<': return decided(left < right);
    case '>': return decided(left > right);
    case '<=': return decided(left <= right);
    case '>=': return decided(left >= right);
    default: return undefined;
  }
}

function constant(node: Node | undefined): number | string | undefined {
  const text = as(node, 'A_Const')?.sval;
  return number(node) ?? (text === undefined ? undefined : text.sval ?? '');
}

function decided(truth: boolean): Verdict {
  return truth ? 'always' : 'never';
}

/** Whether two expressions are written alike, places apart, and give the same value twice. */
function same(notes: Notes, left: Node | undefined, right: Node | undefined): boolean {
  if (left === undefined || right === undefined || tagOf(left) !== tagOf(right) || as(left, 'FuncCall') !== undefined) return false;
  return alike(notes, left, right);
}

/** Member by member, up to the first difference: a comparison costs no more than the smaller of both. */
function alike(notes: Notes, left: unknown, right: unknown): boolean {
  notes.look(1);
  if (notes.exhausted) return false;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((item, index) => alike(notes, item, right[index]));
  if ('A_Const' in left && 'A_Const' in right) notes.readsLiterals = true;
  const names = membersOf(left);
  return names.length === membersOf(right).length && names.every((name) => Object.hasOwn(right, name) && alike(notes, (left as Members)[name], (right as Members)[name]));
}

type Members = Readonly<Record<string, unknown>>;

function membersOf(value: object): string[] {
  return Object.keys(value).filter((name) => name !== 'location');
}

const OPPOSITE: Readonly<Record<string, string>> = { '=': '<>', '<>': '=', '<': '>=', '>=': '<', '>': '<=', '<=': '>' };

/** Arms of one OR that are compared with one another; beyond, no proof is tried. */
const COMPARED_ARMS = 24;

/** Whether two arms of an OR leave no row out: a test and its opposite, or IS NULL beside IS NOT NULL. */
function coverEachOther(notes: Notes, arms: readonly Node[]): boolean {
  return arms.length <= COMPARED_ARMS && arms.some((left, index) => arms.slice(index + 1).some((right) => opposite(notes, left, right)));
}

function opposite(notes: Notes, left: Node, right: Node): boolean {
  const [one, other] = [as(left, 'NullTest'), as(right, 'NullTest')];
  if (one !== undefined && other !== undefined) return one.nulltesttype !== other.nulltesttype && same(notes, one.arg, other.arg);
  const [a, b] = [as(left, 'A_Expr'), as(right, 'A_Expr')];
  if (a === undefined || b === undefined || a.kind !== 'AEXPR_OP' || b.kind !== 'AEXPR_OP') return negates(notes, left, right) || negates(notes, right, left);
  const operator = strings(a.name).pop() ?? '';
  return OPPOSITE[operator] === strings(b.name).pop() && same(notes, a.lexpr, b.lexpr) && same(notes, a.rexpr, b.rexpr);
}

function negates(notes: Notes, node: Node, other: Node): boolean {
  const logic = as(node, 'BoolExpr');
  return logic?.boolop === 'NOT_EXPR' && same(notes, logic.args?.[0], other);
}

/** `column IN (SELECT column FROM table)` and `EXISTS (SELECT …)` without a condition of their own. */
function subqueryVerdict(notes: Notes, node: Node, notNull: NotNull): Verdict {
  const link = as(node, 'SubLink');
  const query = as(link?.subselect, 'SelectStmt');
  if (link === undefined || query === undefined || query.limitCount !== undefined || query.havingClause !== undefined) return 'depends';
  const open = query.whereClause === undefined || tautologyOf(notes, query.whereClause, notNull) === 'always';
  if (link.subLinkType === 'EXISTS_SUBLINK' && open && query.fromClause === undefined) return 'always';
  if (link.subLinkType === 'EXPR_SUBLINK' && query.fromClause === undefined && open) return firstTarget(notes, query, notNull);
  const output = as(query.targetList?.[0], 'ResTarget')?.val;
  const alike = strings(as(link.testexpr, 'ColumnRef')?.fields).pop() === strings(as(output, 'ColumnRef')?.fields).pop();
  return link.subLinkType === 'ANY_SUBLINK' && open && alike && as(output, 'ColumnRef') !== undefined ? 'always' : 'depends';
}

function firstTarget(notes: Notes, query: Content<'SelectStmt'>, notNull: NotNull): Verdict {
  const value = as(query.targetList?.[0], 'ResTarget')?.val;
  return value === undefined ? 'depends' : tautologyOf(notes, value, notNull);
}
