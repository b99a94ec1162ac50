import { LIMITS, sha256Hex, type EventDraft, type EventSeal } from '@interlock/kernel';
import { draft } from '@interlock/contracts';
import type { Clock } from './ports.js';
import type { RecordingPacker } from './recording-packer.js';

export interface SpoolPorts {
  readonly packer: RecordingPacker;
  /** Appends to the ledger, resolved once acknowledged. */
  readonly append: (drafts: readonly EventDraft[]) => Promise<unknown>;
  readonly clock: Clock;
  readonly seal: EventSeal;
  readonly about: { readonly session: string; readonly exchange: string };
  /** Told when the recording falls behind, and when it has caught up. */
  readonly onBehind: () => void;
  readonly onCaughtUp: () => void;
}

/** Sent on when a block is this full; a smaller one waits for {@link RecordingSpool.tick}. */
const BLOCK_BYTES = 128 * 1024;
const FIRST_BLOCK_BYTES = 4 * 1024;
/** A chunk that was not acknowledged is stored again after this. */
const RETRY_MS = 250;

interface Chunk {
  readonly index: number;
  readonly firstByte: number;
  readonly ciphertext: Uint8Array;
  readonly keyOffset: number;
  readonly bornAtMs: number;
}

/**
 * Records what the agent saw, in order, in bounded chunks encrypted under the exchange's key. It never drops a byte: when more
 * than LIMITS.unacknowledgedBytes, or bytes older than LIMITS.unacknowledgedMs, are not acknowledged, it says that it is behind, and whoever writes stops.
 */
export class RecordingSpool {
  readonly #ports: SpoolPorts;
  #block = Buffer.allocUnsafe(FIRST_BLOCK_BYTES);
  #filled = 0;
  #blockBornAtMs = 0;
  #index = 0;
  #sentBytes = 0;
  readonly #unacknowledged = new Map<number, Chunk>();
  #unacknowledgedBytes = 0;
  #behind = false;
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(ports: SpoolPorts) {
    this.#ports = ports;
  }

  /** Bytes recorded so far. */
  get bytes(): number {
    return this.#sentBytes + this.#filled;
  }

  /** Age in milliseconds of the oldest byte that is not acknowledged; 0 when all are. */
  oldestMs(nowMs: number): number {
    for (const chunk of this.#unacknowledged.values()) return nowMs - chunk.bornAtMs;
    return this.#filled > 0 ? nowMs - this.#blockBornAtMs : 0;
  }

  /** Takes a copy of the bytes. */
  write(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) at += this.#fill(bytes, at);
    if (this.#unacknowledgedBytes + this.#filled > LIMITS.unacknowledgedBytes) this.#fallBehind();
  }

  /** Sends on what waits and looks at the age of what was sent. Called every few tens of milliseconds. */
  tick(nowMs: number): void {
    if (this.#filled > 0) this.#send();
    if (this.oldestMs(nowMs) > LIMITS.unacknowledgedMs) this.#fallBehind();
  }

  /** Resolves once every byte recorded so far is acknowledged. */
  flushed(): Promise<void> {
    if (this.#filled > 0) this.#send();
    if (this.#unacknowledged.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Stops trying again: whoever closes has waited long enough. */
  close(): void {
    this.#closed = true;
  }

  #fill(bytes: Uint8Array, from: number): number {
    if (this.#filled === 0) this.#blockBornAtMs = this.#ports.clock.nowMs();
    this.#reserve(Math.min(BLOCK_BYTES, this.#filled + bytes.length - from));
    const size = Math.min(bytes.length - from, this.#block.length - this.#filled);
    this.#block.set(bytes.subarray(from, from + size), this.#filled);
    this.#filled += size;
    if (this.#filled >= BLOCK_BYTES) this.#send();
    return size;
  }

  #reserve(size: number): void {
    if (size <= this.#block.length) return;
    const grown = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, Math.max(size, 4 * this.#block.length)));
    this.#block.copy(grown, 0, 0, this.#filled);
    this.#block = grown;
  }

  #send(): void {
    const plain = this.#block.subarray(0, this.#filled);
    const { ciphertext, offset } = this.#ports.seal.encrypt(plain);
    const chunk = { index: this.#index, firstByte: this.#sentBytes, ciphertext, keyOffset: offset, bornAtMs: this.#blockBornAtMs };
    this.#index += 1;
    this.#sentBytes += plain.length;
    this.#unacknowledgedBytes += plain.length;
    this.#filled = 0;
    this.#unacknowledged.set(chunk.index, chunk);
    void this.#store(chunk);
  }

  async #store(chunk: Chunk): Promise<void> {
    try {
      const place = await this.#ports.packer.add(chunk.ciphertext);
      const { index, firstByte, keyOffset } = chunk;
      const data = { index, firstByte, bytes: chunk.ciphertext.length, hash: sha256Hex(chunk.ciphertext), sequence: place.sequence, offset: place.offset, keyOffset };
      await this.#ports.append([{ ...draft('recording.chunk.v1', data, this.#ports.about), seal: this.#ports.seal }]);
      this.#acknowledge(chunk);
    } catch {
      if (!this.#closed) this.#ports.clock.after(RETRY_MS, () => void this.#store(chunk));
    }
  }

  #acknowledge(chunk: Chunk): void {
    this.#unacknowledged.delete(chunk.index);
    this.#unacknowledgedBytes -= chunk.ciphertext.length;
    if (this.#unacknowledged.size === 0) for (const wake of this.#waiters.splice(0)) wake();
    if (this.#behind && this.#unacknowledgedBytes + this.#filled <= LIMITS.unacknowledgedBytes / 2 && this.oldestMs(this.#ports.clock.nowMs()) <= LIMITS.unacknowledgedMs) {
      this.#behind = false;
      this.#ports.onCaughtUp();
    }
  }

  #fallBehind(): void {
    if (this.#behind) return;
    this.#behind = true;
    this.#ports.onBehind();
  }
}
