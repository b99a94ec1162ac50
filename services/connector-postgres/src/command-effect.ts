import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, Ask, ImpactPreview } from '@interlock/contracts';
import { boundFor } from '@interlock/domain-approval';
import type { Effect, Impact, Verdict } from '@interlock/gateway';
import { holdingOf, isOfItsSession, leavesOut } from '@interlock/language-postgres';
import { askSession } from './ask-session.js';
import type { Asks } from './asks.js';
import { BoundedRun, type Bound } from './bounded-run.js';
import type { Lane } from './lane.js';
import { companionsOf, lookAt, PREVIEW_PARAMETERS, unplannable, type Found, type Subject } from './preview.js';
import type { Reader } from './reader.js';
import type { RunningCommand, SentStatement } from './running-command.js';
import type { SessionContext } from './session-context.js';
import { SessionLane } from './session-lane.js';
import { asRefusal, beside, likeSession, type BesidePorts } from './side-connection.js';
import { FETCHED_BY_AND_BY, isCounted } from './written-rows.js';

export interface EffectPorts extends BesidePorts {
  readonly context: SessionContext;
  readonly asks: Asks;
  readonly reader: () => Reader;
}

/** What one parked command will do at its target, and what holds it to that. */
export class CommandEffect implements Effect {
  readonly #ports: EffectPorts;
  readonly #command: RunningCommand;
  #run: BoundedRun | undefined;
  #isOver = false;

  constructor(ports: EffectPorts, command: RunningCommand) {
    this.#ports = ports;
    this.#command = command;
  }

  /** Ready to run within what people agreed to; undefined where it runs on the connection of its session, as any other. */
  get run(): BoundedRun | undefined {
    return this.#run;
  }

  async preview({ decision }: Verdict, signal: AbortSignal): Promise<Outcome<Impact>> {
    const ask = decision.ask!;
    if (ask.signed && !this.#runsBeside()) return NOT_WHOLE;
    const place = await this.#place(ask);
    if (!place.ok) return place;
    const subject = this.#subject();
    const looked = subject ? await this.#find(subject, ask.preview === 'exact', signal) : accepted(nothing('it holds no statement'));
    if (!looked.ok && looked.refusal.reason === 'ledger_unavailable') return looked;
    const { state, companions, ...found } = looked.ok ? looked.value : nothing(looked.refusal.detail);
    const preview: ImpactPreview = { ...found.preview, takenAt: new Date(this.#ports.clock.nowMs()).toISOString() };
    const { unbounded, beside } = subject ? holdingOf(subject.meaning, subject.catalog) : { unbounded: 'it holds no statement', beside: [] };
    const bound = boundFor(ask, preview, { unbounded, beside: [...beside, ...companions] });
    if (!bound.ok) return bound;
    const { waitSeconds, openTransaction } = place.value;
    const all = openTransaction ? { ...(bound.value ?? { unbounded: 'no rule bounds it' }), openTransaction } : bound.value;
    return accepted({ preview, ...(all && { bound: all }), ...(state !== undefined && { state }), ...(waitSeconds !== undefined && { waitSeconds }) });
  }

  /** What people signed runs with the elevated rights that the vault lets go of for it, in a transaction of its own, bounded or not. */
  async prepare({ id, bound, state, ask }: ApprovalRequest): Promise<Outcome<unknown>> {
    const { sent } = this.#command;
    const isSigned = ask.signed !== undefined;
    if (!sent) return isSigned ? NOT_WHOLE : accepted(undefined);
    if (sent.isInTransaction && !bound?.openTransaction) return ELSEWHERE;
    if (bound?.maxRows === undefined && !isSigned) return accepted(undefined);
    const agreed = { maxRows: bound?.maxRows, rule: ask.rules[0]!, isInTransaction: sent.isInTransaction, pay: (rows: number | undefined) => this.#pay(rows) };
    if (sent.isInTransaction) return isSigned ? ELSEWHERE : this.#begun(new SessionLane(this.#ports.asks.asking, this.#ports.admission.seal), sent, agreed);
    return beside(this.#ports, {}, async (side) => {
      const like = await likeSession(side, this.#ports.context, this.#ports.asks.asking, isSigned);
      return like.ok ? this.#begun(side, sent, { ...agreed, ...(state !== undefined && { state: { digest: state, serverMajor: side.serverMajor } }) }) : like;
    }, { isDone: () => this.#run === undefined, ...(isSigned && { grant: id }) });
  }

  /** Asks the target to cancel it; false where it does not run. */
  cancel(): boolean {
    this.#run?.cancel();
    return this.#run !== undefined;
  }

  /** Lets go of whatever was made ready: what is not committed is undone. */
  close(): void {
    this.#isOver = true;
    this.#run?.close();
    this.#run = undefined;
  }

  async #pay(rows: number | undefined): Promise<Outcome<unknown>> {
    const { written } = this.#ports.asks.purse;
    if (!written || !isCounted(this.#command)) return accepted(undefined);
    return rows === undefined ? { ok: false, refusal: FETCHED_BY_AND_BY } : written.more(rows, this.#command.verdict.command);
  }

  async #begun(lane: Lane, sent: SentStatement, bound: Bound): Promise<Outcome<unknown>> {
    try {
      const begun = await BoundedRun.begin(lane, sent, bound);
      if (begun.ok && !this.#isOver) this.#run = begun.value;
      return begun;
    } catch (fault) {
      return asRefusal(fault);
    }
  }

  /** Whether another connection than its session's can run it, in its client's own words. */
  #runsBeside(): boolean {
    const { sent, meaning } = this.#command;
    return sent !== undefined && meaning !== undefined && !isOfItsSession(meaning) && !(sent.isPreparedBefore && leavesOut(sent.text));
  }

  /** Where it would wait: inside a transaction of its client only for less than the target lets that be idle. */
  async #place({ waitInTransactionSeconds }: Ask): Promise<Outcome<{ readonly openTransaction: boolean; readonly waitSeconds?: number }>> {
    if (this.#command.sent?.isInTransaction !== true || waitInTransactionSeconds === undefined) return accepted({ openTransaction: false });
    const asked = await askSession(this.#ports.asks.asking, { purpose: PURPOSE, text: IDLE_QUERY, matter: 'how long its transaction may wait', reason: 'context_unknown' });
    if (!asked.ok) return asked;
    const limits = asked.value.map(({ setting }) => Number(setting)).filter((ms) => ms > 0);
    const waitsTooLong = limits.some((ms) => !(waitInTransactionSeconds * 1_000 < ms));
    return waitsTooLong ? TOO_LONG_HERE : accepted({ openTransaction: true, waitSeconds: waitInTransactionSeconds });
  }

  #subject(): Subject | undefined {
    const { sent, meaning } = this.#command;
    const catalog = this.#ports.admission.catalog.last;
    return sent && meaning && catalog ? { sent, meaning, catalog, reader: this.#ports.reader() } : undefined;
  }

  #find(subject: Subject, isExact: boolean, signal: AbortSignal): Promise<Outcome<Found>> {
    const why = unplannable(subject.meaning);
    if (why !== undefined) return Promise.resolve(accepted(nothing(why)));
    return beside(this.#ports, PREVIEW_PARAMETERS, async (side) => {
      const onAbort = (): void => side.cancel();
      signal.addEventListener('abort', onAbort);
      try {
        const companions = await companionsOf(side, subject);
        const like = await likeSession(side, this.#ports.context, this.#ports.asks.asking);
        if (!like.ok) return like;
        const found = await lookAt(side, subject, companions, isExact && !subject.sent.isInTransaction);
        return accepted(isExact && subject.sent.isInTransaction ? { ...found, preview: { ...found.preview, reason: NOT_SEEN } } : found);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    });
  }
}

const PURPOSE = 'waiting in a transaction';
/** In milliseconds; 0 for none. The search path is a client's: all is named in full. */
const IDLE_QUERY = "SELECT setting FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) ANY (ARRAY['idle_in_transaction_session_timeout', 'transaction_timeout']::pg_catalog.text[])";
const NOT_SEEN = 'Its rows were not counted: it is to run inside a transaction of its requester, and what that has changed no other connection sees.';
const TOO_LONG_HERE = refused('approval_needs_its_own_command', 'people have to agree to it, and the target ends transactions that wait as long as its rule lets it wait', {
  hint: 'Send it outside of a transaction, and it will wait for approval.',
});
const NOT_WHOLE = refused('approval_needs_its_own_command', 'people have to sign it, and it cannot be run on a connection of its own', {
  hint: 'Under a signature runs what neither changes its session nor takes data from its client; long literals are sent anew with every use.',
});
const ELSEWHERE = refused('approval_needs_its_own_command', 'people agreed to it in a transaction of its own, and it has come back inside one of its requester', {
  hint: 'Send it outside of a transaction.',
});

function nothing(why: string): Found {
  return { preview: { kind: 'none', reason: `It cannot be previewed: ${why.replace(/\.$/, '')}.` }, companions: [] };
}
