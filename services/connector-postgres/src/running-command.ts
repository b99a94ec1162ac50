import type { EventData } from '@interlock/contracts';
import type { Permit, Verdict } from '@interlock/gateway';
import type { Interpretation } from '@interlock/language-postgres';
import type { Sensitivity } from './reader.js';

type Outcome = EventData<'command.outcome.v1'>;

/** One command from its decision to its outcome. */
export class RunningCommand {
  permit: Permit | undefined;
  rows = 0;
  masked = 0;
  startedAtMs = 0;
  /** Where its answer begins in the exchange's recording: with what the client heard of it first. */
  #firstByte: number | undefined;
  /** How often names may have moved in its session before it was sent. */
  moves = 0;
  #settled = false;

  constructor(readonly verdict: Verdict, readonly meaning: Interpretation | undefined, readonly sensitivity: Sensitivity) {}

  get isSettled(): boolean {
    return this.#settled;
  }

  /** The client hears of it before it runs. */
  tell(firstByte: number): void {
    this.#firstByte ??= firstByte;
  }

  start(nowMs: number, firstByte: number, moves: number): void {
    this.startedAtMs = nowMs;
    this.tell(firstByte);
    this.moves = moves;
  }

  /** The outcome, once; undefined afterwards. */
  settle(status: Outcome['status'], nowMs: number, lastByte: number, more: Pick<Outcome, 'summary' | 'errorCode'> = {}): Outcome | undefined {
    if (this.#settled) return undefined;
    this.#settled = true;
    const { rows, masked, startedAtMs } = this;
    const wasSent = startedAtMs > 0;
    const firstByte = this.#firstByte ?? lastByte;
    return {
      status, ...more, rows, masked, bytes: wasSent ? lastByte - firstByte : 0, durationMs: wasSent ? Math.max(0, nowMs - startedAtMs) : 0,
      ...(wasSent ? { firstByte } : {}),
    };
  }
}
