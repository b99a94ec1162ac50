import { accepted, refused, type Outcome } from '@interlock/kernel';
import { interpret, type Interpretation, type InterpretationContext } from './interpret.js';
import { Budget } from './analysis/budget.js';
import { overlayCatalog, type CatalogChange } from './catalog/overlay.js';
import type { Lineage } from './lineage/lineage.js';
import { SQL_LIMITS } from './limits.js';
import { parseStatements, type ParsedStatement } from './parser/parse.js';
import type { Effects } from './statements/meaning.js';

/** How many changes of the catalog, which each further one goes through again, for the price of one node. */
const CHANGES_PER_STEP = 64;

/**
 * Parses a query text and interprets each of its statements, each as the ones before it leave the session: a changed
 * search_path, relations made or changed, prepared statements and cursors of the same text count. The first refusal refuses the whole text.
 */
export function interpretText(sql: string, context: InterpretationContext, budget = new Budget()): Outcome<Interpretation[]> {
  budget.parse(sql);
  const parsed = parseStatements(sql);
  if (!parsed.ok) return parsed;
  const meanings: Interpretation[] = [];
  let definitions = 0;
  let changes = 0;
  let session: Session = { context, settled: context.searchPathSettled === true, known: context.searchPathKnown !== false, made: [] };
  for (const statement of parsed.value) {
    const meaning = interpret(statement, session.context, budget);
    if (!meaning.ok) return meaning;
    if (!session.known && namesObjects(meaning.value)) return pathUnknown(statement);
    meanings.push({ ...meaning.value, facts: { ...meaning.value.facts, statementCount: parsed.value.length } });
    if (meaning.value.effects.changes !== undefined && (definitions += 1) > SQL_LIMITS.definitions) return tooManyDefinitions();
    session = afterwards(session, meaning.value.effects);
    changes += meaning.value.effects.changes?.length ?? 0;
    if (meaning.value.effects.changes !== undefined) budget.take(changes / CHANGES_PER_STEP);
  }
  return accepted(meanings);
}

interface Session {
  readonly context: InterpretationContext;
  /** No change of the search path waits for the transaction's end. */
  readonly settled: boolean;
  /** The search path is known, and what it finds. */
  readonly known: boolean;
  /** What this text has made, changed or dropped, as far as the end of a transaction may undo it. */
  readonly made: readonly CatalogChange[];
}

function afterwards(session: Session, effects: Effects): Session {
  const named = withNames(session.context, effects);
  const context = effects.changes === undefined ? named : { ...named, catalog: overlayCatalog(named.catalog, effects.changes) };
  const made = effects.changes === undefined ? session.made : [...session.made, ...effects.changes];
  if (effects.searchPath !== undefined) {
    const members = pathOf(effects.searchPath.members, context);
    return { context: { ...context, ...(members === undefined ? {} : { searchPath: members }) }, settled: false, known: members !== undefined, made };
  }
  const ends = effects.transaction !== undefined && !['begin', 'savepoint', 'release'].includes(effects.transaction);
  const stays = effects.transaction === 'commit' ? made.every((change) => change.kind !== 'created' || !change.untilCommit) : made.length === 0;
  return { context, settled: session.settled, known: session.known && ((session.settled && stays) || !ends), made: ends ? [] : made };
}

function pathOf(members: NonNullable<Effects['searchPath']>['members'], context: InterpretationContext): readonly string[] | undefined {
  if (members === 'unknown') return undefined;
  return members === 'default' ? context.defaultSearchPath : members;
}

/** What PREPARE and DECLARE leave for EXECUTE and FETCH. */
function withNames(context: InterpretationContext, { prepares, declaresCursor }: Effects): InterpretationContext {
  if (prepares !== undefined) {
    return { ...context, prepared: (name): ParsedStatement | undefined => (name === prepares.name ? prepares.statement : context.prepared?.(name)) };
  }
  if (declaresCursor === undefined) return context;
  return { ...context, cursor: (name): Outcome<Lineage> | undefined => (name === declaresCursor.name ? declaresCursor.lineage : context.cursor?.(name)) };
}

function namesObjects(meaning: Interpretation): boolean {
  return meaning.accesses.some(({ object }) => object.kind !== 'target' && object.kind !== 'setting' && object.kind !== 'channel');
}

function tooManyDefinitions(): Outcome<never> {
  return refused('statement_too_complex', `more than ${SQL_LIMITS.definitions} statements of one text make, change or drop objects; the limit is part of this gateway`, {
    hint: 'Send them in several texts.',
  });
}

function pathUnknown(statement: ParsedStatement): Outcome<never> {
  return refused('search_path_unknown', `which objects "${statement.text.slice(0, 60)}" names depends on a search_path, or on objects, that may just have been undone`, {
    hint: 'Send the statement by itself, when the ones before it have been answered (after a Sync).',
  });
}
