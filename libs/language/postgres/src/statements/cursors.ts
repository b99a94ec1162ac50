import { buildLineage } from '../lineage/lineage.js';
import { accepted, refused } from '@interlock/kernel';
import type { Content } from '../parser/tree.js';
import { NO_EFFECTS, type Meaning, type Readers, type Reading } from './meaning.js';

/** DECLARE, FETCH, MOVE and CLOSE. */
export const CURSOR_READERS: Readers = { DeclareCursorStmt: declare, FetchStmt: fetch, ClosePortalStmt: close };

/** CURSOR_OPT_HOLD of PostgreSQL's parser. */
const HOLD = 0x20;

/** Judged as its query, whose rows MOVE computes without showing them. Its columns come back later, by FETCH, so their lineage is kept for then. */
function declare(reading: Reading, node: Content<'DeclareCursorStmt'>): Meaning {
  const { a } = reading;
  if (node.query === undefined) return { verb: 'select', effects: NO_EFFECTS };
  const { columns = [], ...inner } = reading.inner(node.query);
  for (const column of columns) a.notes.evaluate(column.value);
  const lineage = a.notes.lineageUnknown === undefined
    ? accepted(buildLineage(a, a.notes, columns))
    : refused('lineage_unknown', a.notes.lineageUnknown);
  return { ...inner, effects: { ...NO_EFFECTS, declaresCursor: { name: node.portalname ?? '', lineage, holds: ((node.options ?? 0) & HOLD) !== 0 } } };
}

/** The rows were decided about when the cursor was declared; their columns are the cursor's. */
function fetch(reading: Reading, node: Content<'FetchStmt'>): Meaning {
  const name = node.portalname ?? '';
  reading.a.notes.readsLiterals = true;
  const effects = { ...NO_EFFECTS, fetches: name };
  const known = reading.cursor(name);
  // How far it moves tells how many rows there are.
  if (node.ismove === true) return { verb: 'fetch', effects, ...(known?.ok && { columns: [], lineage: accepted({ ...known.value, columns: [], writes: [] }) }) };
  const lineage = known ?? refused('lineage_unknown', `the cursor ${name} was not declared in this session`);
  return { verb: 'fetch', effects, columns: [], lineage: lineage.ok ? accepted({ ...lineage.value, writes: [] }) : lineage };
}

function close(_reading: Reading, node: Content<'ClosePortalStmt'>): Meaning {
  return { verb: 'close', effects: { ...NO_EFFECTS, closesCursor: node.portalname === undefined ? 'all' : { name: node.portalname } } };
}
