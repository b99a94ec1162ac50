import { Controller, Inject } from '@nestjs/common';
import { accepted, refused } from '@interlock/kernel';
import type { Trust } from '@interlock/contracts';
import { seal, type ServiceKeys } from '@interlock/adapter-sealing';
import { KEYS, Rpc, TRUST, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { KEY_STORE } from '../tokens.js';
import type { KeyStore } from './key-store.js';

const PURPOSE = 'event-key';

/** Takes keys from their makers, and shows them: all to audit, those of exchanges to policy, those of approval's and the vault's own runs to the vault. */
@Controller()
export class KeysController {
  constructor(@Inject(KEY_STORE) private readonly store: KeyStore, @Inject(KEYS) private readonly keys: ServiceKeys, @Inject(TRUST) private readonly trust: Trust) {}

  @Rpc('recorder.registerKey')
  registerKey({ keyId, session, key }: RpcParsed<'recorder.registerKey'>): Promise<RpcAnswer<'recorder.registerKey'>> | RpcAnswer<'recorder.registerKey'> {
    const opened = this.keys.open(key, PURPOSE);
    if (!opened.ok) return opened;
    return this.store.register(keyId, session, Buffer.from(opened.value.toString('latin1'), 'base64'));
  }

  /** Whoever asks gets boxes that only audit can open. */
  @Rpc('recorder.revealKeys')
  revealKeys({ keyIds }: RpcParsed<'recorder.revealKeys'>): RpcAnswer<'recorder.revealKeys'> {
    return this.#sealedTo('audit', keyIds, (keyId) => this.store.get(keyId));
  }

  /** Whoever asks gets boxes that only policy can open. */
  @Rpc('recorder.revealDecisionKeys')
  revealDecisionKeys({ keyIds }: RpcParsed<'recorder.revealDecisionKeys'>): RpcAnswer<'recorder.revealDecisionKeys'> {
    return this.#sealedTo('policy', keyIds, (keyId) => this.store.getOfExchange(keyId));
  }

  /** Whoever asks gets boxes that only the vault can open. */
  @Rpc('recorder.revealApprovalKeys')
  revealApprovalKeys({ keyIds }: RpcParsed<'recorder.revealApprovalKeys'>): RpcAnswer<'recorder.revealApprovalKeys'> {
    return this.#sealedTo('vault', keyIds, (keyId) => this.store.getOfRun(keyId, ['approval', 'vault']));
  }

  #sealedTo(reader: 'audit' | 'policy' | 'vault', keyIds: readonly string[], keyOf: (keyId: string) => Buffer | undefined): RpcAnswer<'recorder.revealKeys'> {
    const receiver = this.trust.services[reader];
    if (!receiver) return refused(`${reader}_unknown`, `trust.json names no ${reader} service that keys could be sealed to.`);
    const keys = keyIds.flatMap((keyId) => {
      const key = keyOf(keyId);
      return key ? [[keyId, seal(receiver.sealingKey, PURPOSE, Buffer.from(key.toString('base64')))] as const] : [];
    });
    return accepted({ keys: Object.fromEntries(keys) });
  }
}
