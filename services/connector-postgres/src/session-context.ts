import type { Action } from '@interlock/contracts';
import { parseSearchPath, type Effects, type Interpretation } from '@interlock/language-postgres';
import type { TextRow } from './probe.js';

/** Asks a session for everything that the meaning of its statements depends on, and whether its client wants to hear notices. */
export const CONTEXT_PURPOSE = 'session context';
export const CONTEXT_QUERY = "SELECT pg_catalog.current_setting('search_path') AS search_path, pg_catalog.current_setting('client_min_messages') AS client_min_messages, CURRENT_USER::text AS role, pg_catalog.current_database()::text AS database";

/**
 * What the meaning of a session's statements depends on beside their text. A server that reports its search_path (PostgreSQL 18)
 * is believed at once; others are asked again after anything that may have moved it.
 */
export class SessionContext {
  readonly user: string;
  readonly database: string;
  #path: readonly string[];
  readonly #defaultPath: readonly string[];
  readonly #isReported: boolean;
  #stale = false;
  #hearsNotices: boolean;
  #unsettled = false;
  #known = true;
  #action: Action['context'];

  constructor([row]: readonly TextRow[], reported: ReadonlyMap<string, string>) {
    this.user = row?.['role'] ?? '';
    this.database = row?.['database'] ?? '';
    this.#isReported = reported.has('search_path');
    this.#path = membersOf(row?.['search_path'] ?? '');
    this.#defaultPath = this.#path;
    this.#hearsNotices = hearsNotices(row);
    this.#action = this.#makeAction();
  }

  get searchPath(): readonly string[] {
    return this.#path;
  }

  get defaultSearchPath(): readonly string[] {
    return this.#defaultPath;
  }

  /** No change of the search path waits for its transaction's end. */
  get isSettled(): boolean {
    return !this.#unsettled;
  }

  /** False while the path may be another: what was set may have been undone, and the session cannot be asked before its pipeline ends. */
  get isKnown(): boolean {
    return this.#known;
  }

  /** Whether PostgreSQL would have shown the client a notice when the session was asked last; nothing reports a change of that. */
  get hearsNotices(): boolean {
    return this.#hearsNotices;
  }

  /** Whether the session has to be asked before its next statement can be understood. */
  get isStale(): boolean {
    return this.#stale;
  }

  /** As events tell it; the same object while nothing has changed. */
  get action(): Action['context'] {
    return this.#action;
  }

  /** A statement has succeeded. */
  apply({ searchPath, transaction }: Effects, meaning: Interpretation): void {
    if (searchPath) this.#set(searchPath.members);
    else if (this.#unsettled && mayUndo(transaction)) this.#known = false;
    if (searchPath !== undefined || mayMovePath(meaning)) this.#stale = !this.#isReported;
  }

  /** The target is ready again: a transaction that has ended may have taken its settings with it. */
  ready(status: 'idle' | 'inTransaction' | 'failed'): void {
    if (this.#unsettled && !this.#isReported) this.#stale = true;
    if (this.#isReported) this.#known = true;
    if (status === 'idle') this.#unsettled = false;
  }

  reported(name: string, value: string): void {
    if (name === 'search_path') this.#move(membersOf(value));
  }

  /** The session's own answer to {@link CONTEXT_QUERY}. */
  refresh([row]: readonly TextRow[]): void {
    this.#move(membersOf(row?.['search_path'] ?? ''));
    this.#hearsNotices = hearsNotices(row);
    this.#stale = false;
    this.#known = true;
  }

  #set(members: NonNullable<Effects['searchPath']>['members']): void {
    this.#unsettled = true;
    this.#known = members !== 'unknown';
    if (members !== 'unknown') this.#move(members === 'default' ? this.#defaultPath : members);
  }

  #move(path: readonly string[]): void {
    if (path.length === this.#path.length && path.every((member, index) => member === this.#path[index])) return;
    this.#path = path;
    this.#action = this.#makeAction();
  }

  #makeAction(): Action['context'] {
    return { database: this.database, role: this.user, search_path: this.#path.map((member) => JSON.stringify(member)).join(', ') };
  }
}

/** Ends of transactions, and of parts of them, take along what was set within; with COMMIT goes what SET LOCAL set. */
function mayUndo(transaction: Effects['transaction']): boolean {
  return transaction !== undefined && !['begin', 'savepoint', 'release'].includes(transaction);
}

/** Procedural code and functions that the catalog alone cannot see through may call set_config. */
function mayMovePath({ facts }: Interpretation): boolean {
  const called = facts['volatileFunctions'];
  return facts['opaque'] === true || (Array.isArray(called) && called.length > 0);
}

/** Settings of client_min_messages above NOTICE. */
const ABOVE_NOTICE = new Set(['warning', 'error', 'fatal', 'panic']);

function hearsNotices(row: TextRow | undefined): boolean {
  return !ABOVE_NOTICE.has(row?.['client_min_messages'] ?? '');
}

/** A path that cannot be read is empty: then nothing is found but by its full name. */
function membersOf(text: string): readonly string[] {
  return parseSearchPath(text) ?? [];
}
