import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LedgerUnavailable, LIMITS, type EventDraft, type EventSeal, type Ledger, type Receipt } from '@interlock/kernel';
import { answer, APPEND_BYTES, AppendQueue, type Entry } from './append-queue.js';
import { BatchChain, type ChainedBatch } from './batch-chain.js';
import type { Bus } from './bus.js';
import { RecordMaker } from './record-maker.js';

export interface LedgerOptions {
  readonly service: string;
  /** Unique among the instances of this service; a token of a subject. */
  readonly instance: string;
  /** Key stream of this run's own events; the caller registers its key with the recorder before the first append. */
  readonly seal: EventSeal;
  /** Ed25519 of this service. */
  readonly sign: (text: string) => Uint8Array;
  /** Milliseconds since the epoch, for the events' time. */
  readonly nowMs: () => number;
  /** How long an append waits; LIMITS.ledgerAckMs when absent. */
  readonly ackMs?: number;
  /** What an operator should know, in one sentence; a single time-out is not. */
  readonly onProblem?: (problem: string) => void;
}

/** Longest that a batch waits for company. */
const GATHER_MS = 1;

/**
 * Appends to stream LEDGER by group commit: what came in while one acknowledgement was under way is the next batch.
 *
 * One batch is under way at a time. More would gain little, because a synced server writes one message after the other,
 * and would allow a later batch to be stored where an earlier one was not: a gap in the producer's chain.
 * A batch whose answer was lost is settled (read back, sent again) before the next one leaves; its callers are rejected
 * after `ackMs` all the same, and so are those that wait behind it.
 *
 * Known failure: events of a rejected append may still reach the ledger, as the contract says.
 */
export class JetStreamLedger implements Ledger {
  readonly #maker: RecordMaker;
  readonly #chain: BatchChain;
  readonly #queue = new AppendQueue();
  readonly #ackMs: number;
  #underWay: readonly Entry[] = [];
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(bus: Bus, options: LedgerOptions) {
    this.#chain = new BatchChain(bus, options);
    this.#maker = new RecordMaker({ ...options, run: randomBytes(10).toString('hex') });
    this.#ackMs = options.ackMs ?? LIMITS.ledgerAckMs;
  }

  append(drafts: readonly EventDraft[]): Promise<Receipt> {
    if (this.#closed) return Promise.reject(new LedgerUnavailable('The ledger is closed: this service is stopping.'));
    if (drafts.length === 0 || drafts.length > LIMITS.batchEvents) return Promise.reject(new RangeError(`one append holds 1 to ${LIMITS.batchEvents} events, not ${drafts.length}`));
    return new Promise((resolve, reject) => {
      const sealed = this.#maker.seal(drafts);
      if (sealed.bytes > APPEND_BYTES) throw new RangeError(`one append holds at most ${APPEND_BYTES} bytes, not ${sealed.bytes}`);
      const entry: Entry = { ...sealed, deadlineMs: performance.now() + this.#ackMs, resolve, reject, answered: false };
      if (!this.#queue.add(entry)) return reject(new LedgerUnavailable('The ledger is busy: too many events wait for it already. Nothing of this was sent; try again later.'));
      this.#timer ??= this.#timerFor(entry);
      this.#working ??= this.#work();
    });
  }

  /** Refuses new drafts and waits until those that wait are answered: `ackMs` at most. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.race([this.#working, pause(this.#ackMs, undefined, { ref: false })]);
    this.#chain.stop();
    this.#expire(Number.POSITIVE_INFINITY);
    clearTimeout(this.#timer);
  }

  async #work(): Promise<void> {
    while (this.#queue.size > 0) {
      await this.#gather();
      this.#underWay = this.#queue.takeBatch();
      if (this.#underWay.length > 0) await this.#store(this.#underWay);
      this.#underWay = [];
    }
    this.#working = undefined;
  }

  /**
   * Waits as long as each turn of the event loop brings more, so that what many sockets bring at about the same time is one batch:
   * a batch costs its signature, its way and its disk write whatever it holds, and one more turn costs far less.
   */
  async #gather(): Promise<void> {
    const until = performance.now() + GATHER_MS;
    let before: number;
    do {
      before = this.#queue.size;
      await new Promise(setImmediate);
    } while (this.#queue.size > before && performance.now() < until);
  }

  async #store(entries: readonly Entry[]): Promise<void> {
    const batch: ChainedBatch = { records: entries.flatMap((entry) => entry.records), wanted: () => entries.some((entry) => !entry.answered) };
    const result = await this.#chain.store(batch).catch((fault: unknown) => this.#fault(fault));
    for (const entry of entries) answer(entry, result ?? new LedgerUnavailable('The ledger did not store the batch.'));
  }

  /** Nothing is known about the batch's place in the chain any more. */
  #fault(fault: unknown): LedgerUnavailable {
    this.#chain.beginRun();
    return new LedgerUnavailable('The batch could not be built or sent.', { cause: fault });
  }

  #timerFor(entry: Entry): NodeJS.Timeout {
    return setTimeout(() => this.#expire(performance.now()), Math.max(1, entry.deadlineMs - performance.now())).unref();
  }

  #expire(now: number): void {
    const late = [...this.#underWay.filter((entry) => entry.deadlineMs <= now), ...this.#queue.takeExpired(now)];
    for (const entry of late) answer(entry, new LedgerUnavailable(`The ledger did not acknowledge within ${this.#ackMs} ms. Nothing may be forwarded; try again.`));
    const next = this.#underWay.find((entry) => !entry.answered) ?? this.#queue.head;
    this.#timer = next && this.#timerFor(next);
  }
}
