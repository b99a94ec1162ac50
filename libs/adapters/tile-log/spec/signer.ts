import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { NoteSigner } from '../src/note.js';

/** A note key for specs; from a seed of 32 bytes when one is given. */
export function signerOf(name: string, seed?: Uint8Array): NoteSigner {
  const privateKey = seed ? fromSeed(seed) : generateKeyPairSync('ed25519').privateKey;
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { name, publicKey, sign: (text) => sign(null, Buffer.from(text), privateKey) };
}

function fromSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' });
}

/** A leaf entry as the ledger writes it: u32 length | metadata | salt | hash. */
export function entryOf(id: string): Buffer {
  const metadata = Buffer.from(JSON.stringify({ id, type: 'probe.ran.v1' }));
  const entry = Buffer.alloc(4 + metadata.length + 48, id);
  entry.writeUInt32BE(metadata.length, 0);
  metadata.copy(entry, 4);
  return entry;
}
