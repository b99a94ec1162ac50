import type { LedgerReader, StoredBatch } from '@interlock/kernel';
import type { Bus } from './bus.js';
import { followStream, lastSequenceOf, TOGETHER } from './follow-stream.js';
import { readStored, type StoredMessage } from './stored-message.js';

const STREAM = 'LEDGER';
const READ_MS = 5_000;
/** The first epoch of the ledger. An operator step that cuts the ledger opens the next. */
export const FIRST_EPOCH = '1';

/**
 * Reads the ledger in order, for who has the right to all of it. `follow` throws StreamDamaged when the stream skips,
 * repeats or loses a sequence; the other methods throw BusUnavailable after 5 s without an answer.
 */
export class JetStreamLedgerReader implements LedgerReader {
  readonly #bus: Bus;
  readonly #epoch: string;

  constructor(bus: Bus, epoch: string = FIRST_EPOCH) {
    this.#bus = bus;
    this.#epoch = epoch;
  }

  follow(fromSequence: number, onBatch: (batch: StoredBatch) => Promise<void>, signal: AbortSignal): Promise<void> {
    return followStream(this.#bus, STREAM, fromSequence, (message) => onBatch(this.#batch(message)), signal, TOGETHER);
  }

  /** The batch at this sequence, undefined when there is none. */
  async read(sequence: number): Promise<StoredBatch | undefined> {
    const found = await readStored(this.#bus, STREAM, { sequence }, READ_MS);
    return found && this.#batch(found);
  }

  /** The first batch on this subject, a pattern as the bus has them, from this sequence on; undefined when there is none. */
  async nextOn(subject: string, from: number): Promise<StoredBatch | undefined> {
    const found = await readStored(this.#bus, STREAM, { from, on: subject }, READ_MS);
    return found && this.#batch(found);
  }

  lastSequence(): Promise<number> {
    return lastSequenceOf(this.#bus, STREAM);
  }

  #batch(message: StoredMessage): StoredBatch {
    return { epoch: this.#epoch, sequence: message.sequence, bytes: message.payload, subject: message.subject, storedAtMs: message.storedAtMs };
  }
}
