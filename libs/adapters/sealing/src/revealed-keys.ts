import { LIMITS } from '@interlock/kernel';
import type { RpcClient } from '@interlock/contracts';
import type { ServiceKeys } from './service-keys.js';

const PURPOSE = 'event-key';
const AT_ONCE = 1_000;
const KEPT = 20_000;

/** The recorder did not reveal keys: it is away, or it refused. The same question may be asked again. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

export interface RevealedKeysPorts<T> {
  readonly rpc: RpcClient;
  readonly keys: Pick<ServiceKeys, 'open'>;
  /** Which of the recorder's answers: each is sealed to one service, and holds what that service may read. */
  readonly from: 'recorder.revealKeys' | 'recorder.revealDecisionKeys';
  /** What is kept of a key. */
  readonly make: (key: Buffer) => T;
}

/** Keys of events, asked of the recorder and kept, the least recently used dropped first: or what a service makes of them. */
export class RevealedKeys<T = Buffer> {
  readonly #kept = new Map<string, T>();

  constructor(private readonly ports: RevealedKeysPorts<T>) {}

  /**
   * What was made of the keys of these ids; an id whose key was destroyed, never known, or not for this service is left out.
   *
   * @throws KeysUnavailable
   */
  async of(ids: Iterable<string>): Promise<ReadonlyMap<string, T>> {
    const found = new Map<string, T>();
    const missing: string[] = [];
    for (const id of new Set(ids)) {
      const kept = this.#kept.get(id);
      if (kept === undefined) missing.push(id);
      else found.set(id, this.#keep(id, kept));
    }
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      for (const [id, key] of await this.#ask(missing.slice(at, at + AT_ONCE))) found.set(id, this.#keep(id, this.ports.make(key)));
    }
    return found;
  }

  async #ask(keyIds: readonly string[]): Promise<[string, Buffer][]> {
    const { rpc, keys, from } = this.ports;
    const answer = await rpc.call(from, { keyIds: [...keyIds] }, { timeoutMs: 2 * LIMITS.rpcMs });
    if (!answer.ok) throw new KeysUnavailable(`the recorder did not reveal event keys: ${answer.refusal.detail}`);
    return Object.entries(answer.value.keys).map(([id, box]) => {
      const opened = keys.open(box, PURPOSE);
      if (!opened.ok) throw new KeysUnavailable(`the recorder sealed an event key to someone else: ${opened.refusal.detail}`);
      return [id, Buffer.from(opened.value.toString('latin1'), 'base64')];
    });
  }

  #keep(id: string, made: T): T {
    this.#kept.delete(id);
    if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(id, made);
    return made;
  }
}
