import { joined, mixed } from './hashing.js';

/** What lists say of a word, one bit each. `place` bits are of phrases: their first word, and the words after it. */
export const IN = {
  firstNames: 1, lastNames: 2, people: 4, cities: 8, countries: 16, states: 32, streetWords: 64, organisationWords: 128,
  titles: 256, frequent: 512, ordinary: 1024, placeBegins: 2048, placeGoesOn: 4096, calendar: 8192,
} as const;

/** A list that is kept as a Bloom filter: it knows every word that was put in, and takes a few per cent of all others for one of them. */
export interface WordFilter {
  readonly bit: number;
  readonly bytes: Uint8Array;
}

const PROBES = 5;

/** Whether a filter may hold what has this hash. */
export function holds(filter: Uint8Array, hash: number): boolean {
  const size = filter.length * 8;
  const step = mixed(hash ^ 0x2545f491) | 1;
  for (let probe = 0, at = hash; probe < PROBES; probe += 1, at = (at + step) | 0) {
    const bit = (at >>> 0) % size;
    if ((filter[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

/** Puts a hash into a filter: used where filters are made. */
export function put(filter: Uint8Array, hash: number): void {
  const size = filter.length * 8;
  const step = mixed(hash ^ 0x2545f491) | 1;
  for (let probe = 0, at = hash; probe < PROBES; probe += 1, at = (at + step) | 0) {
    const bit = (at >>> 0) % size;
    filter[bit >>> 3]! |= 1 << (bit & 7);
  }
}

export interface Gazetteers {
  readonly words: readonly WordFilter[];
  /** Places of several words, and their beginnings, by the hash of the sequence of their words. */
  readonly phrases: Uint8Array;
  readonly phraseHeads: Uint8Array;
}

/** The most words of a place that a phrase is looked up for. */
export const LONGEST_PHRASE = 4;

/** The bits of the lists that know a word. */
export function bitsOf(gazetteers: Gazetteers, hash: number): number {
  let bits = 0;
  for (const { bit, bytes } of gazetteers.words) if (holds(bytes, hash)) bits |= bit;
  return bits;
}

/**
 * How many words from `at` on are a place of the lists; 0 where none are. The hashes are those of neighbouring words.
 */
export function phraseLength(gazetteers: Gazetteers, hashes: Int32Array, at: number, end: number): number {
  if (!holds(gazetteers.phraseHeads, hashes[at]!)) return 0;
  let longest = 0;
  let hash = hashes[at]!;
  for (let next = at + 1; next < Math.min(end, at + LONGEST_PHRASE); next += 1) {
    hash = joined(hash, hashes[next]!);
    if (holds(gazetteers.phrases, hash)) longest = next - at + 1;
  }
  return longest;
}
