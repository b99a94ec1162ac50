import { accepted, refused, type Outcome, type Refusal } from '@interlock/kernel';
import { rowsWrittenBy } from '@interlock/domain-budget';
import type { Purse } from '@interlock/gateway';
import type { TransactionStatus } from '@interlock/protocol-postgres';
import { askSession, type Asking } from './ask-session.js';
import type { ClientWriter } from './client-writer.js';
import { rowsInTag } from './command-tag.js';
import { commandsIn, type Plan } from './interpret.js';
import { refusalMessage } from './refuse.js';
import type { RelayPorts } from './relay-ports.js';
import type { RunningCommand } from './running-command.js';
import type { Segment } from './segment.js';

export interface WrittenRowsPorts {
  readonly purse: Pick<Purse, 'written'>;
  readonly asking: () => Asking;
  readonly writer: ClientWriter;
  readonly settle: RelayPorts['settle'];
}

/** Where a segment comes in: what the target's transaction is in, and whether something was sent since the last Sync. */
export interface Place {
  readonly status: TransactionStatus;
  readonly openPipeline: boolean;
}

interface Done {
  readonly command: RunningCommand;
  readonly tag: string;
}

/**
 * Rows written, against budgets. How many they are the target says when they are written; so that none stays which is not paid for, they can be taken
 * back until then:
 *
 *     (no transaction) ─BEGIN─▶ forwarded ─▶ written ─▶ paid ─COMMIT─▶ told          (in the client's own transaction, without BEGIN and COMMIT)
 *                                               └─ budget used up ─ROLLBACK─▶ refused        (the client's own transaction is made to fail)
 *
 * The client hears of nothing from the first row that is written on until it is paid for.
 */
export class WrittenRows {
  readonly #ports: WrittenRowsPorts;
  #isCovered = false;
  #counts = false;
  #isOn = false;
  #wraps = false;
  #isUncounted = false;
  #done: Done[] = [];

  constructor(ports: WrittenRowsPorts) {
    this.#ports = ports;
  }

  /** Why a plan cannot be taken back as a whole, and so is not sent; undefined where it can, or has not to be. */
  hindrance(plan: Plan, { end }: Segment, { openPipeline }: Place): Refusal | undefined {
    this.#isCovered = this.#ports.purse.written !== undefined;
    this.#counts = false;
    if (!this.#isCovered) return undefined;
    const { rest, refused: denied } = plan;
    const all = commandsIn(plan);
    const first = all.findIndex(isCounted);
    this.#counts = first >= 0;
    if (!this.#counts) return undefined;
    if (denied) return denied.refusal;
    const isWhole = (end === 'query' || end === 'sync') && rest.length === 0 && !openPipeline;
    const isLast = all.slice(first + 1).every(({ verdict: { action } }) => action.facts['returnsRows'] !== true);
    return isWhole && isLast && !all.some(controlsTransaction) ? undefined : NOT_ALONE;
  }

  /** What was looked at last writes rows that are counted. */
  get counts(): boolean {
    return this.#counts;
  }

  /** Before it is forwarded. It is looked at again: while people decided, a budget may have come. */
  async begin(plan: Plan, segment: Segment, place: Place): Promise<Outcome<unknown>> {
    const hindrance = this.hindrance(plan, segment, place);
    if (hindrance) return { ok: false, refusal: hindrance };
    const { status } = place;
    this.#wraps = status === 'idle';
    const begun = this.#counts && this.#wraps ? await this.#say('BEGIN', 'that a transaction began') : accepted(undefined);
    this.#isOn = this.#counts && begun.ok && status !== 'failed';
    return begun;
  }

  /** What began is not forwarded after all. */
  async abandon(): Promise<void> {
    if (this.#isOn && this.#wraps) await this.#takeBack('idle');
    this.#isOn = false;
  }

  /** It has written rows that are to be paid for. */
  isWritten(command: RunningCommand, tag: string): boolean {
    if (!isCounted(command)) return false;
    if (!this.#isOn && this.#isCovered) this.#ports.asking().onLost('rows were written that could not be paid for');
    if (!this.#isOn) return false;
    this.#done.push({ command, tag });
    this.#ports.writer.keep();
    return true;
  }

  /** It has written rows, and gives them out by and by: its tag comes too late. */
  suspended(command: RunningCommand | undefined): void {
    this.#isUncounted ||= this.#isOn && command !== undefined && isCounted(command);
  }

  /** Whether the target's last word has to wait until {@link finish}. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Everything is written: pays for it and makes it last, or takes it back. Gives what the client is told of the transaction. */
  async finish(status: TransactionStatus): Promise<TransactionStatus> {
    const done = this.#done.splice(0);
    this.#isOn = false;
    if (status === 'inTransaction') return this.#pay(done);
    this.#tell(done);
    if (status === 'idle') this.#ports.asking().onLost('it ended a transaction that was not to end yet');
    else if (this.#wraps) await this.#takeBack('idle');
    return this.#wraps ? 'idle' : status;
  }

  async #pay(done: readonly Done[]): Promise<TransactionStatus> {
    const paid = await this.#paidFor(done);
    const lasts = paid.ok && this.#wraps ? await this.#say('COMMIT', 'that what was written stays') : paid;
    const status = this.#wraps ? 'idle' : 'inTransaction';
    if (lasts.ok) {
      this.#tell(done);
      return status;
    }
    if (!paid.ok) await this.#takeBack(status);
    this.#refuse(done, lasts.refusal);
    return this.#wraps ? 'idle' : 'failed';
  }

  async #paidFor(done: readonly Done[]): Promise<Outcome<unknown>> {
    const isUncounted = this.#isUncounted;
    this.#isUncounted = false;
    if (isUncounted) return { ok: false, refusal: FETCHED_BY_AND_BY };
    const { written } = this.#ports.purse;
    for (const { command, tag } of done) {
      const rows = rowsInTag(tag);
      const paid = rows > 0 && written ? await written.more(rows, command.verdict.command) : accepted(undefined);
      if (!paid.ok) return paid;
    }
    return accepted(undefined);
  }

  #tell(done: readonly Done[]): void {
    this.#ports.writer.release();
    for (const { command, tag } of done) this.#ports.settle(command, 'completed', { summary: tag });
  }

  #refuse(done: readonly Done[], refusal: Refusal): void {
    const { writer, settle } = this.#ports;
    writer.drop();
    writer.add(refusalMessage(refusal, { decision: 'allow', event: done.at(-1)?.command.permit?.event }));
    for (const { command, tag } of done) settle(command, 'failed', { summary: `${tag}, taken back: ${refusal.reason}` });
  }

  /** Ends the gateway's own transaction, or has the client's fail, by a text that no target understands. Where that cannot be had, the session ends. */
  async #takeBack(status: 'idle' | 'inTransaction'): Promise<void> {
    const said = await this.#say(status === 'idle' ? 'ROLLBACK' : FAILING, 'that what was written is undone');
    if (said.ok !== (status === 'idle')) this.#ports.asking().onLost('what was written could not be taken back');
  }

  #say(text: string, matter: string): Promise<Outcome<unknown>> {
    return askSession(this.#ports.asking(), { purpose: 'rows that are written under a budget', text, matter, reason: 'write_not_made_to_last' });
  }
}

/** Whether it writes rows that its tag counts. */
export function isCounted({ verdict: { action } }: RunningCommand): boolean {
  return rowsWrittenBy(action) === 'counted';
}

function controlsTransaction({ verdict: { action } }: RunningCommand): boolean {
  return (action.facts['transactionControl'] ?? '') !== '';
}

const FAILING = 'INTERLOCK takes back what was written beyond a budget';
const NOT_ALONE: Refusal = refused('rows_need_their_own_message', 'A budget limits the rows written, and what this message writes could not be taken back if it went beyond.', {
  hint: 'Send what writes rows in a message of its own, ended by its Sync, without BEGIN, COMMIT or ROLLBACK in it; only the first of several such statements may return rows.',
}).refusal;
export const FETCHED_BY_AND_BY: Refusal = refused('rows_not_counted', 'A budget limits the rows written, and how many they are is not known before all of what RETURNING gives is fetched.', {
  hint: 'Fetch it at once, without a limit of rows.',
}).refusal;
