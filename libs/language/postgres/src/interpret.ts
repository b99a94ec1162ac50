import { accepted, refused, type Outcome } from '@interlock/kernel';
import { createAnalyst } from './analysis/analyse.js';
import { passedOver } from './analysis/coverage.js';
import { Budget } from './analysis/budget.js';
import { Notes } from './analysis/notes.js';
import type { Catalog } from './catalog/model.js';
import { completeSearchPath, isLongPath, parseSearchPath, usablePath } from './catalog/search-path.js';
import { SQL_LIMITS } from './limits.js';
import { accessesOf } from './accesses.js';
import { factsOf } from './facts.js';
import { comparisonsOf } from './lineage/compared.js';
import { buildLineage, type Lineage } from './lineage/lineage.js';
import type { ParsedStatement } from './parser/parse.js';
import { as, strings, tagOf, type Node } from './parser/tree.js';
import { NO_EFFECTS, type Effects, type Meaning, type Reader, type Reading } from './statements/meaning.js';
import { READERS } from './statements/readers.js';
import { VERBS, type Access, type Duty, type FactValue, type Verb } from '@interlock/contracts';

/** What a statement's meaning depends on beside its text. */
export interface InterpretationContext {
  readonly catalog: Catalog;
  /** The target's name in the policy: the first segment of every object's path. */
  readonly target: string;
  /** The database that the session is connected to. */
  readonly database: string;
  /** Members of the session's search_path, as `parseSearchPath` or an effect gives them. */
  readonly searchPath: readonly string[];
  /** The session's user on the target: what `$user` means. */
  readonly user: string;
  /** Whether no search_path change waits for its transaction's end; without it, names after COMMIT or ROLLBACK in one text are refused. */
  readonly searchPathSettled?: boolean;
  /** False when the session's search_path is not the one above for sure: names are then refused, but where the text itself sets one. */
  readonly searchPathKnown?: boolean;
  /** What RESET search_path goes back to, where the session knows. */
  readonly defaultSearchPath?: readonly string[];
  /** The statement that this session prepared under a name with PREPARE. */
  readonly prepared?: (name: string) => ParsedStatement | undefined;
  /** The lineage that `effects.declaresCursor` gave for an open cursor. */
  readonly cursor?: (name: string) => Outcome<Lineage> | undefined;
  /** Lineage is told though code that cannot be looked into may read more, its columns marked `unread`: for showing, never for deciding. */
  readonly marksUnread?: true;
}

/** What one statement means. */
export interface Interpretation {
  /** Exactly the statement's text. */
  readonly text: string;
  readonly verb: Verb;
  readonly duty: Duty;
  /** Never empty: a statement without an object accesses the target itself. */
  readonly accesses: readonly Access[];
  readonly facts: Readonly<Record<string, FactValue>>;
  readonly effects: Effects;
  /** Where its answer comes from; refused (`lineage_unknown`) when that cannot be told: `detail` says why, as a clause. */
  readonly lineage: Outcome<Lineage>;
  /** False when it means the same with any other literals in the same places. */
  readonly literalsMatter: boolean;
  /** Whether it depends on what this session prepared or declared before. */
  readonly sessionMatters: boolean;
}

/**
 * Says what a statement means. Refused with reason `statement_not_understood` when any part of its tree is not on the
 * list of what is understood; nothing is allowed by not being known. What exceeds SQL_LIMITS is refused with `statement_too_complex`, and with
 * `literal_left_out` a text told without a literal (`toldText`) whose value has a bearing on what it means.
 */
export function interpret(statement: ParsedStatement, context: InterpretationContext, budget = new Budget()): Outcome<Interpretation> {
  const notes = new Notes(budget);
  const path = usablePath(completeSearchPath(context.searchPath, context.user), context.user, context.catalog.schemaUsers);
  if (context.catalog.untold === true || context.catalog.unfollowed === true) notes.loseLineage('the session has changed what names mean since the catalog was read');
  const a = createAnalyst({ catalog: context.catalog, database: context.database, path }, notes);
  const reading: Reading = {
    a,
    statement,
    prepared: (name) => preparedBefore(notes, context.prepared?.(name)),
    cursor: (name) => ofSession(notes, context.cursor?.(name)),
    inner: (node) => read(reading, node),
  };
  const meaning = read(reading, statement.node);
  const missed = notes.notUnderstood ?? (notes.exhausted ? undefined : missedPart(notes, statement.node));
  if (missed !== undefined && !notes.exhausted) return notUnderstood(missed, notes.readsSession);
  if (notes.readsLeftOut) return leftOut();
  const answer = lineageOf(reading, meaning, context.marksUnread === true);
  if (notes.tooMuch !== undefined) return tooMuch(notes.tooMuch);
  const effects = withSettings(notes, meaning.effects, statement.node);
  const members = effects.searchPath?.members;
  if (Array.isArray(members) && isLongPath(members)) return tooMuch(`a search_path has more than ${SQL_LIMITS.searchPathMembers} names, or one of more than 63 bytes`);
  return accepted({
    text: statement.text,
    verb: meaning.verb,
    duty: VERBS[meaning.verb],
    accesses: accessesOf(notes, meaning.verb, context.target, context.catalog),
    facts: factsOf(a, notes, meaning),
    effects,
    lineage: answer,
    literalsMatter: notes.readsLiterals,
    sessionMatters: notes.readsSession,
  });
}

/** The lineage of a statement alone; refused as `interpret` refuses, or with `lineage_unknown`. */
export function lineage(statement: ParsedStatement, context: InterpretationContext): Outcome<Lineage> {
  const interpreted = interpret(statement, context);
  return interpreted.ok ? interpreted.value.lineage : interpreted;
}

/** It may have to be parsed again to be found, and a text can name it again and again. */
function preparedBefore(notes: Notes, statement: ParsedStatement | undefined): ParsedStatement | undefined {
  if (statement !== undefined) notes.budget.parse(statement.text);
  return ofSession(notes, statement);
}

function ofSession<T>(notes: Notes, value: T): T {
  notes.readsSession = true;
  return value;
}

function read(reading: Reading, node: Node): Meaning {
  const tag = tagOf(node);
  const reader = READERS[tag] as Reader<never> | undefined;
  const content = (node as Record<string, object>)[tag] as never;
  reading.a.notes.visit(content);
  if (reader !== undefined) return reader(reading, content);
  reading.a.notes.refuse(`the statement ${tag}`);
  return { verb: 'administer', effects: NO_EFFECTS };
}

/** set_config('search_path', …) moves names as SET does, where it is certain to run. */
function withSettings(notes: Notes, effects: Effects, node: Node): Effects {
  const moved = notes.settings.findLast(({ name }) => name === 'search_path');
  if (moved === undefined) return effects;
  const members = moved.value === undefined || notes.opaque || !isPlainCall(node) ? undefined : parseSearchPath(moved.value);
  return { ...effects, searchPath: { members: members ?? 'unknown', local: moved.local } };
}

/** `SELECT set_config(…), …` of literals and nothing beside: no row, condition or branch decides whether it runs, or how often. */
function isPlainCall(node: Node): boolean {
  const { targetList = [], limitOption: _, op, ...others } = as(node, 'SelectStmt') ?? { op: undefined, none: true };
  return Object.keys(others).length === 0 && (op === undefined || op === 'SETOP_NONE') && targetList.every((target) => {
    const call = as(as(target, 'ResTarget')?.val, 'FuncCall');
    return strings(call?.funcname).pop() === 'set_config' && call?.args?.every((argument) => as(as(argument, 'TypeCast')?.arg ?? argument, 'A_Const')) === true;
  });
}

function missedPart(notes: Notes, node: Node): string | undefined {
  const tag = passedOver(notes, node);
  return tag === undefined ? undefined : `${tag} in this place`;
}

function notUnderstood(what: string, readsSession: boolean): Outcome<never> {
  return refused(readsSession ? 'prepared_statement_unknown' : 'statement_not_understood', `the gateway does not understand ${what}, so it cannot be decided about`, {
    hint: 'Write the statement in another way, or ask for this form to be supported.',
  });
}

function leftOut(): Outcome<never> {
  return refused('literal_left_out', 'what the statement means depends on a literal that is too long to be told', {
    hint: 'Write a condition, or the name of an object, in a short literal.',
  });
}

function tooMuch(what: string): Outcome<never> {
  return refused('statement_too_complex', `${what}; the limit is part of this gateway`, { hint: 'Split the statement, name fewer columns, or load bulk data with COPY.' });
}

function lineageOf({ a, statement }: Reading, meaning: Meaning, marksUnread: boolean): Outcome<Lineage> {
  if (meaning.lineage !== undefined) return meaning.lineage;
  // A transaction can be ended whatever names mean within it.
  const unknown = meaning.effects.transaction !== undefined ? undefined : marksUnread ? a.notes.lineageLost : a.notes.lineageUnknown;
  if (unknown !== undefined) {
    return refused('lineage_unknown', unknown, { hint: 'Use plain statements that name their tables and columns, without code, functions or objects that the gateway cannot look into.' });
  }
  return accepted(buildLineage(a, a.notes, meaning.columns ?? [], meaning.verb === 'create' ? [] : comparisonsOf(statement.node, a)));
}
