import { timingSafeEqual } from 'node:crypto';

/** A session that may be asked to stop what it runs. */
export interface Cancellable {
  cancel(): void;
}

/**
 * What a client is given to cancel by. The process id is that of the target's backend, so that clients find it again in notifications,
 * in pg_backend_pid() and in pg_stat_activity; the key is the gateway's own, never the target's.
 */
export interface CancelKey {
  readonly processId: number;
  readonly key: Buffer;
}

interface Entry {
  readonly key: Buffer;
  readonly session: Cancellable;
}

const SHORT_KEY_BYTES = 4;
const LONG_KEY_BYTES = 32;

/** Maps the gateway's cancel keys to sessions. Backends of different targets may have the same process id: then the key tells them apart. */
export class CancelBook {
  readonly #random: (bytes: number) => Buffer;
  readonly #entries = new Map<number, readonly Entry[]>();

  constructor(random: (bytes: number) => Buffer) {
    this.#random = random;
  }

  /** From protocol 3.2 on a key may be long; before, it has four bytes. */
  add(session: Cancellable, processId: number, minorVersion: number): CancelKey {
    const others = this.#entries.get(processId) ?? [];
    let key = this.#newKey(minorVersion);
    while (others.some((other) => other.key.equals(key))) key = this.#newKey(minorVersion);
    this.#entries.set(processId, [...others, { key, session }]);
    return { processId, key };
  }

  remove({ processId, key }: CancelKey): void {
    const left = (this.#entries.get(processId) ?? []).filter((entry) => !entry.key.equals(key));
    if (left.length > 0) this.#entries.set(processId, left);
    else this.#entries.delete(processId);
  }

  /** Cancels if the key is right; the asker learns nothing either way. */
  request(processId: number, key: Buffer): void {
    for (const entry of this.#entries.get(processId) ?? []) if (key.length === entry.key.length && timingSafeEqual(key, entry.key)) entry.session.cancel();
  }

  #newKey(minorVersion: number): Buffer {
    return this.#random(minorVersion >= 2 ? LONG_KEY_BYTES : SHORT_KEY_BYTES);
  }
}
