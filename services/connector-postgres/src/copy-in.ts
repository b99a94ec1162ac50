import { LIMITS, sha256Hex, type Outcome, type Refusal } from '@interlock/kernel';
import type { Permit } from '@interlock/gateway';
import type { CopyEffect } from '@interlock/language-postgres';
import { encodeFrontend, HEADER_BYTES } from '@interlock/protocol-postgres';
import { CopyInspector, PLACEHOLDER_WRITTEN } from './placeholders.js';
import { refusalMessage } from './refuse.js';
import type { Relay } from './relay.js';
import type { TargetLink } from './target-link.js';

export interface CopyInPorts {
  /** The COPY, where columns are masked: its data is looked through for placeholders. */
  readonly inspected: CopyEffect | undefined;
  readonly link: TargetLink;
  readonly relay: Relay;
  /** Digest of the COPY that was decided. */
  readonly actionDigest: string;
  /** Records one chunk, acknowledged, and gives the right to forward it. */
  readonly record: (chunk: { readonly index: number; readonly bytes: number; readonly hash: string }) => Promise<Outcome<Permit>>;
}

const GIVE_UP = encodeFrontend({ kind: 'copyFail', message: 'interlock refused the data' });

/**
 * The data of one COPY FROM STDIN, in chunks of at most LIMITS.inputChunkBytes. A chunk is CopyData messages exactly as
 * they came; its hash covers them, and the ledger has it before they leave.
 */
export class CopyIn {
  readonly #ports: CopyInPorts;
  readonly #inspector: CopyInspector | undefined;
  #parts: Buffer[] = [];
  #bytes = 0;
  #index = 0;
  #isOver = false;

  constructor(ports: CopyInPorts) {
    this.#ports = ports;
    this.#inspector = ports.inspected && new CopyInspector(ports.inspected);
  }

  add(raw: Buffer): void {
    this.#inspector?.push(raw.subarray(HEADER_BYTES));
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

  /** The target has answered already, or nobody waits for it any more: what still comes is ignored, as PostgreSQL ignores it. */
  end(): void {
    this.#isOver = true;
  }

  /**
   * Sends on what was collected, chunk by chunk, then `last`, the client's CopyDone or CopyFail. Where the ledger does not take
   * a chunk, or the data holds a placeholder, the target is told to undo the COPY, and the client hears why.
   */
  async send(last: Buffer | undefined): Promise<void> {
    const whole = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    if (this.#inspector?.found) return this.#giveUp(PLACEHOLDER_WRITTEN);
    for (let at = 0; at < whole.length && !this.#isOver; at += LIMITS.inputChunkBytes) {
      const refusal = await this.#sendChunk(whole.subarray(at, at + LIMITS.inputChunkBytes));
      if (refusal) return this.#giveUp(refusal);
    }
    if (last && !this.#isOver) this.#ports.link.forwardStanding(last);
  }

  async #sendChunk(bytes: Buffer): Promise<Refusal | undefined> {
    const chunk = { index: this.#index, bytes: bytes.length, hash: sha256Hex(bytes) };
    this.#index += 1;
    const permit = await this.#ports.record(chunk);
    if (!permit.ok) return permit.refusal;
    if (!this.#isOver) await this.#ports.link.forwardSlowly({ permit: permit.value, digest: this.#ports.actionDigest, bytes });
    return undefined;
  }

  #giveUp(refusal: Refusal): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ports.relay.replaceNextError(refusalMessage(refusal));
    this.#ports.link.forwardStanding(GIVE_UP);
  }
}
