import { accepted, LedgerUnavailable, refused, type Outcome } from '@interlock/kernel';
import type { BoundedEffect } from '@interlock/contracts';
import { effectOf, rowsInWords } from '@interlock/domain-approval';
import { CHANGES_QUERY, changesBetween, withReturning, type CatalogRow } from '@interlock/language-postgres';
import { SQLSTATE, type TransactionStatus } from '@interlock/protocol-postgres';
import { rowsInTag } from './command-tag.js';
import { decodeMessage, ProbeFailed, type Conversed } from './conversation.js';
import { askOn, type Lane } from './lane.js';
import { POSTGRES_LIMITS } from './limits.js';
import { identityOf } from './preview.js';
import type { Probe, ProbeResult } from './probe.js';
import { CANCELLED, type PostgresRefusal } from './refuse.js';
import type { SentStatement } from './running-command.js';
import type { Permitted } from './upstream.js';

export interface Bound {
  /** Rows that it may change; as many as it does where absent. */
  readonly maxRows: number | undefined;
  /** The rows that people agreed to, by what the target knows them by; `serverMajor` says how far it can tell. */
  readonly state?: { readonly digest: string; readonly serverMajor: number };
  /** The rule that asked, for the words of a refusal. */
  readonly rule: string;
  /** Pays for the rows that it says it has written, before they are made to last; undefined where it gives them out by and by, and has not said how many they are. */
  pay(rows: number | undefined): Promise<Outcome<unknown>>;
  /** Held by a savepoint inside a transaction of the client, whose COMMIT stays the client's; by a transaction of its own else. */
  readonly isInTransaction: boolean;
}

/** What became of a bounded command: its answer as the target gave it, or why nothing of it stands; and how the target is left. */
export type BoundedAnswer =
  | { readonly kind: 'kept'; readonly messages: readonly Buffer[]; readonly effect?: BoundedEffect; readonly status: TransactionStatus }
  /** The target refused it. */
  | { readonly kind: 'failed'; readonly messages: readonly Buffer[]; readonly status: TransactionStatus }
  | { readonly kind: 'rolledBack'; readonly messages: readonly Buffer[]; readonly refusal: PostgresRefusal; readonly effect?: BoundedEffect; readonly status: TransactionStatus }
  /** Whether it stands is not known. */
  | { readonly kind: 'unknown'; readonly detail: string };

const PURPOSE = 'effect bound';
/** Of a target's answer that stays out of one that was rolled back: rows, their description, how many there were. */
const [PARSED, BOUND, COMPLETE, SUSPENDED] = [...'12Cs'].map((letter) => letter.charCodeAt(0));

/**
 * A command that stands only within what people agreed to:
 *
 *     begin ─▶ same rows as agreed ─▶ counted ─▶ the command ─▶ deferred constraints ─▶ counted ─▶ within the bound: commit
 *                  └ others: refused              └ failed          └ failed                       └ beyond: rolled back
 *
 * Inside a transaction of its client, savepoint and release stand in place of begin and commit, and deferred constraints wait for the client's COMMIT.
 */
export class BoundedRun {
  #before: readonly CatalogRow[] = [];
  #isCancelled = false;

  private constructor(private readonly lane: Lane, private readonly bound: Bound) {}

  /** It runs on a connection of its own, not on its session's. */
  get isBeside(): boolean {
    return !this.bound.isInTransaction;
  }

  /** Begins. Refused with `state_changed` where the rows are not those that people agreed to. @throws ProbeFailed, LedgerUnavailable */
  static async begin(lane: Lane, sent: SentStatement, bound: Bound): Promise<Outcome<BoundedRun>> {
    const run = new BoundedRun(lane, bound);
    const { state, isInTransaction } = bound;
    await run.#ask(isInTransaction ? 'SAVEPOINT interlock' : state ? `BEGIN ISOLATION LEVEL ${await run.#snapshotLevel()}` : 'BEGIN');
    if (state && (await run.#digestNow(sent, state.serverMajor)) !== state.digest) {
      return refused('state_changed', 'the rows that people agreed to are not those that it would change now, so it was not run', { rule: bound.rule, hint: 'Send it again to ask again.' });
    }
    if (bound.maxRows === undefined) return { ok: true, value: run };
    const [before] = await run.#ask(CHANGES_QUERY);
    run.#before = before!.rows();
    return { ok: true, value: run };
  }

  /** By one snapshot, the rows that the command finds are those that were looked at; no weaker than what its session is set to. */
  async #snapshotLevel(): Promise<string> {
    const [shown] = await this.#ask('SHOW default_transaction_isolation');
    return Object.values(shown!.rows()[0] ?? {})[0] === 'serializable' ? 'SERIALIZABLE' : 'REPEATABLE READ';
  }

  #ask(...texts: readonly string[]): Promise<ProbeResult[]> {
    return askOn(this.lane, PURPOSE, texts);
  }

  async #digestNow(sent: SentStatement, serverMajor: number): Promise<string | undefined> {
    const returning = withReturning(sent.text, serverMajor);
    if (!returning) return undefined;
    const [savepoint, look, back] = await this.lane.permit(`${PURPOSE}, rolled back`, ['SAVEPOINT interlock_look', returning.text, 'ROLLBACK TO SAVEPOINT interlock_look']);
    await this.lane.run(savepoint!);
    const seen = await this.lane.run(look!, sent).catch((fault: unknown) => {
      if (fault instanceof ProbeFailed && fault.isAnswered) return undefined;
      throw fault;
    });
    await this.lane.run(back!);
    return seen && identityOf(seen, returning).state;
  }

  /** Runs it. `isAboutBefore`: the gateway has sent a Parse of its own first, whose answer is none of the client's. */
  async run({ permit, digest, bytes, isAboutBefore }: Permitted & { readonly isAboutBefore: boolean }): Promise<BoundedAnswer> {
    if (this.#isCancelled) return this.#undone([], CANCELLED);
    let said: Conversed;
    try {
      said = await this.lane.say({ permit, digest, bytes }, { timeoutMs: 0, maxBytes: POSTGRES_LIMITS.boundedAnswerBytes, keepsNotices: true });
    } catch (fault) {
      return this.#lost([], fault);
    }
    const messages = said.messages.slice(isAboutBefore && said.messages[0]?.[0] === PARSED ? 1 : 0);
    if (said.error !== undefined) return { kind: 'failed', messages, status: this.isBeside ? 'idle' : said.status };
    if (said.status !== 'inTransaction') return { kind: 'unknown', detail: 'the command left its transaction' };
    return this.#hold(messages);
  }

  async #hold(messages: readonly Buffer[]): Promise<BoundedAnswer> {
    const { maxRows } = this.bound;
    let changes: ReturnType<typeof changesBetween>;
    try {
      const answers = await this.#ask(...(this.isBeside ? ['SET CONSTRAINTS ALL IMMEDIATE'] : []), ...(maxRows === undefined ? [] : [CHANGES_QUERY]));
      if (maxRows === undefined) return await this.#paid(messages);
      changes = changesBetween(this.#before, answers.at(-1)!.rows());
    } catch (fault) {
      return this.#lost(messages, fault);
    }
    if (!changes) return this.#undone(messages, this.#refusal('not_counted', 'the target does not count what a transaction changes'));
    const effect = effectOf(changes, maxRows);
    if (rowsToldBy(messages) > effect.rows) return this.#undone(messages, this.#refusal('not_counted', 'it says that it changed more rows than the target counts'));
    if (effect.kept) return this.#paid(messages, effect);
    return this.#undone(messages, this.#refusal('effect_bound_exceeded', `it changed ${rowsInWords(effect.rows, changes)}, and people agreed to ${effect.maxRows} at most`), effect);
  }

  async #paid(messages: readonly Buffer[], effect?: BoundedEffect): Promise<BoundedAnswer> {
    const rows = messages.some(([type]) => type === SUSPENDED) ? undefined : rowsToldBy(messages);
    const paid = rows === 0 ? accepted(undefined) : await this.bound.pay(rows);
    return paid.ok ? this.#keep(messages, effect) : this.#undone(messages, paid.refusal, effect && { ...effect, kept: false });
  }

  async #keep(messages: readonly Buffer[], effect?: BoundedEffect): Promise<BoundedAnswer> {
    let probe: Probe | undefined;
    try {
      [probe] = await this.lane.permit(PURPOSE, [this.isBeside ? 'COMMIT' : 'RELEASE SAVEPOINT interlock']);
    } catch (fault) {
      return this.#lost(messages, fault);
    }
    try {
      await this.lane.run(probe!);
      return { kind: 'kept', messages, ...(effect && { effect }), status: this.isBeside ? 'idle' : 'inTransaction' };
    } catch (fault) {
      if (fault instanceof ProbeFailed && fault.isAnswered) return this.#lost(messages, fault);
      if (fault instanceof ProbeFailed) return { kind: 'unknown', detail: `the target did not say whether it was committed: ${fault.message}` };
      throw fault;
    }
  }

  /** Nothing of it stands: a connection of its own is let go of without COMMIT; a savepoint is gone back to. */
  async #undone(messages: readonly Buffer[], refusal: PostgresRefusal, effect?: BoundedEffect): Promise<BoundedAnswer> {
    const told = { kind: 'rolledBack', messages: messages.filter(([type]) => type === PARSED || type === BOUND), refusal, ...(effect && { effect }) } as const;
    if (this.isBeside) return { ...told, status: 'idle' };
    try {
      await this.#ask('ROLLBACK TO SAVEPOINT interlock', 'RELEASE SAVEPOINT interlock');
      return { ...told, status: 'inTransaction' };
    } catch (fault) {
      if (!(fault instanceof ProbeFailed) && !(fault instanceof LedgerUnavailable)) throw fault;
      return { kind: 'unknown', detail: `it could not be taken back within its transaction: ${fault.message}` };
    }
  }

  /** The connection or a check failed, or the ledger does not take what is to be asked. */
  #lost(messages: readonly Buffer[], fault: unknown): Promise<BoundedAnswer> {
    if (fault instanceof LedgerUnavailable) return this.#undone(messages, { reason: 'ledger_unavailable', detail: `rolled back: ${fault.message}`, retryable: true });
    if (!(fault instanceof ProbeFailed)) throw fault;
    const { code, message, isAnswered } = fault;
    if (!isAnswered && !this.isBeside) return Promise.resolve({ kind: 'unknown', detail: message });
    return this.#undone(messages, { reason: 'rolled_back', detail: `rolled back: ${message}`, retryable: true, sqlState: code ?? SQLSTATE.connectionFailure });
  }

  #refusal(reason: string, why: string): PostgresRefusal {
    return { reason, rule: this.bound.rule, detail: `rolled back: ${why}`, hint: 'Nothing of it stands. Send it again for fewer rows, or to ask again for what it does now.' };
  }

  /** Asks the target to cancel what runs; what does not run yet will not. */
  cancel(): void {
    this.#isCancelled = true;
    this.lane.cancel();
  }

  close(): void {
    this.lane.close();
  }
}

/** How many rows the command's own tag tells of; 0 where it tells none. */
function rowsToldBy(messages: readonly Buffer[]): number {
  const complete = messages.find(([type]) => type === COMPLETE);
  const decoded = complete && decodeMessage(complete);
  return decoded?.kind === 'commandComplete' ? rowsInTag(decoded.tag) : 0;
}
