/** Hashes of words and of features: 32-bit integers, the same in training and in use. */

/** The hash of a piece of a word, over its UTF-16 code units. */
export function hashOf(text: string, from = 0, to = text.length): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

/** The hash of a sequence, from the hash of all but its last part and the hash of that part. */
export function joined(hash: number, next: number): number {
  return mixed(Math.imul(hash, 0x5bd1e995) ^ next);
}

/** Spreads the bits of an integer over all of it. */
export function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
