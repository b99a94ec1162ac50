import { sign, generateKeyPairSync } from 'node:crypto';
import { decodeBatch, encodeBatch } from '@interlock/kernel';
import { must, type FuzzEntry } from '../fuzz.js';

const { privateKey } = generateKeyPairSync('ed25519');

function batch(events: number): Buffer {
  const records = Array.from({ length: events }, (_, at) => ({
    metadataBytes: Buffer.from(JSON.stringify({ specversion: '1.0', id: `e${at}`, source: 'interlock/x/1', type: 'command.decided.v1', time: '2026-01-01T00:00:00.000Z', tenant: 'default', keyid: 'k', keyoffset: 0 })),
    salt: Buffer.alloc(16, at), ciphertext: Buffer.alloc(40 + at, 7),
  }));
  return encodeBatch({ producer: 'x', instance: '1', counter: 1, previousRoot: '0'.repeat(64) }, records, (text) => sign(null, Buffer.from(text), privateKey)).bytes;
}

const SEEDS = [batch(1), batch(3), batch(0)];
const LAWFUL = SEEDS.map((seed) => recordsOf(seed));

/** Everything behind the header: what the root covers. */
function recordsOf(bytes: Buffer): Buffer {
  return bytes.subarray(8 + bytes.readUInt32BE(4));
}

export const ledgerBatch: FuzzEntry = {
  name: 'ledger batches', seeds: SEEDS,
  run: (input) => {
    const result = decodeBatch(input);
    if (!result.ok) return result.refusal.detail.replaceAll(/\d+/g, '#');
    must(result.value.records.length === result.value.header.count, 'the count is true');
    must(LAWFUL.some((records) => records.equals(recordsOf(input))), 'nobody finds other events for a root');
    return `batch of ${result.value.records.length}`;
  },
};
