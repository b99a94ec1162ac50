import { LIMITS } from '@interlock/kernel';
import type { RpcClient } from '@interlock/contracts';
import { createEventOpener, type EventOpener, type ServiceKeys } from '@interlock/adapter-sealing';

const PURPOSE = 'event-key';
const AT_ONCE = 1_000;
const KEPT = 10_000;

/** The recorder did not reveal keys: it is away, or it refused. The same question may be asked again. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Opens the payloads of exchanges, with keys that the recorder reveals to policy; the longest unused are let go of. */
export class ExchangeKeys {
  readonly #openers = new Map<string, EventOpener>();

  constructor(private readonly rpc: RpcClient, private readonly keys: Pick<ServiceKeys, 'open'>) {}

  /**
   * What opens payloads under these keys; a key that was destroyed, or is no exchange's, is left out.
   *
   * @throws KeysUnavailable
   */
  async of(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, EventOpener>> {
    const found = new Map<string, EventOpener>();
    const missing: string[] = [];
    for (const id of ids) {
      const opener = this.#openers.get(id);
      if (opener) found.set(id, this.#keep(id, opener));
      else missing.push(id);
    }
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      for (const [id, key] of await this.#ask(missing.slice(at, at + AT_ONCE))) found.set(id, this.#keep(id, createEventOpener(key)));
    }
    return found;
  }

  async #ask(keyIds: readonly string[]): Promise<[string, Buffer][]> {
    const answer = await this.rpc.call('recorder.revealDecisionKeys', { keyIds: [...keyIds] }, { timeoutMs: 2 * LIMITS.rpcMs });
    if (!answer.ok) throw new KeysUnavailable(`the recorder did not reveal keys of exchanges: ${answer.refusal.detail}`);
    return Object.entries(answer.value.keys).map(([id, box]) => {
      const opened = this.keys.open(box, PURPOSE);
      if (!opened.ok) throw new KeysUnavailable(`the recorder sealed a key to someone else: ${opened.refusal.detail}`);
      return [id, Buffer.from(opened.value.toString('latin1'), 'base64')];
    });
  }

  #keep(id: string, opener: EventOpener): EventOpener {
    this.#openers.delete(id);
    if (this.#openers.size >= KEPT) this.#openers.delete(this.#openers.keys().next().value!);
    this.#openers.set(id, opener);
    return opener;
  }
}
