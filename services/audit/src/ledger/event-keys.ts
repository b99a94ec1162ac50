import { LIMITS } from '@interlock/kernel';
import type { RpcClient } from '@interlock/contracts';
import type { ServiceKeys } from '@interlock/adapter-sealing';

const PURPOSE = 'event-key';
const AT_ONCE = 1_000;
const KEPT = 20_000;

/** The recorder did not reveal keys: it is away, or it refused. The same question may be asked again. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Keys of events, asked of the recorder and kept, the least recently used dropped first. */
export class EventKeys {
  readonly #kept = new Map<string, Buffer>();

  constructor(private readonly rpc: RpcClient, private readonly keys: Pick<ServiceKeys, 'open'>) {}

  /**
   * The keys of these ids; an id whose key was destroyed or never known is left out.
   *
   * @throws KeysUnavailable
   */
  async of(ids: Iterable<string>): Promise<ReadonlyMap<string, Buffer>> {
    const found = new Map<string, Buffer>();
    const missing: string[] = [];
    for (const id of new Set(ids)) {
      const key = this.#use(id);
      if (key) found.set(id, key);
      else missing.push(id);
    }
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      for (const [id, key] of await this.#ask(missing.slice(at, at + AT_ONCE))) found.set(id, key);
    }
    return found;
  }

  async #ask(keyIds: readonly string[]): Promise<[string, Buffer][]> {
    const answer = await this.rpc.call('recorder.revealKeys', { keyIds: [...keyIds] }, { timeoutMs: 2 * LIMITS.rpcMs });
    if (!answer.ok) throw new KeysUnavailable(`the recorder did not reveal event keys: ${answer.refusal.detail}`);
    return Object.entries(answer.value.keys).map(([id, box]) => {
      const opened = this.keys.open(box, PURPOSE);
      if (!opened.ok) throw new KeysUnavailable(`the recorder sealed an event key to someone else: ${opened.refusal.detail}`);
      const key = Buffer.from(opened.value.toString('latin1'), 'base64');
      this.#keep(id, key);
      return [id, key];
    });
  }

  #use(id: string): Buffer | undefined {
    const key = this.#kept.get(id);
    if (!key) return undefined;
    this.#kept.delete(id);
    this.#kept.set(id, key);
    return key;
  }

  #keep(id: string, key: Buffer): void {
    if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(id, key);
  }
}
