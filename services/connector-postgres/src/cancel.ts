import { timingSafeEqual } from 'node:crypto';

/** A session that may be asked to stop what it runs. */
export interface Cancellable {
  cancel(): void;
}

/** The key that a client is given to cancel by: the gateway's own, never the target's. */
export interface CancelKey {
  readonly processId: number;
  readonly key: Buffer;
}

const SHORT_KEY_BYTES = 4;
const LONG_KEY_BYTES = 32;
const PROCESS_ID_MAX = 2 ** 31 - 1;

/** Maps the gateway's cancel keys to sessions. */
export class CancelBook {
  readonly #random: (bytes: number) => Buffer;
  readonly #entries = new Map<number, { readonly key: Buffer; readonly session: Cancellable }>();

  constructor(random: (bytes: number) => Buffer) {
    this.#random = random;
  }

  /** From protocol 3.2 on a key may be long; before, it has four bytes. */
  add(session: Cancellable, minorVersion: number): CancelKey {
    const keyBytes = minorVersion >= 2 ? LONG_KEY_BYTES : SHORT_KEY_BYTES;
    let processId = 0;
    while (processId === 0 || this.#entries.has(processId)) processId = this.#random(4).readUInt32BE(0) % PROCESS_ID_MAX;
    const key = this.#random(keyBytes);
    this.#entries.set(processId, { key, session });
    return { processId, key };
  }

  remove({ processId }: CancelKey): void {
    this.#entries.delete(processId);
  }

  /** Cancels if the key is right; the asker learns nothing either way. */
  request(processId: number, key: Buffer): void {
    const entry = this.#entries.get(processId);
    if (entry && key.length === entry.key.length && timingSafeEqual(key, entry.key)) entry.session.cancel();
  }
}
