import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerReader, StoredBatch, VerifyProducer } from '@interlock/kernel';
import { StreamDamaged } from '@interlock/adapter-jetstream';
import type { Logger } from '@interlock/nest';
import { KeysUnavailable } from '@interlock/adapter-sealing';
import { BatchQueue } from './batch-queue.js';
import { readBatch, type EventOpener, type ReadBatch } from './event-opener.js';
import type { Slice } from './ledger-event.js';

/** Reads the ledger in order and by sequence. */
export type WholeLedger = LedgerReader & { read(sequence: number): Promise<StoredBatch | undefined> };

/** What a feed feeds. */
export interface Follower {
  readonly position: { readonly sequence: number };
  readonly stopped: { readonly reason: string } | undefined;
  /** Whether it is made of events of this type, in whatever version. */
  wants(type: string): boolean;
  take(slice: Slice, signal: AbortSignal): Promise<void>;
  stop(stopped: { readonly sequence: number; readonly reason: string; readonly detail: string }): void;
}

/** Bytes of batches taken at once, some thousand events: enough to make a transaction worth it, few enough to hold. */
const SLICE_BYTES = 4 * 1024 * 1024;
/** Bytes read ahead of the slice at work. */
const AHEAD_BYTES = 16 * 1024 * 1024;
const RETRY_MS = 1_000;

/** Reads the ledger once for all views: every batch is decoded, checked and decrypted one time. */
export class Feed {
  constructor(
    private readonly ledger: WholeLedger,
    private readonly opener: EventOpener,
    private readonly verify: VerifyProducer,
    private readonly log: Logger,
  ) {}

  /** Feeds until `signal` aborts, every follower has stopped, or all have reached `until`. */
  async run(followers: readonly Follower[], signal: AbortSignal, until = Infinity): Promise<void> {
    const end = new AbortController();
    const stop = AbortSignal.any([signal, end.signal]);
    const open = () => followers.filter((follower) => !follower.stopped && follower.position.sequence < until);
    while (!stop.aborted && open().length > 0) {
      const queue = new BatchQueue(AHEAD_BYTES);
      const reading = new AbortController();
      const from = Math.min(...open().map((follower) => follower.position.sequence)) + 1;
      const read = this.ledger.follow(from, (stored) => queue.push(stored), AbortSignal.any([stop, reading.signal])).then(() => queue.end(), (fault: unknown) => queue.end(fault));
      try {
        await this.#drain(queue, open, until, stop);
      } catch (fault) {
        await this.#bear(fault, open(), stop);
      } finally {
        reading.abort();
        queue.end();
        await read;
      }
    }
  }

  /** While the database works on one slice, the next is read, checked and decrypted. */
  async #drain(queue: BatchQueue, open: () => readonly Follower[], until: number, signal: AbortSignal): Promise<void> {
    let delivering: Promise<unknown> = Promise.resolve();
    try {
      while (open().length > 0 && !signal.aborted) {
        const stored = (await queue.take(SLICE_BYTES)).filter((batch) => batch.sequence <= until);
        if (stored.length === 0) break;
        const followers = open();
        const { readable, refusal } = this.#read(stored);
        const slice = readable.length > 0 ? await this.opener.open(readable, (type) => followers.some((follower) => follower.wants(type))) : [];
        await delivering;
        delivering = Promise.all(followers.map((follower) => follower.take(slice, signal)));
        const isLast = refusal !== undefined || stored.at(-1)!.sequence >= until;
        if (isLast) await delivering;
        if (refusal) for (const follower of open()) follower.stop(refusal);
      }
    } finally {
      await delivering;
    }
  }

  #read(stored: readonly StoredBatch[]) {
    const readable: ReadBatch[] = [];
    for (const batch of stored) {
      const read = readBatch(batch, this.verify);
      if (!read.ok) return { readable, refusal: { sequence: batch.sequence, reason: read.refusal.reason, detail: read.refusal.detail } };
      readable.push(read.value);
    }
    return { readable, refusal: undefined };
  }

  async #bear(fault: unknown, followers: readonly Follower[], signal: AbortSignal): Promise<void> {
    if (fault instanceof StreamDamaged) {
      for (const follower of followers) follower.stop({ sequence: follower.position.sequence + 1, reason: 'stream_damaged', detail: fault.message });
      return;
    }
    this.log.warn(fault instanceof KeysUnavailable ? 'event keys are not to be had' : 'the ledger cannot be read', { error: fault });
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}
