import { LIMITS, sha256Hex, type EventDraft } from '@interlock/kernel';
import { draft } from '@interlock/contracts';
import type { ExchangeFacts, GatewayPorts } from './ports.js';

/** A chunk leaves at this size at the latest, so that one fits a message with room to spare. */
const CHUNK_BYTES = LIMITS.recordingChunkBytes;
const FLUSH_AFTER_MS = LIMITS.unacknowledgedMs / 2;

/**
 * The recording of one exchange: every byte the agent saw, in order, in encrypted chunks whose hashes the ledger holds.
 *
 * At most {@link LIMITS.unacknowledgedBytes} or {@link LIMITS.unacknowledgedMs} of it may be unacknowledged; beyond that
 * {@link pressed} is true and its owner stops reading the target until {@link eased} resolves. A chunk that cannot be stored
 * breaks the spool: no further byte may reach the agent.
 */
export class RecordingSpool {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #unacknowledgedBytes = 0;
  /** When each chunk under way left, oldest first. */
  readonly #departuresMs: number[] = [];
  #recordedBytes = 0;
  #chunks = 0;
  #tail: Promise<void> = Promise.resolve();
  #timer = false;
  #fault: unknown;
  #eased: (() => void)[] = [];

  constructor(private readonly exchange: ExchangeFacts, private readonly ports: Pick<GatewayPorts, 'ledger' | 'recordings' | 'nowMs' | 'sleep'>) {}

  /** Takes what was sent to the agent; the buffer must not be written to afterwards. @throws what broke the spool. */
  write(bytes: Buffer): void {
    if (this.#fault !== undefined) throw this.#fault;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#unacknowledgedBytes += bytes.length;
    if (this.#waitingBytes >= CHUNK_BYTES) this.#flush();
    else this.#flushSoon();
  }

  get pressed(): boolean {
    const [oldestMs] = this.#departuresMs;
    return this.#unacknowledgedBytes >= LIMITS.unacknowledgedBytes || (oldestMs !== undefined && this.ports.nowMs() - oldestMs >= LIMITS.unacknowledgedMs);
  }

  /** Resolves when there is room again. @throws what broke the spool. */
  async eased(): Promise<void> {
    while (this.pressed && this.#fault === undefined) {
      this.#flush();
      await new Promise<void>((resolve) => this.#eased.push(resolve));
    }
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Resolves when everything written so far is stored and its hashes are acknowledged. @throws what broke the spool. */
  async settled(): Promise<void> {
    this.#flush();
    await this.#tail;
    if (this.#fault !== undefined) throw this.#fault;
  }

  #flushSoon(): void {
    if (this.#timer) return;
    this.#timer = true;
    void this.ports.sleep(FLUSH_AFTER_MS).then(() => {
      this.#timer = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#waitingBytes === 0 || this.#fault !== undefined) return;
    const bytes = this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) this.#store(bytes.subarray(from, from + CHUNK_BYTES));
  }

  #store(chunk: Buffer): void {
    const { ciphertext, offset } = this.exchange.seal.encrypt(chunk);
    const facts = { index: this.#chunks, firstByte: this.#recordedBytes, bytes: chunk.length, hash: sha256Hex(ciphertext), keyOffset: offset };
    this.#departuresMs.push(this.ports.nowMs());
    this.#chunks += 1;
    this.#recordedBytes += chunk.length;
    this.#tail = this.#tail.then(() => this.#append(ciphertext, facts)).catch((fault: unknown) => {
      this.#fault ??= fault;
    }).finally(() => this.#acknowledged(chunk.length));
  }

  async #append(ciphertext: Uint8Array, facts: Parameters<typeof chunkDraft>[1]): Promise<void> {
    if (this.#fault !== undefined) return;
    const { sequence } = await this.ports.recordings.append(ciphertext);
    await this.ports.ledger.append([chunkDraft(this.exchange, { ...facts, sequence })]);
  }

  #acknowledged(bytes: number): void {
    this.#unacknowledgedBytes -= bytes;
    this.#departuresMs.shift();
    for (const resolve of this.#eased.splice(0)) resolve();
  }
}

function chunkDraft(exchange: ExchangeFacts, facts: { index: number; firstByte: number; bytes: number; hash: string; keyOffset: number; sequence?: number }): EventDraft {
  return { ...draft('recording.chunk.v1', facts, { session: exchange.session, exchange: exchange.exchange }), seal: exchange.seal };
}
