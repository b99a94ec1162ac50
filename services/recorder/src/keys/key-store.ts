import { timingSafeEqual } from 'node:crypto';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import { RUN_KEY } from '@interlock/contracts';
import { KEY_BYTES, unwrapAtRest, wrapAtRest } from '@interlock/adapter-sealing';
import type { KeyRegistrar } from '@interlock/nest';
import { KeyFile, LINE_BYTES_MAX, type KeyLine } from './key-file.js';

const KEPT_OPEN = 4_096;
/** JSON writes a character with six bytes at most; the rest of a line is the wrapped key. */
const NAMES_MAX = Math.floor((LINE_BYTES_MAX - 512) / 6);

/**
 * The keys that events and recordings are encrypted under, wrapped under the recorder's key-encryption key. Whoever has
 * a key can read what it covers; without it, the sealed log still proves everything and says nothing.
 */
export class KeyStore implements KeyRegistrar {
  readonly #registering = new Map<string, Promise<Outcome<Record<string, never>>>>();
  /** The newest {@link KEPT_OPEN}, so that most need neither the file nor the key-encryption key. */
  readonly #opened = new Map<string, Buffer>();

  private constructor(private readonly file: KeyFile, private readonly kek: Uint8Array) {}

  /** @throws KeyFileDamaged; KekWrong when the stored keys were wrapped under another key-encryption key. */
  static async open(path: string, kek: Uint8Array): Promise<KeyStore> {
    const file = await KeyFile.open(path);
    const store = new KeyStore(file, kek);
    if (file.newest && !store.#unwrap(file.newest)) {
      await file.close();
      throw new KekWrong('the stored event keys were wrapped under another key-encryption key; set INTERLOCK_RECORDER_KEK to the one they were made with');
    }
    return store;
  }

  /**
   * Stores a key; durable when it returns. The same key again is accepted, another key under a known id is refused with
   * `key_conflict`.
   */
  register(keyId: string, session: string, key: Uint8Array): Promise<Outcome<Record<string, never>>> {
    const underWay = this.#registering.get(keyId) ?? Promise.resolve();
    const work = underWay.then(() => this.#register(keyId, session, key));
    this.#registering.set(keyId, work);
    return work.finally(() => {
      if (this.#registering.get(keyId) === work) this.#registering.delete(keyId);
    });
  }

  async #register(keyId: string, session: string, key: Uint8Array): Promise<Outcome<Record<string, never>>> {
    if (key.length !== KEY_BYTES) return refused('key_malformed', `An event key has ${KEY_BYTES} bytes.`);
    if (keyId.length + session.length > NAMES_MAX) return refused('key_malformed', `The names of an event key and its session have at most ${NAMES_MAX} characters.`);
    if (this.file.find(keyId)) {
      const known = this.get(keyId);
      if (known && timingSafeEqual(known, key)) return accepted({});
      return refused('key_conflict', `Another event key is stored as ${keyId}.`, { hint: 'Make a fresh key under a fresh id.' });
    }
    await this.file.append({ id: keyId, session, key: wrapAtRest(this.kek, key, contextOf(keyId)).toString('base64') });
    this.#keep(keyId, Buffer.from(key));
    return accepted({});
  }

  /** The key of this id; undefined when there is none that can be opened. */
  get(keyId: string): Buffer | undefined {
    const kept = this.#opened.get(keyId);
    if (kept) return kept;
    const line = this.file.find(keyId);
    const key = line && this.#unwrap(line);
    if (key) this.#keep(keyId, key);
    return key;
  }

  /** The key of this id if it is an exchange's: a service's own is not among them. */
  getOfExchange(keyId: string): Buffer | undefined {
    return this.file.find(keyId)?.session.startsWith(RUN_KEY) === false ? this.get(keyId) : undefined;
  }

  /** The key of this id if one of these services registered it for a run of its own. */
  getOfRun(keyId: string, services: readonly string[]): Buffer | undefined {
    const session = this.file.find(keyId)?.session;
    return services.some((service) => session?.startsWith(`${RUN_KEY}${service}.`)) ? this.get(keyId) : undefined;
  }

  #unwrap({ id, key }: KeyLine): Buffer | undefined {
    const opened = unwrapAtRest(this.kek, Buffer.from(key, 'base64'), contextOf(id));
    return opened.ok ? opened.value : undefined;
  }

  #keep(keyId: string, key: Buffer): void {
    if (this.#opened.size >= KEPT_OPEN) this.#opened.delete(this.#opened.keys().next().value!);
    this.#opened.set(keyId, key);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** The configured key-encryption key is not the one the stored keys need. */
export class KekWrong extends Error {
  override readonly name = 'KekWrong';
}

function contextOf(keyId: string): string {
  return `event-key/${keyId}`;
}
