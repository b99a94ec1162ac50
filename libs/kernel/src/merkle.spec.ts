import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inclusionPath, leafHash, merkleRoot, nodeHash, rootFromPath } from './merkle.js';

/** The test vectors of the Certificate Transparency project for RFC 6962 trees: eight entries, and the root after each. */
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const leaves = ENTRIES.map((entry) => leafHash(Buffer.from(entry, 'hex')));

describe('the Merkle tree of RFC 6962', () => {
  it.each(ROOTS.map((root, size) => [size, root] as const))('has the published root with %i leaves', (size, root) => {
    expect(merkleRoot(leaves.slice(0, size)).toString('hex')).toBe(root);
  });

  it.each<[number, number, string[]]>([
    [0, 1, []],
    [0, 8, ['96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7', '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e', '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4']],
    [5, 8, ['bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b', 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7']],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [1, 5, ['6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d', '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e', 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b']],
  ])('has the published path of leaf %i of %i', (index, size, path) => {
    expect(inclusionPath(leaves.slice(0, size), index).map((hash) => hash.toString('hex'))).toEqual(path);
  });

  it('keeps leaves and nodes apart', () => {
    const [left, right] = [leafHash(Buffer.from('a')), leafHash(Buffer.from('b'))];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });

  it('gives every hash memory of its own', () => {
    const first = nodeHash(leaves[0]!, leaves[1]!);
    const kept = first.toString('hex');
    nodeHash(leaves[2]!, leaves[3]!);
    expect(first.toString('hex')).toBe(kept);
  });

  it('a side of another length leads to another root, not to a fault', () => {
    expect(rootFromPath(leaves[0]!, 0, 2, [Buffer.concat([leaves[1]!, Buffer.of(0)])])?.toString('hex')).not.toBe(ROOTS[2]);
    expect(rootFromPath(leaves[0]!, 0, 2, [leaves[1]!.subarray(1)])?.toString('hex')).not.toBe(ROOTS[2]);
  });

  it('every leaf of every tree is proved by its path, and by no other place, size or path', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, at, other) => {
      const tree = Array.from({ length: size }, (_, n) => leafHash(Buffer.from(String(n))));
      const index = at % size;
      const path = inclusionPath(tree, index);
      const root = merkleRoot(tree).toString('hex');
      expect(rootFromPath(tree[index]!, index, size, path)?.toString('hex')).toBe(root);
      const elsewhere = other % size;
      if (elsewhere !== index) expect(rootFromPath(tree[index]!, elsewhere, size, path)?.toString('hex')).not.toBe(root);
      if (path.length > 0) {
        expect(rootFromPath(tree[index]!, index, size, path.slice(1))?.toString('hex')).not.toBe(root);
        const changed = path.map((hash, n) => (n === other % path.length ? Buffer.from(hash.map((byte) => byte ^ 1)) : hash));
        expect(rootFromPath(tree[index]!, index, size, changed)?.toString('hex')).not.toBe(root);
      }
      expect(rootFromPath(tree[index]!, index, size, [...path, tree[index]!])).toBeUndefined();
    }));
  });

  it.each([[-1, 3], [3, 3], [0, 0]])('a leaf at %i of %i has no root', (index, size) => {
    expect(rootFromPath(leaves[0]!, index, size, [])).toBeUndefined();
  });
});
