import { EMPTY_SCOPE } from '../analysis/scope.js';
import { CONSTANT } from '../analysis/value.js';
import { as, tagOf, type Content, type Node } from '../parser/tree.js';
import { valueText } from './copy.js';
import { NO_EFFECTS, type Meaning, type Readers, type Reading } from './meaning.js';

/** PREPARE, EXECUTE, DEALLOCATE and EXPLAIN: statements about a statement. */
export const PREPARED_READERS: Readers = { PrepareStmt: prepare, ExecuteStmt: execute, DeallocateStmt: deallocate, ExplainStmt: explain };

/** Judged as the statement inside; it gives no rows yet. */
function prepare(reading: Reading, node: Content<'PrepareStmt'>): Meaning {
  if (node.query === undefined) return { verb: 'select', effects: NO_EFFECTS };
  const inner = reading.inner(node.query);
  return {
    verb: inner.verb,
    effects: { ...NO_EFFECTS, prepares: { name: node.name ?? '', statement: { ...reading.statement, node: node.query } } },
    facts: { ...inner.facts, prepares: node.name ?? '' },
  };
}

/** Judged again as what was prepared: the catalog or the search path may have changed since. */
function execute(reading: Reading, node: Content<'ExecuteStmt'>): Meaning {
  const name = node.name ?? '';
  for (const parameter of node.params ?? []) reading.a.notes.shape(reading.a.expression(parameter, EMPTY_SCOPE), 'ARGUMENT');
  const statement = reading.prepared(name);
  if (statement === undefined) {
    reading.a.notes.refuse(`EXECUTE of ${name}, which this session has not prepared`);
    return { verb: 'select', effects: NO_EFFECTS };
  }
  const inner = reading.inner(statement.node);
  return { ...inner, effects: { ...inner.effects, executes: name } };
}

function deallocate(_reading: Reading, node: Content<'DeallocateStmt'>): Meaning {
  return { verb: 'deallocate', effects: { ...NO_EFFECTS, deallocates: node.isall === true || node.name === undefined ? 'all' : { name: node.name } } };
}

/**
 * EXPLAIN ANALYZE runs the statement: it is judged as that. Plain EXPLAIN reads plans and statistics of what is named:
 * every access becomes one of verb `explain`. A plan shows no column's values, but what computes on them shapes it, and what a function gives may
 * stand in it as a constant.
 */
function explain(reading: Reading, node: Content<'ExplainStmt'>): Meaning {
  const options = new Map((node.options ?? []).map((item) => as(item, 'DefElem')).map((option) => [option?.defname ?? '', valueText(option?.arg)]));
  const runs = isOn(options.get('analyze'));
  if (node.query === undefined) return { verb: 'explain', effects: NO_EFFECTS };
  const inner = reading.inner(node.query);
  const calls = [...reading.a.notes.functions.values()].some(({ standing }) => standing !== 'safe');
  for (const column of inner.columns ?? []) {
    if (!column.value.direct || calls || options.has('serialize')) reading.a.notes.shape(column.value, 'EXPLAIN');
  }
  if (!runs) readOnly(reading);
  return {
    verb: runs ? inner.verb : 'explain',
    effects: runs ? inner.effects : NO_EFFECTS,
    columns: [{ name: 'QUERY PLAN', value: CONSTANT }],
    facts: { ...inner.facts, explain: true, analyze: runs, explained: explainedVerb(node.query, inner) },
  };
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !['false', 'off', '0'].includes(value.toLowerCase());
}

function explainedVerb(node: Node, inner: Meaning): string {
  return tagOf(node) === 'CreateTableAsStmt' ? 'create' : inner.verb;
}

/** What EXPLAIN only plans is read, not done; functions may still be run by the planner, so calls stay. */
function readOnly({ a }: Reading): void {
  const uses = [...a.notes.uses.values()];
  a.notes.uses.clear();
  for (const use of uses) {
    const planned = a.notes.use('explain', use);
    for (const column of [...use.columnsRead, ...use.columnsWritten]) planned.columnsRead.add(column);
  }
  // A copy: what is taken out may be put in again under the same key, and a map's iteration would meet it once more, for ever.
  const others = [...a.notes.others];
  for (const [key, other] of others) {
    if (other.kind === 'function') continue;
    a.notes.others.delete(key);
    a.notes.other({ ...other, verb: 'explain' });
  }
  a.notes.verbs.clear();
  a.notes.carries.length = 0;
  a.notes.locksRows = false;
}
