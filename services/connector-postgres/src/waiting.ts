import type { Outcome } from '@interlock/kernel';
import type { ApprovalRequest } from '@interlock/contracts';
import type { Clock, Parking, Released, Session, Wait } from '@interlock/gateway';
import type { Asks } from './asks.js';
import { bringAnswer } from './bounded-answer.js';
import type { ClientWriter } from './client-writer.js';
import { CommandEffect, type EffectPorts } from './command-effect.js';
import type { Step } from './interpret.js';
import { POSTGRES_LIMITS } from './limits.js';
import { brokenMessage, CANCELLED, stillWaitingMessage, waitingMessage } from './refuse.js';
import type { RelayPorts } from './relay-ports.js';
import type { RunningCommand } from './running-command.js';
import type { SessionContext } from './session-context.js';
import type { TargetLink } from './target-link.js';

export interface WaitingPorts extends EffectPorts {
  readonly parking: Pick<Parking, 'park'>;
  readonly clock: Clock;
  readonly session: Session;
  readonly writer: ClientWriter;
  readonly context: SessionContext;
  /** Asks the target anew for what `context` holds, and keeps what is made. */
  readonly asks: Asks;
  /** How the session's answers reach its client. */
  readonly relay: RelayPorts;
  /** What the session's own connection has to know of a message that went to another. */
  readonly link: Pick<TargetLink, 'repeat'>;
}

/** The command of a session that people have to agree to, as its client hears of it. */
export class Waiting {
  readonly #ports: WaitingPorts;
  #withdraw: AbortController | undefined;
  #grant: string | undefined;
  #stopTelling: () => void = () => undefined;
  #effect: CommandEffect | undefined;

  constructor(ports: WaitingPorts) {
    this.#ports = ports;
  }

  /** Id of the approval that was asked for last. */
  get grant(): string | undefined {
    return this.#grant;
  }

  /** Takes back the command that waits, or has the target cancel it where it runs on a connection of its own; false where there is none. */
  withdraw(): boolean {
    this.#withdraw?.abort();
    return this.#withdraw !== undefined || this.#effect?.cancel() === true;
  }

  /** The session is over. */
  leave(): void {
    this.withdraw();
    this.#effect?.close();
  }

  /** Runs a released command within what people agreed to, and brings its answer; false where nothing holds it, so that it runs as any other. */
  async runs(command: RunningCommand, steps: readonly Step[], moves: number): Promise<boolean> {
    const run = this.#effect?.run;
    if (!run) return false;
    const { writer, clock, relay, link } = this.#ports;
    command.start(clock.nowMs(), writer.bytes, moves);
    try {
      await bringAnswer({ command, steps, run, grant: this.#grant, relay, link });
    } finally {
      this.#effect?.close();
      this.#effect = undefined;
    }
    return true;
  }

  /** Waits until people have decided; `event` recorded that they have to. The client hears at once whom it waits for. */
  async until(command: RunningCommand, event: string | undefined): Promise<Outcome<Released>> {
    const withdraw = new AbortController();
    this.#withdraw = withdraw;
    this.#grant = undefined;
    try {
      return await this.#park(command, event, withdraw.signal);
    } finally {
      this.#withdraw = undefined;
      this.#stopTelling();
    }
  }

  async #park(command: RunningCommand, event: string | undefined, withdraw: AbortSignal): Promise<Outcome<Released>> {
    const { parking, session, asks } = this.#ports;
    const asked = await asks.context();
    if (!asked.ok || withdraw.aborted) {
      session.abandon(command.verdict.command);
      return asked.ok ? { ok: false, refusal: CANCELLED } : asked;
    }
    const effect = new CommandEffect(this.#ports, command);
    this.#effect = effect;
    const released = await parking.park(session, command.verdict, {
      withdraw, effect, custody: asks.custody, purse: asks.purse,
      estimate: () => asks.estimates.of(command.sent, command.meaning),
      onAsked: (request, wait) => this.#tell(command, request, { event, wait }),
    });
    if (!released.ok) effect.close();
    return released;
  }

  #tell(command: RunningCommand, request: ApprovalRequest, { event, wait }: { readonly event: string | undefined; readonly wait: Wait }): void {
    const { writer, context } = this.#ports;
    this.#grant = request.id;
    const broken = brokenMessage(request, wait);
    if (!broken && (wait.isOver || !context.hearsNotices)) return;
    command.tell(writer.bytes);
    writer.add(broken ?? waitingMessage(request, event, wait));
    writer.flush();
    if (!broken) this.#tellAgain(request, wait);
  }

  /** Whatever stands between ends connections that are silent for long. */
  #tellAgain(request: ApprovalRequest, wait: Wait): void {
    const { writer, clock } = this.#ports;
    this.#stopTelling = clock.after(POSTGRES_LIMITS.waitingNoticeMs, () => {
      writer.add(stillWaitingMessage(request, wait));
      writer.flush();
      this.#tellAgain(request, wait);
    });
  }
}
