import type { Outcome as Tried } from '@interlock/kernel';
import type { BoundedEffect, EventData } from '@interlock/contracts';
import type { Permit, Verdict } from '@interlock/gateway';
import type { Interpretation } from '@interlock/language-postgres';
import type { Bind } from '@interlock/protocol-postgres';
import type { Sensitivity } from './reader.js';
import { NOTHING_REDEEMED, type Redeemed } from './tokens-back.js';

type Outcome = EventData<'command.outcome.v1'>;

/** A statement as its client sent it, for what is to be found out of it before it runs. */
export interface SentStatement {
  /** Exactly, of the whole message or of the prepared statement. */
  readonly text: string;
  readonly parameterTypes: readonly number[];
  readonly bind?: Bind;
  /** The bound statement was prepared by an earlier message. */
  readonly isPreparedBefore: boolean;
  /** It is to wait inside a transaction that its client has opened. */
  readonly isInTransaction: boolean;
  /** How the answer of another text would be masked; refused where it could not be, or where rules would deny it. */
  readonly tried: (text: string) => Tried<Sensitivity>;
}

/** One command from its decision to its outcome. */
export class RunningCommand {
  permit: Permit | undefined;
  /** What goes to the target in place of tokens: its action holds these. */
  redeemed: Redeemed = NOTHING_REDEEMED;
  /** Set where it waits for people. */
  sent: SentStatement | undefined;
  /** What it did where people agreed to a bound. */
  effect: BoundedEffect | undefined;
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
    const { rows, masked, startedAtMs, effect } = this;
    const wasSent = startedAtMs > 0;
    const firstByte = this.#firstByte ?? lastByte;
    return {
      status, ...more, rows, masked, bytes: wasSent ? lastByte - firstByte : 0, durationMs: wasSent ? Math.max(0, nowMs - startedAtMs) : 0,
      ...(wasSent ? { firstByte } : {}), ...(effect && { effect }),
    };
  }
}
