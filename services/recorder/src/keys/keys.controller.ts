import { Controller, Inject } from '@nestjs/common';
import { accepted, refused } from '@interlock/kernel';
import type { Trust } from '@interlock/contracts';
import { seal, type ServiceKeys } from '@interlock/adapter-sealing';
import { KEYS, Rpc, TRUST, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { KEY_STORE } from '../tokens.js';
import type { KeyStore } from './key-store.js';

const PURPOSE = 'event-key';

/** Takes keys from their makers, and shows them to audit alone. */
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
    const audit = this.trust.services['audit'];
    if (!audit) return refused('audit_unknown', 'trust.json names no audit service that keys could be sealed to.');
    const keys = keyIds.flatMap((keyId) => {
      const key = this.store.get(keyId);
      return key ? [[keyId, seal(audit.sealingKey, PURPOSE, Buffer.from(key.toString('base64')))] as const] : [];
    });
    return accepted({ keys: Object.fromEntries(keys) });
  }
}
