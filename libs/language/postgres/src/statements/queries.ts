import { EMPTY_SCOPE } from '../analysis/scope.js';
import type { Field } from '../analysis/value.js';
import { as, type Content, type Node } from '../parser/tree.js';
import { creationPlace } from './created.js';
import { CATALOG_CHANGES, NO_EFFECTS, type Meaning, type Reader, type Readers, type Reading } from './meaning.js';
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
    return (content as { returningClause?: unknown }).returningClause === undefined ? { verb, effects: NO_EFFECTS } : { verb, effects: NO_EFFECTS, columns };
  };
}

/** SELECT … INTO makes a table, as CREATE TABLE AS does. */
function select(reading: Reading, content: Content<'SelectStmt'>): Meaning {
  const { columns } = reading.a.query({ SelectStmt: content }, EMPTY_SCOPE);
  let first = content;
  while (first.larg !== undefined) first = first.larg;
  const into = first.intoClause;
  if (into === undefined) return { verb: 'select', effects: NO_EFFECTS, columns };
  makeTable(reading, into, columns, 'table');
  return { verb: 'create', effects: CATALOG_CHANGES };
}

function createTableAs(reading: Reading, content: Content<'CreateTableAsStmt'>): Meaning {
  const query = content.query;
  if (query === undefined || content.into === undefined) return { verb: 'create', effects: CATALOG_CHANGES };
  const columns = as(query, 'ExecuteStmt') === undefined
    ? reading.a.query(query, EMPTY_SCOPE).columns
    : reading.inner(query).columns ?? [];
  makeTable(reading, content.into, columns, content.objtype === 'OBJECT_MATVIEW' ? 'view' : 'table');
  return { verb: 'create', effects: CATALOG_CHANGES };
}

function makeTable({ a }: Reading, into: Content<'IntoClause'>, columns: readonly Field[], kind: 'table' | 'view'): void {
  if (into.rel === undefined) return;
  const { schema, name } = creationPlace(a, into.rel);
  a.notes.other({ verb: 'create', kind, path: [schema, name] });
  for (const column of columns) a.notes.carries.push({ into: undefined, value: column.value });
}

