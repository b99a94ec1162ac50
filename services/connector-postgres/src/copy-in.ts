import { createHash } from 'node:crypto';
import { LIMITS, type Outcome } from '@interlock/kernel';
import type { Permit } from '@interlock/gateway';

/** Records one chunk, acknowledged, and gives the right to forward it. */
export type RecordChunk = (chunk: { readonly index: number; readonly bytes: number; readonly hash: string }) => Promise<Outcome<Permit>>;

/**
 * Collects the data of COPY FROM STDIN into chunks of at most LIMITS.inputChunkBytes. A chunk is CopyData messages exactly as
 * they came; its hash covers them, and the ledger has it before they leave.
 */
export class CopyIn {
  readonly #record: RecordChunk;
  #parts: Buffer[] = [];
  #bytes = 0;
  #index = 0;

  constructor(record: RecordChunk) {
    this.#record = record;
  }

  add(raw: Buffer): void {
    this.#parts.push(raw);
    this.#bytes += raw.length;
  }

  /** Whether what was added should be sent on before more is added. */
  get isFull(): boolean {
    return this.#bytes >= LIMITS.inputChunkBytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** What was collected, chunk by chunk with its permit; refuses at the first that the ledger does not take. */
  async *send(): AsyncGenerator<Outcome<{ readonly permit: Permit; readonly bytes: Buffer }>> {
    const whole = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    for (let at = 0; at < whole.length; at += LIMITS.inputChunkBytes) {
      const bytes = whole.subarray(at, at + LIMITS.inputChunkBytes);
      const permit = await this.#record({ index: this.#index, bytes: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') });
      this.#index += 1;
      if (!permit.ok) return yield permit;
      yield { ok: true, value: { permit: permit.value, bytes } };
    }
  }
}
