import { generateKeyPairSync, sign } from 'node:crypto';
import {
  decodeBundle, encodeBundle, formatProof, openCheckpoint, parseProof, parseTilePath, parseVerifierKey, signCheckpoint, tilePath, verifierKeyText, verifyNote, type NoteSigner,
} from '@interlock/adapter-tile-log';
import { must, type FuzzEntry } from '../fuzz.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer: NoteSigner = {
  name: 'example.com/log', publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(12), sign: (text) => sign(null, Buffer.from(text), privateKey),
};
const checkpoint = { origin: signer.name, size: 1_000, root: Buffer.alloc(32, 5) };
const note = signCheckpoint(checkpoint, signer);

export const tileLog: readonly FuzzEntry[] = [
  {
    name: 'checkpoints', seeds: [Buffer.from(note), Buffer.from(`${note}\u2014 witness.example AAAAAAAA\n`)],
    run: (input) => {
      const text = input.toString();
      verifyNote(text, signer);
      const result = openCheckpoint(text, signer);
      if (!result.ok) return result.refusal.reason;
      must(result.value.size === checkpoint.size && result.value.root.equals(checkpoint.root), 'only the signed checkpoint opens');
      return 'checkpoint';
    },
  },
  {
    name: 'verifier keys', seeds: [Buffer.from(verifierKeyText(signer))],
    run: (input) => {
      const result = parseVerifierKey(input.toString());
      if (!result.ok) return result.refusal.reason;
      must(result.value.publicKey.length === 32, 'a key has 32 bytes');
      return 'key';
    },
  },
  {
    name: 'inclusion proofs', seeds: [Buffer.from(formatProof({ index: 3, path: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)], checkpoint: note }))],
    run: (input) => {
      const result = parseProof(input.toString());
      if (!result.ok) return result.refusal.reason;
      must(Number.isSafeInteger(result.value.index) && result.value.path.every((hash) => hash.length === 32), 'a proof is an index and hashes');
      return `proof of ${Math.min(4, result.value.path.length)}`;
    },
  },
  {
    name: 'entry bundles', seeds: [encodeBundle([Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(300, 1)])],
    run: (input) => {
      const entries = decodeBundle(input);
      if (entries !== undefined) must(encodeBundle(entries).equals(input), 'a bundle has one spelling');
      return entries === undefined ? 'cut' : `bundle of ${Math.min(4, entries.length)}`;
    },
  },
  {
    name: 'tile paths', seeds: ['tile/0/x001/x234/067', 'tile/entries/000.p/5', 'tile/8/000'].map((path) => Buffer.from(path)),
    run: (input) => {
      const text = input.toString();
      const tile = parseTilePath(text);
      if (tile === undefined) return 'none';
      must(tilePath(tile) === text && !text.includes('..'), 'a path names one tile of the log and nothing else');
      return `${tile.level}`;
    },
  },
];
