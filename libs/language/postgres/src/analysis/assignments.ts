import { as, type Node } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import type { RelationUse } from './notes.js';
import type { Scope } from './scope.js';
import { CONSTANT, derived, type Value } from './value.js';

/** Notes that a value is written into a column of the used relation. */
export function assign(a: Analyst, use: RelationUse, name: string, value: Value | undefined): void {
  use.columnsWritten.add(name);
  a.notes.search(use.relation?.columns.length ?? 0);
  if (a.notes.exhausted) return;
  a.notes.carries.push({ into: use.relation?.columns.find((column) => column.name === name), value: value ?? CONSTANT, ...(use.verb === 'update' && { replaces: true }) });
}

/** SET lists: `column = value`, `column.member = value`, `column[i] = value`, `(a, b) = (…)`. */
export function assignments(a: Analyst, targets: readonly Node[], use: RelationUse, scope: Scope): void {
  for (const item of targets) {
    const target = as(item, 'ResTarget');
    if (target?.val === undefined) continue;
    a.notes.visit(target);
    for (const step of target.indirection ?? []) bounds(a, step, scope);
    const value = assignedValue(a, target.val, scope);
    assign(a, use, target.name ?? '', target.indirection === undefined ? value : derived([value]));
  }
}

/** The subscripts of `column[i]` and `column[i:j]`. */
export function bounds(a: Analyst, step: Node, scope: Scope): void {
  const indices = as(step, 'A_Indices');
  if (indices === undefined) return;
  a.notes.visit(indices);
  for (const bound of [indices.lidx, indices.uidx]) if (bound !== undefined) a.notes.shape(a.expression(bound, scope), 'SUBSCRIPT');
}

function assignedValue(a: Analyst, node: Node, scope: Scope): Value {
  const value = a.expression(node, scope);
  const place = as(node, 'MultiAssignRef')?.colno;
  if (place === undefined) return value;
  return value.fields?.[place - 1]?.value ?? derived([value]);
}
