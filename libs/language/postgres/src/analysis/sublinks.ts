import type { Content } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { operatorCall } from './calls.js';
import type { Clause } from './notes.js';
import { strings } from '../parser/tree.js';
import { innerScope, type Scope } from './scope.js';
import { CONSTANT, derived, rowOf, type Value } from './value.js';

/** Forms of subquery that ask whether there are rows, rather than give them. */
const CLAUSES: { readonly [form: string]: Clause | undefined } = { EXISTS_SUBLINK: 'EXISTS', ANY_SUBLINK: 'IN', ALL_SUBLINK: 'IN' };

/** A query inside an expression. Its own WHERE and the like have shaped already when its value is asked for. */
export function subLink(a: Analyst, node: Content<'SubLink'>, scope: Scope): Value {
  if (node.subselect === undefined) return CONSTANT;
  const query = node.subselect;
  const { columns } = a.notes.readsAnew(() => a.notes.inside(CLAUSES[node.subLinkType ?? 'EXPR_SUBLINK'], () => a.query(query, innerScope(scope, { tables: [], columns: [] }))));
  const values = columns.map((column) => column.value);
  switch (node.subLinkType) {
    case 'EXISTS_SUBLINK': return CONSTANT;
    case 'EXPR_SUBLINK': return values.length === 1 ? values[0] ?? CONSTANT : rowOf(columns);
    case 'MULTIEXPR_SUBLINK':
    case 'ROWCOMPARE_SUBLINK': return rowOf(columns);
    case 'ARRAY_SUBLINK': return derived(values);
    case 'ANY_SUBLINK':
    case 'ALL_SUBLINK': return compared(a, node, values, scope);
    default:
      a.notes.refuse(`the subquery form ${node.subLinkType ?? ''}`);
      return CONSTANT;
  }
}

function compared(a: Analyst, node: Content<'SubLink'>, values: readonly Value[], scope: Scope): Value {
  const tested = node.testexpr === undefined ? [] : [a.expression(node.testexpr, scope)];
  if (node.operName !== undefined) operatorCall(a, strings(node.operName), [...tested, ...values].slice(0, 2));
  return derived([...tested, ...values]);
}
