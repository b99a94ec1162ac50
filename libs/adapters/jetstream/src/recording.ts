import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '@interlock/kernel';
import type { Bus } from './bus.js';
import { busRequest, headersOf } from './bus-request.js';
import { readStored } from './stored-message.js';

/** A chunk was not acknowledged in time; it may or may not be stored. */
export class RecordingUnavailable extends Error {
  override readonly name = 'RecordingUnavailable';
}

const STREAM = 'RECORDING';
const ATTEMPT_MS = 1_000;
const RETRY_MS = 50;

/** Stores chunks of what agents saw, on `recording.<connector>`. Appends under way together may be stored in any order: who needs one keeps the sequences. */
export class RecordingWriter {
  readonly #bus: Bus;
  readonly #subject: string;

  /** @param connector name of the service, e.g. `connector-postgres`. */
  constructor(bus: Bus, connector: string) {
    this.#bus = bus;
    this.#subject = `recording.${connector}`;
  }

  /**
   * Stores one chunk (ciphertext). It is sent again until acknowledged, under one unguessable id, so it is stored once. A
   * `duplicate` answer is therefore our own chunk: nobody knows its id before it is stored, and its hash goes to the ledger,
   * where a reader compares it.
   *
   * @throws RecordingUnavailable after LIMITS.ledgerAckMs; RangeError on a chunk over LIMITS.recordingChunkBytes.
   */
  async append(chunk: Uint8Array): Promise<{ readonly sequence: number }> {
    if (chunk.length > LIMITS.recordingChunkBytes) throw new RangeError(`a recording chunk has at most ${LIMITS.recordingChunkBytes} bytes, not ${chunk.length}`);
    const more = headersOf({ 'Nats-Msg-Id': randomBytes(16).toString('hex') });
    const deadline = performance.now() + LIMITS.ledgerAckMs;
    let detail = 'no answer came';
    for (let left: number = LIMITS.ledgerAckMs; left > 0; left = deadline - performance.now()) {
      if (await this.#bus.whenConnected(left)) {
        const result = await busRequest(this.#bus, this.#subject, chunk, Math.min(ATTEMPT_MS, left), more);
        const sequence = result.kind === 'answered' ? acknowledged(result.message.string()) : 'no answer came';
        if (typeof sequence === 'number') return { sequence };
        detail = sequence;
      }
      await pause(RETRY_MS);
    }
    throw new RecordingUnavailable(`The recording was not stored within ${LIMITS.ledgerAckMs} ms (${detail}).`);
  }
}

/** Reads chunks, for who has the right to all of the stream. */
export class RecordingReader {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** The chunk at this sequence, undefined when there is none. @throws BusUnavailable after LIMITS.rpcMs */
  async read(sequence: number): Promise<Uint8Array | undefined> {
    return (await readStored(this.#bus, STREAM, { sequence }, LIMITS.rpcMs))?.payload;
  }
}

function acknowledged(text: string): number | string {
  try {
    const answer = JSON.parse(text) as { readonly seq?: number; readonly error?: { readonly description?: string } };
    return !answer.error && answer.seq ? answer.seq : (answer.error?.description ?? 'an answer without a sequence');
  } catch {
    return 'an answer that is not JSON';
  }
}
