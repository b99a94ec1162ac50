import type { Content } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { operatorCall } from './calls.js';
import { strings } from '../parser/tree.js';
import { innerScope, type Scope } from './scope.js';
import { CONSTANT, derived, rowOf, type Value } from './value.js';

/** A query inside an expression. Its own WHERE and the like have shaped already when its value is asked for. */
export function subLink(a: Analyst, node: Content<'SubLink'>, scope: Scope): Value {
  if (node.subselect === undefined) return CONSTANT;
  const { columns } = a.query(node.subselect, innerScope(scope, { tables: [], columns: [] }));
  const values = columns.map((column) => column.value);
  switch (node.subLinkType) {
    case 'EXISTS_SUBLINK': return CONSTANT;
    case 'EXPR_SUBLINK': return values.length === 1 ? values[0] ?? CONSTANT : derived(values);
    case 'MULTIEXPR_SUBLINK':
    case 'ROWCOMPARE_SUBLINK': return rowOf(columns);
    case 'ARRAY_SUBLINK': return derived(values, true);
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
