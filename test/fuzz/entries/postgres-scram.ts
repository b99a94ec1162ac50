import { SCRAM_SHA_256, scramAnswer, scramBegin, scramChallenge, scramKeys, scramVerify, type ScramBegun } from '@interlock/protocol-postgres';
import { must, type FuzzEntry } from '../fuzz.js';

const NONCE = 'fyko+d2lbbFgONRv9qkxdawL';
const SERVER_FIRST = Buffer.from(`r=${NONCE}3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096`);

function begun(): ScramBegun {
  const start = scramBegin({ mechanisms: [SCRAM_SHA_256], nonce: NONCE });
  if (!start.ok) throw new Error('the exchange does not begin');
  return start.value.begun;
}

const first = scramChallenge(begun(), SERVER_FIRST);
if (!first.ok) throw new Error('the first message of the example is lawful');
const keys = scramKeys('pencil', first.value.salt, first.value.iterations);
const { answered } = scramAnswer(first.value, keys);

export const scram: readonly FuzzEntry[] = [
  {
    name: 'SCRAM server-first', seeds: [SERVER_FIRST, Buffer.from(`${SERVER_FIRST.toString()},x=y`)],
    run: (input) => {
      const result = scramChallenge(begun(), input);
      if (!result.ok) return result.violation.reason;
      must(result.value.iterations >= 4_096 && result.value.iterations <= 100_000, 'iterations are bounded');
      must(result.value.serverNonce.startsWith(NONCE) && result.value.serverNonce !== NONCE, 'the nonce extends ours');
      return 'challenge';
    },
  },
  {
    name: 'SCRAM server-final', seeds: [Buffer.from(`v=${answered.serverSignature.toString('base64')}`), Buffer.from('e=invalid-proof')],
    run: (input) => {
      const result = scramVerify(answered, input);
      if (result.ok) must(input.toString('latin1').startsWith(`v=${answered.serverSignature.toString('base64')}`), 'only the true signature is accepted');
      return result.ok ? 'verified' : result.violation.reason;
    },
  },
];
