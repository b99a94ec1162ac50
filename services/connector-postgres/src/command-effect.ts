import { accepted, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, ImpactPreview } from '@interlock/contracts';
import { boundFor } from '@interlock/domain-approval';
import type { Effect, Impact, Session, Verdict } from '@interlock/gateway';
import { holdingOf } from '@interlock/language-postgres';
import type { Asks } from './asks.js';
import type { Admission } from './authenticate.js';
import { BoundedRun } from './bounded-run.js';
import type { ConnectorPorts } from './connector-ports.js';
import { companionsOf, lookAt, PREVIEW_PARAMETERS, unplannable, type Found, type Subject } from './preview.js';
import type { Reader } from './reader.js';
import type { RunningCommand } from './running-command.js';
import type { SessionContext } from './session-context.js';
import { asRefusal, likeSession, SideConnection } from './side-connection.js';

export interface EffectPorts extends Pick<ConnectorPorts, 'ledger' | 'clock'> {
  readonly admission: Admission;
  readonly session: Session;
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
    const subject = this.#subject();
    const looked = subject ? await this.#find(subject, ask.preview === 'exact', signal) : accepted(nothing('it holds no statement'));
    if (!looked.ok && looked.refusal.reason === 'ledger_unavailable') return looked;
    const found = looked.ok ? looked.value : nothing(looked.refusal.detail);
    const { state, companions } = found;
    const preview: ImpactPreview = { ...found.preview, takenAt: new Date(this.#ports.clock.nowMs()).toISOString() };
    const { unbounded, beside } = subject ? holdingOf(subject.meaning, subject.catalog) : { unbounded: 'it holds no statement', beside: [] };
    const bound = boundFor(ask, preview, { unbounded, beside: [...beside, ...companions] });
    if (!bound.ok) return bound;
    return accepted({ preview, ...(bound.value && { bound: bound.value }), ...(state !== undefined && { state }) });
  }

  async prepare({ bound, state, ask }: ApprovalRequest): Promise<Outcome<unknown>> {
    const { sent } = this.#command;
    if (bound?.maxRows === undefined || !sent) return accepted(undefined);
    const { maxRows } = bound;
    return this.#beside({}, async (side) => {
      const like = await likeSession(side, this.#ports.context, this.#ports.asks.asking);
      if (!like.ok) return like;
      const begun = await BoundedRun.begin(side, sent, { maxRows, state, rule: ask.rules[0]! });
      if (begun.ok && !this.#isOver) this.#run = begun.value;
      return begun;
    }, () => this.#run === undefined);
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

  #subject(): Subject | undefined {
    const { sent, meaning } = this.#command;
    const catalog = this.#ports.admission.catalog.last;
    return sent && meaning && catalog ? { sent, meaning, catalog, reader: this.#ports.reader() } : undefined;
  }

  #find(subject: Subject, isExact: boolean, signal: AbortSignal): Promise<Outcome<Found>> {
    const why = unplannable(subject.meaning);
    if (why !== undefined) return Promise.resolve(accepted(nothing(why)));
    return this.#beside(PREVIEW_PARAMETERS, async (side) => {
      const onAbort = (): void => side.cancel();
      signal.addEventListener('abort', onAbort);
      try {
        const companions = await companionsOf(side, subject);
        const like = await likeSession(side, this.#ports.context, this.#ports.asks.asking);
        return like.ok ? accepted(await lookAt(side, subject, companions, isExact)) : like;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    });
  }

  /** Does something on a connection of its own, which is closed afterwards where it is not kept. */
  async #beside<T>(parameters: Readonly<Record<string, string>>, work: (side: SideConnection) => Promise<Outcome<T>>, isDone: () => boolean = () => true): Promise<Outcome<T>> {
    const { ledger, clock, admission, session } = this.#ports;
    const opened = await SideConnection.open({ ledger, nowMs: () => clock.nowMs(), target: admission.target.name, session: session.id, seal: admission.seal, dial: admission.dial }, parameters);
    if (!opened.ok) return opened;
    try {
      return await work(opened.value);
    } catch (fault) {
      return asRefusal(fault);
    } finally {
      if (isDone()) opened.value.close();
    }
  }
}

function nothing(why: string): Found {
  return { preview: { kind: 'none', reason: `It cannot be previewed: ${why.replace(/\.$/, '')}.` }, companions: [] };
}
