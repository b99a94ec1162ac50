import { as, type Content, type Node } from '../parser/tree.js';
import type { Analyst, QueryColumns } from './analyst.js';
import { assign, assignments, bounds } from './assignments.js';
import { shapeByCondition } from './conditions.js';
import type { RelationUse } from './notes.js';
import { itemOf, relationEntry, tableOfUse } from './relations.js';
import { returning } from './returning.js';
import { innerScope, sideBySide, type Scope, type ScopeColumn } from './scope.js';
import { tautologyOf } from './tautology.js';
import { CONSTANT, type Field } from './value.js';
import { withQueries } from './with.js';

/** The scope with the statement's own WITH queries. */
export function withClause(a: Analyst, clause: Content<'WithClause'> | undefined, scope: Scope): Scope {
  return clause === undefined ? scope : { ...scope, ctes: withQueries(a, clause, scope) };
}

/** INSERT: where each source column goes, what a conflict does, what comes back. */
export function insert(a: Analyst, node: Content<'InsertStmt'>, outer: Scope): QueryColumns {
  a.notes.verbs.add('insert');
  a.notes.rowChanges += 1;
  const scope = withClause(a, node.withClause, outer);
  if (node.relation === undefined) return { columns: [] };
  const { use, table } = relationEntry(a, node.relation, 'insert');
  const source = node.selectStmt === undefined ? [] : a.query(node.selectStmt, innerScope(scope, { tables: [], columns: [] })).columns;
  const names = insertedNames(a, node, use, scope, source.length);
  names.forEach((name, index) => assign(a, use, name, source[index]?.value));
  if (node.onConflictClause !== undefined) onConflict(a, node.onConflictClause, use, table.alias, named(source, names), scope);
  return { columns: returning(a, node.returningClause, use, node.relation.alias, scope, { tables: [], columns: [] }) };
}

function insertedNames(a: Analyst, node: Content<'InsertStmt'>, use: RelationUse, scope: Scope, sources: number): string[] {
  const listed = (node.cols ?? []).map((item) => {
    const target = as(item, 'ResTarget');
    if (target !== undefined) a.notes.visit(target);
    for (const step of target?.indirection ?? []) bounds(a, step, scope);
    return target?.name ?? '';
  });
  if (listed.length > 0 || use.relation === undefined) {
    if (listed.length === 0) use.columnsWritten.add('*');
    return listed;
  }
  return use.relation.columns.slice(0, node.selectStmt === undefined ? undefined : sources).map((column) => column.name);
}

function named(source: readonly Field[], names: readonly string[]): Field[] {
  return source.map((field, index) => ({ name: names[index] ?? field.name, value: field.value }));
}

/** ON CONFLICT tells whether a row with these values exists: what it looks at shapes. DO UPDATE is an update. */
function onConflict(a: Analyst, node: Content<'OnConflictClause'>, inserted: RelationUse, alias: string, source: readonly Field[], scope: Scope): void {
  const update = node.action === 'ONCONFLICT_UPDATE';
  const use = update ? a.notes.use('update', inserted) : inserted;
  const target = { ...tableOfUse(use, undefined), alias };
  const excluded = { alias: 'excluded', columns: excludedColumns(inserted, source) };
  const inside = innerScope(scope, { tables: [target, excluded], columns: target.columns });
  for (const item of node.infer?.indexElems ?? []) {
    const element = as(item, 'IndexElem');
    if (element === undefined) continue;
    a.notes.visit(element);
    a.notes.search(target.columns.length);
    const column = target.columns.find((candidate) => candidate.name === element.name);
    if (column !== undefined) a.notes.shape(column.value, 'ON CONFLICT');
    if (element.expr !== undefined) a.notes.shape(a.expression(element.expr, inside), 'ON CONFLICT');
  }
  for (const condition of [node.infer?.whereClause, node.whereClause]) {
    if (condition !== undefined) a.notes.shape(a.expression(condition, inside), 'ON CONFLICT');
  }
  if (update) {
    a.notes.verbs.add('update');
    assignments(a, node.targetList ?? [], use, inside);
  }
}

/** The row that was to be inserted: the given columns, and defaults for the others. */
function excludedColumns(inserted: RelationUse, source: readonly Field[]): ScopeColumn[] {
  const given = new Set(source.map((field) => field.name));
  const others = (inserted.relation?.columns ?? []).filter((column) => !given.has(column.name));
  return [...source, ...others.map(({ name }) => ({ name, value: CONSTANT }))].map((field) => ({ ...field, marks: [] }));
}

/** UPDATE: what is set, from what, where. */
export function update(a: Analyst, node: Content<'UpdateStmt'>, outer: Scope): QueryColumns {
  a.notes.verbs.add('update');
  a.notes.rowChanges += 1;
  const scope = withClause(a, node.withClause, outer);
  if (node.relation === undefined) return { columns: [] };
  const { use, table } = relationEntry(a, node.relation, 'update');
  const from = a.from(node.fromClause ?? [], scope);
  const inside = innerScope(scope, sideBySide([itemOf(table), from]));
  assignments(a, node.targetList ?? [], use, inside);
  condition(a, node.whereClause, use, inside);
  return { columns: returning(a, node.returningClause, use, node.relation.alias, scope, from) };
}

/** DELETE: from what, using what, where. */
export function remove(a: Analyst, node: Content<'DeleteStmt'>, outer: Scope): QueryColumns {
  a.notes.verbs.add('delete');
  a.notes.rowChanges += 1;
  const scope = withClause(a, node.withClause, outer);
  if (node.relation === undefined) return { columns: [] };
  const { use, table } = relationEntry(a, node.relation, 'delete');
  const using = a.from(node.usingClause ?? [], scope);
  condition(a, node.whereClause, use, innerScope(scope, sideBySide([itemOf(table), using])));
  return { columns: returning(a, node.returningClause, use, node.relation.alias, scope, using) };
}

/** A condition that never looks at the rows of the target picks all of them or none: that is a tautology too. */
function condition(a: Analyst, node: Node | undefined, use: RelationUse, scope: Scope): void {
  const before = use.reads;
  if (node !== undefined) shapeByCondition(a, node, scope, 'WHERE');
  const looksAtTarget = use.reads > before || as(node, 'CurrentOfExpr') !== undefined;
  a.notes.conditions.push({
    write: true,
    present: node !== undefined,
    tautology: node !== undefined && isTautology(a, node, use, looksAtTarget),
  });
}

export function isTautology(a: Analyst, node: Node, use: RelationUse, looksAtTarget: boolean): boolean {
  const verdict = tautologyOf(a.notes, node, (column) => {
    a.notes.search(use.relation?.columns.length ?? 0);
    return use.relation?.columns.find(({ name }) => name === column)?.notNull;
  });
  return verdict === 'always' || (!looksAtTarget && verdict !== 'never');
}

/** The target of a MERGE, and what it is joined with. */
export function merge(a: Analyst, node: Content<'MergeStmt'>, outer: Scope): QueryColumns {
  a.notes.verbs.add('merge');
  a.notes.rowChanges += 1;
  const scope = withClause(a, node.withClause, outer);
  if (node.relation === undefined || node.sourceRelation === undefined) return { columns: [] };
  const { use, table } = relationEntry(a, node.relation, 'select');
  const source = a.from([node.sourceRelation], scope);
  const inside = innerScope(scope, sideBySide([itemOf(table), source]));
  const before = use.reads;
  if (node.joinCondition !== undefined) a.notes.shape(a.expression(node.joinCondition, inside), 'JOIN');
  const tautology = node.joinCondition !== undefined && isTautology(a, node.joinCondition, use, use.reads > before);
  for (const item of node.mergeWhenClauses ?? []) mergeWhen(a, item, use, inside, tautology);
  return { columns: returning(a, node.returningClause, use, node.relation.alias, scope, source) };
}

function mergeWhen(a: Analyst, item: Node, target: RelationUse, scope: Scope, tautology: boolean): void {
  const when = as(item, 'MergeWhenClause');
  if (when === undefined) return;
  a.notes.visit(when);
  if (when.condition !== undefined) a.notes.shape(a.expression(when.condition, scope), 'MERGE');
  if (when.commandType === 'CMD_INSERT') return mergeInsert(a, when, target, scope);
  if (when.commandType !== 'CMD_UPDATE' && when.commandType !== 'CMD_DELETE') return;
  const unmatched = when.matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE';
  a.notes.conditions.push({ write: true, present: !unmatched || when.condition !== undefined, tautology: !unmatched && tautology });
  if (when.commandType === 'CMD_DELETE') a.notes.use('delete', target);
  else assignments(a, when.targetList ?? [], a.notes.use('update', target), scope);
}

function mergeInsert(a: Analyst, when: Content<'MergeWhenClause'>, target: RelationUse, scope: Scope): void {
  const use = a.notes.use('insert', target);
  const values = (when.values ?? []).map((value) => a.expression(value, scope));
  const listed = (when.targetList ?? []).map((item) => {
    const column = as(item, 'ResTarget');
    if (column !== undefined) a.notes.visit(column);
    return column?.name ?? '';
  });
  const names = listed.length > 0 ? listed : (use.relation?.columns ?? []).map((column) => column.name);
  names.forEach((name, index) => assign(a, use, name, values[index]));
}

