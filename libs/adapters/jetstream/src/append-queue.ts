import { LedgerUnavailable, LIMITS, type Receipt } from '@interlock/kernel';
import type { SealedDrafts } from './record-maker.js';

/** How much may wait for the ledger. More is refused at once: a queue that nobody can drain in time helps nobody. */
export const PENDING_LIMITS = { events: 8_192, bytes: 32 * 1024 * 1024 } as const;

/** One caller of `append`, until it is answered. */
export interface Entry extends SealedDrafts {
  readonly deadlineMs: number;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (fault: LedgerUnavailable) => void;
  answered: boolean;
}

/** Bytes kept for the batch's header. */
const HEADER_BYTES = 1_100;
/** What one append may hold: it must fit one batch. */
export const APPEND_BYTES = LIMITS.batchBytes - HEADER_BYTES;

/** Appends that wait for a batch, oldest first, so that the first deadline is always the head's. */
export class AppendQueue {
  #waiting: Entry[] = [];
  #events = 0;
  #bytes = 0;

  get size(): number {
    return this.#waiting.length;
  }

  get head(): Entry | undefined {
    return this.#waiting[0];
  }

  /** False when it is full. */
  add(entry: Entry): boolean {
    if (this.#events + entry.records.length > PENDING_LIMITS.events || this.#bytes + entry.bytes > PENDING_LIMITS.bytes) return false;
    this.#waiting.push(entry);
    this.#events += entry.records.length;
    this.#bytes += entry.bytes;
    return true;
  }

  /** Removes the next batch: as many whole appends as fit. */
  takeBatch(): readonly Entry[] {
    let events = 0;
    let bytes = 0;
    let count = 0;
    for (const entry of this.#waiting) {
      if (events + entry.records.length > LIMITS.batchEvents || bytes + entry.bytes > APPEND_BYTES) break;
      events += entry.records.length;
      bytes += entry.bytes;
      count += 1;
    }
    return this.#remove(count);
  }

  /** Removes what has waited too long; it was never sent. */
  takeExpired(nowMs: number): readonly Entry[] {
    let count = 0;
    while (count < this.#waiting.length && this.#waiting[count]!.deadlineMs <= nowMs) count += 1;
    return this.#remove(count);
  }

  takeAll(): readonly Entry[] {
    return this.#remove(this.#waiting.length);
  }

  #remove(count: number): readonly Entry[] {
    const taken = this.#waiting.splice(0, count);
    for (const entry of taken) {
      this.#events -= entry.records.length;
      this.#bytes -= entry.bytes;
    }
    return taken;
  }
}

/** Answers one caller, once. */
export function answer(entry: Entry, result: { readonly sequence: number } | LedgerUnavailable): void {
  if (entry.answered) return;
  entry.answered = true;
  if (result instanceof LedgerUnavailable) entry.reject(result);
  else entry.resolve({ ids: entry.ids, sequence: result.sequence });
}
