import { EVENTS } from '@interlock/contracts';
import { openEvent } from '@interlock/adapter-sealing';
import type { KeyStore } from '../keys/key-store.js';
import type { ReadDecision } from './open-commands.js';

/** Reads decisions with the stored keys. One whose key is gone cannot be known not to have been allowed. */
export function decisionReader(keys: Pick<KeyStore, 'get'>): ReadDecision {
  return ({ metadata, ciphertext }) => {
    const key = keys.get(metadata.keyid);
    if (!key) return undefined;
    try {
      const data = EVENTS['command.decided.v1'].safeParse(JSON.parse(openEvent(key, metadata.keyoffset, ciphertext).toString('utf8')));
      return data.success ? data.data.decision.outcome === 'allow' : undefined;
    } catch {
      return undefined;
    }
  };
}
