import { EMPTY_SCOPE } from '../analysis/scope.js';
import { renamed, type Field } from '../analysis/value.js';
import { as, strings, type Content, type Node } from '../parser/tree.js';
import { created } from './changes.js';
import { carryInto, creationPlace } from './created.js';
import { CATALOG_CHANGES, NO_EFFECTS, type Effects, type Meaning, type Reader, type Readers, type Reading } from './meaning.js';
import type { Verb } from '@interlock/contracts';

/** SELECT and the statements that change rows, and those that make a table of a query. */
export const QUERY_READERS: Readers = {
  SelectStmt: select,
  InsertStmt: rows('insert', 'InsertStmt'),
  UpdateStmt: rows('update', 'UpdateStmt'),
  DeleteStmt: rows('delete', 'DeleteStmt'),
  MergeStmt: rows('merge', 'MergeStmt'),
  CreateTableAsStmt: createTableAs,
};

function rows<T extends 'InsertStmt' | 'UpdateStmt' | 'DeleteStmt' | 'MergeStmt'>(verb: Verb, tag: T): Reader<T> {
  return ({ a }, content) => {
    const { columns } = a.query({ [tag]: content } as unknown as Node, EMPTY_SCOPE);
    return (content as { returningClause?: unknown }).returningClause === undefined ? { verb, effects: NO_EFFECTS, ownRowChanges: 1 } : { verb, effects: NO_EFFECTS, columns, ownRowChanges: 1 };
  };
}

/** SELECT … INTO makes a table, as CREATE TABLE AS does. */
function select(reading: Reading, content: Content<'SelectStmt'>): Meaning {
  const { columns } = reading.a.query({ SelectStmt: content }, EMPTY_SCOPE);
  let first = content;
  while (first.larg !== undefined) first = first.larg;
  const into = first.intoClause;
  if (into === undefined) return { verb: 'select', effects: NO_EFFECTS, columns };
  return { verb: 'create', effects: makeTable(reading, into, columns, 'table', false), ownRowChanges: 0 };
}

function createTableAs(reading: Reading, content: Content<'CreateTableAsStmt'>): Meaning {
  const query = content.query;
  if (query === undefined || content.into === undefined) return { verb: 'create', effects: CATALOG_CHANGES };
  const columns = as(query, 'ExecuteStmt') === undefined
    ? reading.a.query(query, EMPTY_SCOPE).columns
    : reading.inner(query).columns ?? [];
  const kind = content.objtype === 'OBJECT_MATVIEW' ? 'view' : 'table';
  return { verb: 'create', effects: makeTable(reading, content.into, columns, kind, content.if_not_exists === true), ownRowChanges: 0 };
}

function makeTable(reading: Reading, into: Content<'IntoClause'>, columns: readonly Field[], kind: 'table' | 'view', unlessExists: boolean): Effects {
  const { a } = reading;
  if (into.rel === undefined) return CATALOG_CHANGES;
  const place = creationPlace(a, into.rel);
  a.notes.other({ verb: 'create', kind, path: [place.schema, place.name] });
  const made = renamed(columns, strings(into.colNames));
  carryInto(a, place, made);
  const names = a.notes.lineageUnknown === undefined ? made.map((column) => column.name) : undefined;
  return created(reading, place, kind, names, { untilCommit: into.onCommit === 'ONCOMMIT_DROP', unlessExists });
}

