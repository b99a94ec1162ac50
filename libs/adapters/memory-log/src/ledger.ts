import {
  encodeBatch, LIMITS, LedgerUnavailable, type EventDraft, type Ledger, type LedgerReader, type Receipt, type StoredBatch, type UnsignedRecord,
} from '@interlock/kernel';

export interface MemoryLedgerOptions {
  readonly service?: string;
  readonly instance?: string;
  readonly nowMs?: () => number;
  readonly sign?: (text: string) => Uint8Array;
}

/** One appended event as a test wants to see it: nothing encrypted. */
export type MemoryEvent = Omit<EventDraft, 'seal'>;

/**
 * The ledger in memory, for unit tests only: it keeps the contract of the kernel's Ledger and LedgerReader, and nothing
 * when the process ends. One append is one batch.
 */
export class MemoryLedger implements Ledger, LedgerReader {
  /** Every acknowledged event, in order. */
  readonly events: MemoryEvent[] = [];
  readonly #batches: StoredBatch[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #options: Required<MemoryLedgerOptions>;
  #previousRoot = '0'.repeat(64);
  #offset = 0;
  #failure: string | undefined;

  constructor(options: MemoryLedgerOptions = {}) {
    this.#options = { service: 'test', instance: '1', nowMs: () => 0, sign: () => new Uint8Array(64), ...options };
  }

  async append(drafts: readonly EventDraft[]): Promise<Receipt> {
    if (this.#failure !== undefined) throw new LedgerUnavailable(this.#failure);
    if (drafts.length === 0 || drafts.length > LIMITS.batchEvents) throw new RangeError(`one append holds 1 to ${LIMITS.batchEvents} events`);
    const sequence = this.#batches.length + 1;
    const ids = drafts.map((_, index) => `memory-${sequence}-${index}`);
    this.#store(drafts.map((draft, index) => this.#record(draft, ids[index]!)), sequence);
    for (const { seal: _seal, ...event } of drafts) this.events.push(event);
    return { ids, sequence };
  }

  /** From now on every append is refused, until called with `undefined`. */
  failWith(reason: string | undefined): void {
    this.#failure = reason;
  }

  lastSequence(): Promise<number> {
    return Promise.resolve(this.#batches.length);
  }

  read(sequence: number): Promise<StoredBatch | undefined> {
    return Promise.resolve(this.#batches[sequence - 1]);
  }

  async follow(fromSequence: number, onBatch: (batch: StoredBatch) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let next = Math.max(fromSequence, 1); !signal.aborted; next += 1) {
      while (!this.#batches[next - 1] && !signal.aborted) await this.#change(signal);
      const batch = this.#batches[next - 1];
      if (batch && !signal.aborted) await onBatch(batch);
    }
  }

  #record(draft: EventDraft, id: string): UnsignedRecord {
    const plain = Buffer.from(JSON.stringify(draft.data));
    if (plain.length > LIMITS.payloadBytes) throw new RangeError(`an event's payload has at most ${LIMITS.payloadBytes} bytes`);
    const { ciphertext, offset } = draft.seal?.encrypt(plain) ?? { ciphertext: plain, offset: this.#take(plain.length) };
    const { type, tenant = 'default', session, exchange, command } = draft;
    const metadata = {
      specversion: '1.0', id, source: `interlock/${this.#options.service}/${this.#options.instance}`, type,
      time: new Date(this.#options.nowMs()).toISOString(), tenant, session, exchange, command, keyid: draft.seal?.keyId ?? 'clear', keyoffset: offset,
    };
    return { metadataBytes: Buffer.from(JSON.stringify(metadata)), salt: Buffer.alloc(16), ciphertext };
  }

  #take(bytes: number): number {
    const offset = this.#offset;
    this.#offset += bytes;
    return offset;
  }

  #store(records: readonly UnsignedRecord[], counter: number): void {
    const { service, instance, sign, nowMs } = this.#options;
    const { bytes, root } = encodeBatch({ producer: service, instance: `${instance}-memory`, counter, previousRoot: this.#previousRoot }, records, sign);
    this.#previousRoot = root;
    this.#batches.push({ epoch: 'memory', sequence: counter, bytes, subject: `ledger.${service}.${instance}`, storedAtMs: nowMs() });
    for (const wake of this.#waiting) wake();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
