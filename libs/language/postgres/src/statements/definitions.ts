import type { Analyst } from '../analysis/analyst.js';
import { childNodes } from '../analysis/children.js';
import { isExpression } from '../analysis/expressions.js';
import { placeOf } from '../analysis/named-objects.js';
import type { RelationUse } from '../analysis/notes.js';
import { tableOfUse } from '../analysis/relations.js';
import { EMPTY_SCOPE, innerScope, type Scope, type ScopeColumn } from '../analysis/scope.js';
import { CONSTANT } from '../analysis/value.js';
import { as, type Content, type Node } from '../parser/tree.js';
import type { Reading } from './meaning.js';
import type { Verb } from '@interlock/contracts';

/** Notes that a statement does something to an existing relation as a whole. */
export function useRelation(reading: Reading, verb: Verb, range: Content<'RangeVar'>): RelationUse {
  return reading.a.notes.use(verb, placeOf(reading.a, range));
}

/** Every relation that a list of RangeVar nodes names. */
export function useRelations(reading: Reading, verb: Verb, nodes: readonly Node[] | undefined): void {
  for (const node of nodes ?? []) {
    const range = as(node, 'RangeVar');
    if (range !== undefined) useRelation(reading, verb, range);
  }
}

/** A scope in which expressions of a definition see one relation's columns; `old` and `new` for rules and triggers. */
export function definitionScope(use: RelationUse): Scope {
  const table = tableOfUse(use, undefined);
  return innerScope(EMPTY_SCOPE, { tables: [table, { ...table, alias: 'old' }, { ...table, alias: 'new' }], columns: table.columns });
}

/** A scope for the expressions of something that is only being made: its own names mean nothing stored. */
export function newScope(names: readonly string[], alias: string): Scope {
  const columns = names.map((name): ScopeColumn => ({ name, value: CONSTANT, marks: [] }));
  return innerScope(EMPTY_SCOPE, { tables: [{ alias, columns }], columns });
}

/** Expressions anywhere below a definition: running one over stored rows tells about them. */
export function shapeExpressions(a: Analyst, parent: object, scope: Scope): void {
  for (const node of childNodes(parent, isExpression)) a.notes.shape(a.expression(node, scope), 'DEFINITION');
}

/** Columns by name that a constraint or an index compares. */
export function shapeColumns(a: Analyst, use: RelationUse, names: readonly string[]): void {
  for (const column of use.relation?.columns ?? []) if (names.includes(column.name)) a.notes.shapeColumn(column, 'DEFINITION');
}

/** Columns whose identity by name or place changes; all of the relation's without a name. */
export function alterColumns(a: Analyst, use: RelationUse, name?: string): void {
  for (const column of use.relation?.columns ?? []) if (name === undefined || column.name === name) a.notes.altered.add(column);
}

/** Marks everything below as looked at: for statements that are judged as a whole. */
export function visitAll(a: Analyst, parent: object): void {
  a.notes.visit(parent);
  for (const value of Object.values(parent)) if (typeof value === 'object' && value !== null) visitAll(a, value as object);
}
