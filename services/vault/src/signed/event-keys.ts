import { LIMITS } from '@interlock/kernel';
import type { RpcClient } from '@interlock/contracts';
import { createEventOpener, type EventOpener, type ServiceKeys } from '@interlock/adapter-sealing';

/** The recorder did not reveal keys: it is away, or it refused. The same question may be asked again. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Opens events of approval's and the vault's own runs, with keys that the recorder reveals to the vault. There is one for each start of the two. */
export class RunKeys {
  readonly #openers = new Map<string, EventOpener>();

  constructor(private readonly rpc: RpcClient, private readonly keys: Pick<ServiceKeys, 'open'>) {}

  /** @throws KeysUnavailable */
  async of(keyId: string): Promise<EventOpener> {
    const known = this.#openers.get(keyId);
    if (known) return known;
    const answer = await this.rpc.call('recorder.revealApprovalKeys', { keyIds: [keyId] }, { timeoutMs: 2 * LIMITS.rpcMs });
    const box = answer.ok ? answer.value.keys[keyId] : undefined;
    const opened = box && this.keys.open(box, 'event-key');
    if (!opened?.ok) throw new KeysUnavailable(`the recorder did not reveal key ${keyId}: ${answer.ok ? 'it has none' : answer.refusal.detail}`);
    const opener = createEventOpener(Buffer.from(opened.value.toString('latin1'), 'base64'));
    this.#openers.set(keyId, opener);
    return opener;
  }
}
