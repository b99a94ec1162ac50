import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBatch, encodeBatch, leafEntry, signedText, type UnsignedRecord } from './batch.js';
import { sha256 } from './digest.js';
import { LIMITS } from './limits.js';
import { inclusionPath, leafHash, rootFromPath } from './merkle.js';

const keys = generateKeyPairSync('ed25519');
const signer = (text: string): Buffer => sign(null, Buffer.from(text), keys.privateKey);
const PLACE = { producer: 'vault', instance: '1-a', counter: 7, previousRoot: 'ab'.repeat(32) };

function record(n: number, ciphertext = Buffer.from(`payload ${n}`)): UnsignedRecord {
  const metadata = {
    specversion: '1.0', id: `e-${n}`, source: 'interlock/vault/1', type: 'secret.set.v1', time: '2026-01-01T00:00:00.000Z', tenant: 'default', keyid: 'k', keyoffset: n * 10,
  };
  return { metadataBytes: Buffer.from(JSON.stringify(metadata)), salt: Buffer.alloc(16, n), ciphertext };
}

function decoded(bytes: Uint8Array) {
  const batch = decodeBatch(bytes);
  if (!batch.ok) throw new Error(batch.refusal.detail);
  return batch.value;
}

const three = encodeBatch(PLACE, [record(1), record(2), record(3)], signer).bytes;
const headerLength = three.readUInt32BE(4);

/** The batch with other members in its header; the rest as it was. */
function withHeader(change: (header: Record<string, unknown>) => void): Buffer {
  const header = JSON.parse(three.subarray(8, 8 + headerLength).toString()) as Record<string, unknown>;
  change(header);
  const bytes = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([three.subarray(0, 4), length, bytes, three.subarray(8 + headerLength)]);
}

describe('a ledger batch', () => {
  it('reads back as it was written', () => {
    const { header, records } = decoded(three);
    expect(header).toMatchObject({ ...PLACE, count: 3 });
    expect(records.map((one) => [one.metadata.id, one.metadata.keyoffset, one.ciphertext.toString(), one.salt[0]])).toEqual([['e-1', 10, 'payload 1', 1], ['e-2', 20, 'payload 2', 2], ['e-3', 30, 'payload 3', 3]]);
  });

  it('is signed over its place, its root and its count', () => {
    const { header } = decoded(three);
    const signature = Buffer.from(header.signature, 'base64');
    expect(verify(null, Buffer.from(signedText(header)), keys.publicKey, signature)).toBe(true);
    for (const change of [{ producer: 'audit' }, { instance: '2-a' }, { counter: 8 }, { previousRoot: 'cd'.repeat(32) }, { root: 'ef'.repeat(32) }, { count: 2 }]) {
      expect(verify(null, Buffer.from(signedText({ ...header, ...change })), keys.publicKey, signature)).toBe(false);
    }
  });

  it('lets one event be proved without its neighbours', () => {
    const { header, records } = decoded(three);
    const leaves = records.map(({ entry }) => leafHash(entry));
    expect(records.map(({ entry }) => entry)).toEqual(records.map((one) => leafEntry(one.metadataBytes, one.salt, one.ciphertext)));
    expect(rootFromPath(leaves[1]!, 1, 3, inclusionPath(leaves, 1))?.toString('hex')).toBe(header.root);
  });

  it('commits to a ciphertext by its hash only, so that destroying it leaves the leaf', () => {
    const { metadataBytes, salt, ciphertext } = record(1);
    const entry = leafEntry(metadataBytes, salt, ciphertext);
    expect(entry.subarray(-32)).toEqual(sha256(ciphertext));
    expect(entry.length).toBe(4 + metadataBytes.length + 16 + 32);
  });

  it('any one changed byte is refused, or changes what was signed', () => {
    const { header } = decoded(three);
    fc.assert(fc.property(fc.nat(three.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
      const changed = Buffer.from(three);
      changed[at] = changed[at]! ^ difference;
      const batch = decodeBatch(changed);
      if (!batch.ok) return;
      expect([signedText(batch.value.header), batch.value.header.signature]).not.toEqual([signedText(header), header.signature]);
    }), { numRuns: 500 });
  });

  it('cut anywhere, it is refused', () => {
    for (let length = 0; length < three.length; length += 1) expect(decodeBatch(three.subarray(0, length)).ok).toBe(false);
  });

  it.each<[string, Buffer]>([
    ['another magic', Buffer.concat([Buffer.from('ILB2'), three.subarray(4)])],
    ['a byte too many', Buffer.concat([three, Buffer.of(0)])],
    ['a record too many', Buffer.concat([three, encodeBatch(PLACE, [record(4)], signer).bytes.subarray(8 + headerLength)])],
    ['a count that lies', withHeader((header) => (header['count'] = 2))],
    ['a root that lies', withHeader((header) => (header['root'] = '00'.repeat(32)))],
    ['a counter that is no number', withHeader((header) => (header['counter'] = '7'))],
    ['no signature', withHeader((header) => delete header['signature'])],
    ['a header longer than any', withHeader((header) => (header['producer'] = 'x'.repeat(2_000)))],
    ['metadata that is no JSON', encodeBatch(PLACE, [{ ...record(1), metadataBytes: Buffer.from('{') }], signer).bytes],
    ['metadata without an id', encodeBatch(PLACE, [{ ...record(1), metadataBytes: Buffer.from('{"type":"x"}') }], signer).bytes],
    ['metadata over its limit', encodeBatch(PLACE, [{ ...record(1), metadataBytes: Buffer.alloc(LIMITS.metadataBytes + 1, 32) }], signer).bytes],
    ['a payload over its limit', encodeBatch(PLACE, [record(1, Buffer.alloc(LIMITS.payloadBytes + 1))], signer).bytes],
    ['more events than allowed', encodeBatch(PLACE, Array.from({ length: LIMITS.batchEvents + 1 }, (_, n) => record(n)), signer).bytes],
  ])('is refused with %s', (_what, bytes) => {
    expect(decodeBatch(bytes)).toMatchObject({ ok: false, refusal: { reason: 'batch_malformed' } });
  });

  it('a length from the wire is never believed', () => {
    const lying = Buffer.from(three);
    lying.writeUInt32BE(0xffff_ffff, 8 + headerLength);
    expect(decodeBatch(lying)).toMatchObject({ ok: false });
  });
});
