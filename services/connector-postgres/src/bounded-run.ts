import { LedgerUnavailable, refused, type Outcome } from '@interlock/kernel';
import type { BoundedEffect } from '@interlock/contracts';
import { effectOf, rowsInWords } from '@interlock/domain-approval';
import { CHANGES_QUERY, changesBetween, withReturning, type CatalogRow } from '@interlock/language-postgres';
import { SQLSTATE } from '@interlock/protocol-postgres';
import { decodeMessage, ProbeFailed, type Conversed } from './conversation.js';
import { POSTGRES_LIMITS } from './limits.js';
import { identityOf } from './preview.js';
import { CANCELLED, type PostgresRefusal } from './refuse.js';
import type { SentStatement } from './running-command.js';
import type { SideConnection } from './side-connection.js';
import type { Permitted } from './upstream.js';

export interface Bound {
  readonly maxRows: number;
  /** The rows that people agreed to, by what the target knows them by. */
  readonly state?: string | undefined;
  /** The rule that asked, for the words of a refusal. */
  readonly rule: string;
}

/** What became of a bounded command: its answer as the target gave it, or why nothing of it stands. */
export type BoundedAnswer =
  | { readonly kind: 'committed'; readonly messages: readonly Buffer[]; readonly effect: BoundedEffect }
  /** The target refused it. */
  | { readonly kind: 'failed'; readonly messages: readonly Buffer[] }
  | { readonly kind: 'rolledBack'; readonly messages: readonly Buffer[]; readonly refusal: PostgresRefusal; readonly effect?: BoundedEffect }
  /** Whether it was committed is not known. */
  | { readonly kind: 'unknown'; readonly detail: string };

const PURPOSE = 'effect bound';
/** Of a target's answer that stays out of one that was rolled back: rows, their description, how many there were. */
const [PARSED, BOUND, COMPLETE] = [...'12C'].map((letter) => letter.charCodeAt(0));

/**
 * A command in a transaction of its own, on a connection of its own, that is committed only within what people agreed to:
 *
 *     begin ─▶ same rows as agreed ─▶ counted ─▶ the command ─▶ deferred constraints ─▶ counted ─▶ within the bound: commit
 *                  └ others: refused              └ failed          └ failed                       └ beyond: rolled back
 */
export class BoundedRun {
  #before: readonly CatalogRow[] = [];
  #isCancelled = false;

  private constructor(private readonly side: SideConnection, private readonly bound: Bound) {}

  /** Begins. Refused with `state_changed` where the rows are not those that people agreed to. @throws ProbeFailed, LedgerUnavailable */
  static async begin(side: SideConnection, sent: SentStatement, bound: Bound): Promise<Outcome<BoundedRun>> {
    const run = new BoundedRun(side, bound);
    const { state } = bound;
    // By one snapshot, the rows that the command finds are those that were looked at.
    await side.ask(PURPOSE, state === undefined ? 'BEGIN READ WRITE' : 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ WRITE');
    if (state !== undefined && (await run.#stateNow(sent)) !== state) return refused('state_changed', 'the rows that people agreed to are not those that it would change now, so it was not run', { rule: bound.rule, hint: 'Send it again to ask again.' });
    const [before] = await side.ask(PURPOSE, CHANGES_QUERY);
    run.#before = before!.rows();
    return { ok: true, value: run };
  }

  async #stateNow(sent: SentStatement): Promise<string | undefined> {
    const returning = withReturning(sent.text, this.side.serverMajor);
    if (!returning) return undefined;
    const [savepoint, look, back] = await this.side.permit(`${PURPOSE}, rolled back`, ['SAVEPOINT interlock', returning.text, 'ROLLBACK TO SAVEPOINT interlock']);
    await this.side.run(savepoint!);
    const seen = await this.side.run(look!, sent).catch((fault: unknown) => {
      if (fault instanceof ProbeFailed && fault.isAnswered) return undefined;
      throw fault;
    });
    await this.side.run(back!);
    return seen && identityOf(seen, returning).state;
  }

  /** Runs it. `isAboutBefore`: the gateway has sent a Parse of its own first, whose answer is none of the client's. */
  async run({ permit, digest, bytes, isAboutBefore }: Permitted & { readonly isAboutBefore: boolean }): Promise<BoundedAnswer> {
    if (this.#isCancelled) return rolledBack([], CANCELLED);
    let said: Conversed;
    try {
      said = await this.side.say({ permit, digest, bytes }, { timeoutMs: 0, maxBytes: POSTGRES_LIMITS.boundedAnswerBytes });
    } catch (fault) {
      return rolledBack([], lost(fault));
    }
    const messages = said.messages.slice(isAboutBefore && said.messages[0]?.[0] === PARSED ? 1 : 0);
    if (said.error !== undefined) return { kind: 'failed', messages };
    if (said.status !== 'inTransaction') return rolledBack(messages, { reason: 'not_bounded', detail: 'The command left its transaction; nothing more of it is known.' });
    return this.#hold(messages);
  }

  async #hold(messages: readonly Buffer[]): Promise<BoundedAnswer> {
    let changes: ReturnType<typeof changesBetween>;
    try {
      const [, after] = await this.side.ask(PURPOSE, 'SET CONSTRAINTS ALL IMMEDIATE', CHANGES_QUERY);
      changes = changesBetween(this.#before, after!.rows());
    } catch (fault) {
      return rolledBack(messages, lost(fault));
    }
    if (!changes) return rolledBack(messages, this.#refusal('not_counted', 'the target does not count what a transaction changes'));
    const effect = effectOf(changes, this.bound.maxRows);
    if (rowsOfTag(messages) > effect.rows) return rolledBack(messages, this.#refusal('not_counted', 'it says that it changed more rows than the target counts'));
    if (!effect.kept) return { ...rolledBack(messages, this.#refusal('effect_bound_exceeded', `it changed ${rowsInWords(effect.rows, changes)}, and people agreed to ${effect.maxRows} at most`)), effect };
    return this.#commit(messages, effect);
  }

  async #commit(messages: readonly Buffer[], effect: BoundedEffect): Promise<BoundedAnswer> {
    let probe;
    try {
      [probe] = await this.side.permit(PURPOSE, ['COMMIT']);
    } catch (fault) {
      return rolledBack(messages, lost(fault));
    }
    try {
      await this.side.run(probe!);
      return { kind: 'committed', messages, effect };
    } catch (fault) {
      if (fault instanceof ProbeFailed && fault.isAnswered) return rolledBack(messages, lost(fault));
      if (fault instanceof ProbeFailed) return { kind: 'unknown', detail: `the target did not say whether it was committed: ${fault.message}` };
      throw fault;
    }
  }

  #refusal(reason: string, why: string): PostgresRefusal {
    return { reason, rule: this.bound.rule, detail: `rolled back: ${why}`, hint: 'Nothing of it stands. Send it again for fewer rows, or to ask again for what it does now.' };
  }

  /** Asks the target to cancel what runs; what does not run yet will not. */
  cancel(): void {
    this.#isCancelled = true;
    this.side.cancel();
  }

  close(): void {
    this.side.close();
  }
}

function rolledBack(messages: readonly Buffer[], refusal: PostgresRefusal): BoundedAnswer & { readonly kind: 'rolledBack' } {
  return { kind: 'rolledBack', messages: messages.filter(([type]) => type === PARSED || type === BOUND), refusal };
}

/** Why nothing of it stands, where the connection or a check failed: whatever is not committed is undone. */
function lost(fault: unknown): PostgresRefusal {
  if (fault instanceof ProbeFailed) {
    const { code } = fault;
    const own = code === undefined ? { sqlState: SQLSTATE.connectionFailure } : { sqlState: code };
    return { reason: 'rolled_back', detail: `rolled back: ${fault.message}`, retryable: true, ...own };
  }
  if (!(fault instanceof LedgerUnavailable)) throw fault;
  return { reason: 'ledger_unavailable', detail: `rolled back: ${fault.message}`, retryable: true };
}

/** How many rows the command's own tag tells of; 0 where it tells none. */
function rowsOfTag(messages: readonly Buffer[]): number {
  const complete = messages.find(([type]) => type === COMPLETE);
  const decoded = complete && decodeMessage(complete);
  return decoded?.kind === 'commandComplete' ? Number(/(\d+)$/.exec(decoded.tag)?.[1] ?? 0) : 0;
}
