import type { Duty, FactValue } from './action.js';

/**
 * The verbs an access may carry, each with the one duty it belongs to. Rules name a verb (`action == Action::"drop"`) or
 * a whole duty (`action in Action::"delete"`). This table decides which duty a verb falls under, whatever an access says;
 * an access with a verb that is not in it is denied.
 *
 * `create` and `delete` are both a verb and a duty: `==` means the verb alone, `in` the whole duty.
 */
export const VERBS = {
  /** Rows or values are looked at; also `select` on the target itself for a query that names no object. */
  select: 'read',
  /** A function or operator that a query calls. */
  execute: 'read',
  explain: 'read', show: 'read', fetch: 'read', close: 'read', declare: 'read', prepare: 'read', deallocate: 'read',
  begin: 'read', commit: 'read', rollback: 'read', savepoint: 'read', release: 'read',
  listen: 'read', unlisten: 'read',
  /** Settings of the session: nothing of them outlives it. */
  set: 'read', reset: 'read', discard: 'read',

  insert: 'create', create: 'create', import: 'create',

  update: 'modify', merge: 'modify', alter: 'modify', rename: 'modify', comment: 'modify', lock: 'modify', refresh: 'modify', copy: 'modify',
  notify: 'modify', nextval: 'modify', setval: 'modify', prepare_transaction: 'modify',
  vacuum: 'modify', analyze: 'modify', reindex: 'modify', cluster: 'modify',

  delete: 'delete', truncate: 'delete', drop: 'delete',

  grant: 'administer', revoke: 'administer', reassign: 'administer', label: 'administer', load: 'administer', checkpoint: 'administer',
  /** A procedure, or a function known to change something. */
  call: 'administer',
  /** Procedural code sent as text. */
  do: 'administer',
  /** A program or a file of the target's own machine. */
  program: 'administer', file: 'administer',
  /** Whatever no other verb says. */
  administer: 'administer',
} as const satisfies Record<string, Duty>;
export type Verb = keyof typeof VERBS;

/** A fact that rules may read as `context.<name>`. */
export interface FactSpec {
  readonly type: 'boolean' | 'number' | 'text' | 'set';
  /**
   * What the rules see when the interpreter does not say: the answer that favours the command least. A fact without one
   * must always be said: a command that leaves it out is denied where a rule reads it.
   */
  readonly absent?: FactValue;
  /** Protocols whose interpreters can state it; every one where left out. */
  readonly protocols?: readonly string[];
  /** Verbs of the accesses that can come with it, in the phase in which they are decided; every one where left out. */
  readonly verbs?: readonly Verb[];
  /** A rule that reads it may apply to no verb that cannot come with it: there is no answer that would mean anything. */
  readonly strict?: true;
  readonly meaning: string;
}

const SQL = ['postgres'] as const;
/** Their commands hold no query: control of a transaction, and a statement that is only prepared, whose facts are told when it runs. */
const WITHOUT_QUERY: ReadonlySet<Verb> = new Set(['begin', 'commit', 'rollback', 'savepoint', 'release', 'prepare_transaction', 'prepare']);
const QUERYING = (Object.keys(VERBS) as Verb[]).filter((verb) => !WITHOUT_QUERY.has(verb));

/** Facts of an action that rules may read. One that is not listed here is recorded and never seen by a rule. */
export const FACTS = {
  hasWhere: { type: 'boolean', absent: false, protocols: SQL, verbs: QUERYING, meaning: 'every update and delete, or else the outermost query, is narrowed by a condition' },
  tautology: { type: 'boolean', absent: true, protocols: SQL, verbs: QUERYING, meaning: 'one of those conditions is true for every row, or cannot be shown to narrow anything' },
  statementCount: { type: 'number', absent: 1_000_000, meaning: 'statements in the text' },
  writes: { type: 'boolean', absent: true, meaning: 'something is created, modified or deleted' },
  returnsRows: { type: 'boolean', absent: true, meaning: 'the answer has rows' },
  opaque: { type: 'boolean', absent: true, meaning: 'some of what it does cannot be looked into' },
  functions: { type: 'set', protocols: SQL, verbs: QUERYING, meaning: 'names of the functions called' },
  volatileFunctions: { type: 'set', protocols: SQL, verbs: QUERYING, meaning: 'those of them that may change something' },
  dangerousFunctions: { type: 'set', protocols: SQL, verbs: QUERYING, meaning: 'those of them that reach files, programs, other databases or the text of other statements' },
  unknownFunctions: { type: 'set', protocols: SQL, verbs: QUERYING, meaning: 'those of them that the catalog does not tell apart' },
  unknownRelations: { type: 'set', absent: [], protocols: SQL, verbs: QUERYING, meaning: 'tables and views that the catalog does not know' },
  viewBaseTables: { type: 'set', absent: [], protocols: SQL, verbs: QUERYING, meaning: 'tables that are read through views' },
  sensitiveCatalog: { type: 'boolean', absent: true, protocols: SQL, verbs: QUERYING, meaning: 'a catalog is read that holds values or texts of others' },
  unsafeSetting: { type: 'boolean', absent: true, protocols: SQL, meaning: 'a setting is changed that changes what later text means' },
  setsSetting: { type: 'text', absent: '', protocols: SQL, meaning: 'name of the setting that is set; empty for none' },
  transactionControl: { type: 'text', absent: '', protocols: SQL, verbs: ['begin', 'commit', 'rollback', 'savepoint', 'release', 'prepare_transaction'], meaning: 'how the command opens, ends or marks a transaction; empty when it does not' },
  locksRows: { type: 'boolean', absent: false, protocols: SQL, verbs: QUERYING, meaning: 'rows are locked for update or share' },
  hasLimit: { type: 'boolean', absent: false, protocols: SQL, verbs: QUERYING, meaning: 'the outermost query says how many rows it wants at most' },
  sleeps: { type: 'boolean', absent: false, protocols: SQL, verbs: QUERYING, meaning: 'a function is called that only waits' },
  cascade: { type: 'boolean', absent: false, protocols: SQL, verbs: ['drop', 'truncate', 'alter'], meaning: 'a drop, of a column too, or a truncate takes with it what depends on its objects' },
  objectType: { type: 'text', absent: '', protocols: SQL, verbs: QUERYING, meaning: 'the type of object that is created, altered or dropped, in lower case; empty where there is none' },
  copyDirection: { type: 'text', absent: '', protocols: SQL, verbs: QUERYING, meaning: '`in` or `out` of a copy; empty otherwise' },
} as const satisfies Readonly<Record<string, FactSpec>>;
export type FactName = keyof typeof FACTS;

/**
 * Facts of one access that are gathered from the history of its object, exact across all connectors, before the decision and
 * again before a parked command is forwarded. Only commands whose rules read them pay for it. Where history cannot be told apart
 * (code that cannot be looked into, CASCADE, a name that may have changed its object) they are as absent.
 */
export const HISTORY_FACTS = {
  ownCreation: { type: 'boolean', absent: true, meaning: 'whoever created the object shares a human with the requester, or is not known' },
  preexisting: { type: 'boolean', absent: false, meaning: 'the object is identified, nobody is known to have created it, and the requester has no claim to its name' },
} as const satisfies Record<string, FactSpec>;

/**
 * Facts of a command that its target is asked for, before the decision and again before a parked command is forwarded; only commands
 * whose rules read them pay for it, and one for which they cannot be had is refused.
 */
export const ESTIMATE_FACTS = {
  estimatedRows: {
    type: 'number', absent: Number.MAX_SAFE_INTEGER, protocols: SQL, verbs: ['select', 'insert', 'update', 'delete', 'merge'], strict: true,
    meaning: 'rows that the target expects the command to change or, where it changes none, to return, by its own statistics',
  },
} as const satisfies Record<string, FactSpec>;
