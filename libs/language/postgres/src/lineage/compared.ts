import type { Analyst } from '../analysis/analyst.js';
import type { Comparison } from '../analysis/conditions.js';
import { shapingOf } from '../analysis/views.js';
import type { Node } from '../parser/tree.js';

const PLAIN = new Set(['SelectStmt', 'UpdateStmt', 'DeleteStmt']);

/**
 * The comparisons of a statement that depend on their parameters in no other way, and on their columns in no other way: with them, one value may stand for another
 * and nothing else of the statement changes. A statement that shows or keeps a text, or runs another one, has none.
 */
export function comparisonsOf(node: Node, a: Analyst): readonly Comparison[] {
  const { notes } = a;
  if (notes.compared.length === 0 || notes.opaque || !Object.keys(node).every((tag) => PLAIN.has(tag))) return [];
  const beside = new Map([...notes.shaping].filter(([column]) => notes.shapingOtherwise.has(column)));
  const otherwise = shapingOf(a, beside, notes.uses.values());
  const alone = notes.compared.filter(({ column }) => !otherwise.has(column));
  const [uses, inComparisons] = [parameterUses(node), counted(alone.flatMap(({ parameters }) => parameters))];
  return alone.filter(({ parameters }) => parameters.every((number) => uses.get(number) === inComparisons.get(number)));
}

/** How often each parameter stands in a statement, wherever that is. */
function parameterUses(root: object): ReadonlyMap<number, number> {
  const found: number[] = [];
  const pending: object[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { ParamRef: reference } = next as { readonly ParamRef?: { readonly number?: number } };
    if (reference !== undefined) found.push(reference.number ?? 0);
    for (const child of Object.values(next)) if (typeof child === 'object' && child !== null) pending.push(child as object);
  }
  return counted(found);
}

function counted(numbers: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return counts;
}
