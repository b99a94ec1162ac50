import { placeOf } from '../analysis/named-objects.js';
import { as, strings, type Content, type Node } from '../parser/tree.js';
import { renamed } from '../analysis/value.js';
import { alterTable } from './alter-table.js';
import { created } from './changes.js';
import { carryInto, creationPlace } from './created.js';
import { constraint } from './constraints.js';
import { definitionScope, newScope, shapeColumns, shapeExpressions, useRelation, useRelations } from './definitions.js';
import { access, CATALOG_CHANGES, NO_EFFECTS, type Meaning, type Readers, type Reading } from './meaning.js';

/** Statements about tables, views, sequences and indexes as a whole. */
export const TABLE_READERS: Readers = {
  CreateStmt: createTable,
  CreateForeignTableStmt: (reading, node) => {
    reading.a.notes.loseLineage('a foreign table shows rows of another system');
    return createTable(reading, node.base ?? {});
  },
  AlterTableStmt: alterTable,
  ViewStmt: createView,
  IndexStmt: createIndex,
  CreateSeqStmt: (reading, node) => {
    if (node.sequence !== undefined) access(reading, 'create', 'sequence', placePath(reading, node.sequence));
    return { verb: 'create', effects: CATALOG_CHANGES };
  },
  AlterSeqStmt: (reading, node) => {
    if (node.sequence !== undefined) useRelation(reading, 'alter', node.sequence);
    return { verb: 'alter', effects: CATALOG_CHANGES };
  },
  TruncateStmt: (reading, node) => {
    useRelations(reading, 'truncate', node.relations);
    return { verb: 'truncate', effects: NO_EFFECTS, facts: { cascade: node.behavior === 'DROP_CASCADE' } };
  },
  LockStmt: (reading, node) => {
    useRelations(reading, node.mode === ACCESS_SHARE ? 'select' : 'lock', node.relations);
    return { verb: 'lock', effects: NO_EFFECTS, facts: { lockMode: node.mode ?? 0 } };
  },
  VacuumStmt: vacuum,
  ClusterStmt: (reading, node) => {
    if (node.relation !== undefined) useRelation(reading, 'cluster', node.relation);
    return { verb: 'cluster', effects: NO_EFFECTS };
  },
  ReindexStmt: (reading, node) => {
    if (node.relation !== undefined) useRelation(reading, 'reindex', node.relation);
    else if (node.kind === 'REINDEX_OBJECT_SCHEMA') access(reading, 'reindex', 'schema', [node.name ?? '']);
    return { verb: 'reindex', effects: NO_EFFECTS };
  },
  RefreshMatViewStmt: (reading, node) => {
    if (node.relation !== undefined) useRelation(reading, 'refresh', node.relation);
    return { verb: 'refresh', effects: NO_EFFECTS };
  },
};

/** The lock that every SELECT takes: it keeps nobody from reading or writing. */
const ACCESS_SHARE = 1;

function placePath(reading: Reading, range: Content<'RangeVar'>): string[] {
  const { schema, name } = creationPlace(reading.a, range);
  return [schema, name];
}

/** A new table; what it inherits from or references is named too. */
function createTable(reading: Reading, node: Content<'CreateStmt'> | object): Meaning {
  const { a } = reading;
  const { relation, inhRelations, tableElts, partbound, partspec, ofTypename, oncommit, if_not_exists } = node as Content<'CreateStmt'>;
  if (relation === undefined) return { verb: 'create', effects: CATALOG_CHANGES };
  const place = creationPlace(a, relation);
  access(reading, 'create', 'table', [place.schema, place.name]);
  useRelations(reading, 'alter', inhRelations);
  const columns = (tableElts ?? []).map((element) => as(element, 'ColumnDef')?.colname).filter((name) => name !== undefined);
  const scope = newScope([...columns, ...inheritedColumns(reading, inhRelations)], relation.relname ?? '');
  for (const element of tableElts ?? []) tableElement(reading, element);
  for (const part of [tableElts, partbound, partspec]) if (part !== undefined) shapeExpressions(a, part, scope);
  const known = inhRelations === undefined && ofTypename === undefined ? [...columns, ...likeColumns(reading, tableElts)] : undefined;
  return { verb: 'create', effects: created(reading, place, 'table', known, { untilCommit: oncommit === 'ONCOMMIT_DROP', unlessExists: if_not_exists === true }) };
}

/** LIKE copies names and types, never rows. */
function likeColumns(reading: Reading, elements: readonly Node[] | undefined): string[] {
  const ranges = (elements ?? []).map((element) => as(element, 'TableLikeClause')?.relation).filter((range) => range !== undefined);
  return ranges.flatMap((range) => placeOf(reading.a, range).relation?.columns.map((column) => column.name) ?? []);
}

function inheritedColumns(reading: Reading, parents: readonly Node[] | undefined): string[] {
  const ranges = (parents ?? []).map((parent) => as(parent, 'RangeVar')).filter((range) => range !== undefined);
  return ranges.flatMap((range) => placeOf(reading.a, range).relation?.columns.map((column) => column.name) ?? []);
}

/** A column, a constraint or LIKE: what other tables they name. */
function tableElement(reading: Reading, element: Node): void {
  const like = as(element, 'TableLikeClause')?.relation;
  if (like !== undefined) useRelation(reading, 'select', like);
  const constraints = as(element, 'ColumnDef')?.constraints ?? [element];
  for (const item of constraints) {
    const found = as(item, 'Constraint');
    if (found !== undefined) constraint(reading, found, undefined);
  }
}

/** A view's columns are copies that no rule names yet: they carry. Replacing one that exists changes it, too. */
function createView(reading: Reading, node: Content<'ViewStmt'>): Meaning {
  const { a } = reading;
  if (node.view === undefined) return { verb: 'create', effects: CATALOG_CHANGES };
  const place = creationPlace(a, node.view);
  access(reading, 'create', 'view', [place.schema, place.name]);
  const replaced = node.replace === true ? a.catalog.relation(place.schema, place.name) : undefined;
  if (replaced !== undefined) a.notes.use('alter', { ...place, relation: replaced });
  const columns = node.query === undefined ? [] : reading.inner(node.query).columns ?? [];
  const made = renamed(columns, strings(node.aliases));
  carryInto(a, place, made);
  const names = a.notes.lineageUnknown === undefined ? made.map((column) => column.name) : undefined;
  return { verb: 'create', effects: created(reading, place, 'view', names), facts: { replace: node.replace === true } };
}

/** Building an index runs its expressions, and a unique one tells of duplicates. */
function createIndex(reading: Reading, node: Content<'IndexStmt'>): Meaning {
  const { a } = reading;
  if (node.relation === undefined) return { verb: 'create', effects: CATALOG_CHANGES };
  const use = useRelation(reading, 'alter', node.relation);
  const elements = (node.indexParams ?? []).map((item) => as(item, 'IndexElem')).filter((element) => element !== undefined);
  shapeColumns(a, use, elements.map((element) => element.name ?? ''));
  for (const part of [...elements, node.whereClause]) if (part !== undefined) shapeExpressions(a, [part], definitionScope(use));
  access(reading, 'create', 'other', [use.schema, node.idxname ?? '?']);
  return { verb: 'create', effects: CATALOG_CHANGES, facts: { unique: node.unique === true } };
}

function vacuum(reading: Reading, node: Content<'VacuumStmt'>): Meaning {
  const verb = node.is_vacuumcmd === true ? 'vacuum' : 'analyze';
  for (const item of node.rels ?? []) {
    const named = as(item, 'VacuumRelation');
    if (named?.relation === undefined) continue;
    const use = useRelation(reading, verb, named.relation);
    for (const column of strings(named.va_cols)) use.columnsRead.add(column);
  }
  return { verb, effects: NO_EFFECTS };
}

