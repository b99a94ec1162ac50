import { sha256 } from './digest.js';

const LEAF_PREFIX = 0;
const NODE_PREFIX = 1;
const HASH_BYTES = 32;
/** Holds one node while it is hashed; hashing does not yield. A proof from outside may bring sides of another length. */
const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

/** Hash of one leaf (RFC 6962, section 2.1): SHA-256(0x00 || entry). */
export function leafHash(entry: Uint8Array): Buffer {
  const leaf = Buffer.allocUnsafe(1 + entry.length);
  leaf[0] = LEAF_PREFIX;
  leaf.set(entry, 1);
  return sha256(leaf);
}

/** Hash of an inner node (RFC 6962, section 2.1): SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) return sha256(Buffer.concat([Buffer.of(NODE_PREFIX), left, right]));
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/** Root of the tree over leaf hashes (RFC 6962, section 2.1); no leaf gives SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256('');
  return rootOf(leaves, 0, leaves.length);
}

function rootOf(leaves: readonly Uint8Array[], start: number, end: number): Buffer {
  const count = end - start;
  if (count === 1) return Buffer.from(leaves[start]!);
  const split = start + largestPowerOfTwoBelow(count);
  return nodeHash(rootOf(leaves, start, split), rootOf(leaves, split, end));
}

/** The path that proves leaf `index` under the root of `leaves` (RFC 6962, section 2.1.1), nearest sibling first. */
export function inclusionPath(leaves: readonly Uint8Array[], index: number): Buffer[] {
  return pathTo(leaves, index, 0, leaves.length);
}

function pathTo(leaves: readonly Uint8Array[], index: number, start: number, end: number): Buffer[] {
  const count = end - start;
  if (count <= 1) return [];
  const split = start + largestPowerOfTwoBelow(count);
  return index < split
    ? [...pathTo(leaves, index, start, split), rootOf(leaves, split, end)]
    : [...pathTo(leaves, index, split, end), rootOf(leaves, start, split)];
}

/** Root that `leaf` at `index` in a tree of `size` leaves leads to over `path` (RFC 9162, section 2.1.3.2); undefined if the path does not fit. */
export function rootFromPath(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[]): Buffer | undefined {
  if (index < 0 || index >= size) return undefined;
  let position = index;
  let last = size - 1;
  let hash: Buffer = Buffer.from(leaf);
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      while (position % 2 === 0 && position !== 0) {
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

function largestPowerOfTwoBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}
