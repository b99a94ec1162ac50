import { generateServiceKeys, openEvent, parseKek, seal, ServiceKeys, unwrapAtRest, wrapAtRest } from '@interlock/adapter-sealing';
import { must, type FuzzEntry } from '../fuzz.js';

const made = generateServiceKeys();
const keys = new ServiceKeys('vault', { nkeySeed: '', signingPrivateKey: made.signingPrivateKey, sealingPrivateKey: made.sealingPrivateKey });
const SECRET = Buffer.from('{"user":"u","password":"p"}');
const KEK = Buffer.alloc(32, 9);

export const sealing: readonly FuzzEntry[] = [
  {
    name: 'sealed boxes', seeds: [Buffer.from(seal(made.sealingKey, 'credential', SECRET).box, 'base64')],
    run: (input, random) => {
      const box = random.below(4) === 0 ? input.toString('latin1') : input.toString('base64');
      const result = keys.open({ box, purpose: 'credential' }, 'credential');
      if (result.ok) must(result.value.equals(SECRET), 'only what was sealed comes out');
      return result.ok ? 'opened' : result.refusal.reason;
    },
  },
  {
    name: 'values wrapped at rest', seeds: [wrapAtRest(KEK, SECRET, 'target shop')],
    run: (input) => {
      const result = unwrapAtRest(KEK, input, 'target shop');
      if (result.ok) must(result.value.equals(SECRET), 'only what was wrapped comes out');
      return result.ok ? 'unwrapped' : result.refusal.reason;
    },
  },
  {
    name: 'key-encryption keys', seeds: [Buffer.from(KEK.toString('base64'))],
    run: (input) => {
      const result = parseKek(input.toString());
      if (result.ok) must(result.value.length === 32, 'a key has 32 bytes');
      return result.ok ? 'key' : result.refusal.reason;
    },
  },
  {
    name: 'payloads of events', seeds: [Buffer.alloc(64, 3)],
    run: (input, random) => {
      must(openEvent(KEK, random.below(1_000_000), input).length === input.length, 'a payload keeps its length');
      return 'opened';
    },
  },
];
