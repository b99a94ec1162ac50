import { isLetter, isWord } from './bytes.js';
import { LETTER_OF, withLetter, wordHash } from './word-hash.js';

/** How far from a candidate a word still speaks of it, bytes. */
export const REACH_BEFORE = 64;
export const REACH_AFTER = 24;

const TABLE_SIZE = 2_048;
const NEVER = -1;
const [SMALL_A, SMALL_Z] = [0x61, 0x7a];
/** Longest word that is looked for right before a candidate, and marks between them. */
const [WORD_MAX, MARKS_MAX] = [12, 3];

/** The words that recognizers look for, each with the classes that it belongs to. */
export class Vocabulary {
  readonly #hashes = new Int32Array(TABLE_SIZE);
  readonly #classes: (readonly number[] | undefined)[] = [];
  #count = 0;
  readonly #known = new Map<readonly string[], number>();

  /** The number of the class that these words make; the same list is the same class. */
  classOf(words: readonly string[]): number {
    const known = this.#known.get(words);
    if (known !== undefined) return known;
    const made = this.#count;
    this.#count += 1;
    this.#known.set(words, made);
    for (const word of words) this.#add(hashOf(word), made);
    return made;
  }

  get size(): number {
    return this.#count;
  }

  find(hash: number): readonly number[] | undefined {
    const hashes = this.#hashes;
    let slot = hash & (TABLE_SIZE - 1);
    while (hashes[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) & (TABLE_SIZE - 1);
    return hashes[slot] === 0 ? undefined : this.#classes[slot];
  }

  /** The classes that a name of a column speaks for: `customer_phone`, `dateOfBirth`. */
  classesIn(name: string): ReadonlySet<number> {
    const parts = name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase().split(/[^\p{L}]+/u).filter((part) => part !== '');
    const words = [...parts, ...parts.slice(1).map((part, index) => parts[index]! + part), parts.join('')];
    return new Set(words.flatMap((word) => this.find(hashOf(word)) ?? []));
  }

  #add(hash: number, made: number): void {
    let slot = hash & (TABLE_SIZE - 1);
    while (this.#classes[slot] && this.#hashes[slot] !== hash) slot = (slot + 1) & (TABLE_SIZE - 1);
    this.#hashes[slot] = hash;
    this.#classes[slot] = [...(this.#classes[slot] ?? []), made];
  }
}

function hashOf(word: string): number {
  const bytes = Buffer.from(word);
  return wordHash(bytes, 0, bytes.length);
}

/**
 * Where words of the vocabulary stand in a text. It reads only around candidates, and every byte once at most, whatever the
 * number of candidates: they are asked about in ascending order.
 */
export class Context {
  readonly #vocabulary: Vocabulary;
  /** Start of the last word of each class, counted from the start of the text. */
  readonly #last: Float64Array;
  #lastOfAll = NEVER;
  #at = 0;
  #hash = 0;
  #wordStart = NEVER;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#last = new Float64Array(vocabulary.size).fill(NEVER);
  }

  /** Begins another text. */
  reset(): void {
    if (this.#lastOfAll !== NEVER) this.#last.fill(NEVER);
    this.#lastOfAll = NEVER;
    this.#at = 0;
    this.#wordStart = NEVER;
  }

  /** Reads around the candidate from `start` to `end` of `bytes`, which begin at `base` of the text. Whether there is any word near it. */
  readAround(bytes: Uint8Array, base: number, start: number, end: number): boolean {
    const from = Math.max(0, start - REACH_BEFORE);
    if (this.#at < base + from) this.#skipTo(bytes, base, from);
    const to = Math.min(bytes.length, end + REACH_AFTER);
    this.#read(bytes, base, to);
    // The text may end with a word.
    if (to === bytes.length) this.#endWord();
    return this.#lastOfAll >= base + from;
  }

  /** Where the last word of the class stands, of those that were read within `bytes` before what starts at `start` of the text, or after it; -1 for none. */
  lastOf(wordClass: number, start: number, bytes: number): number {
    const at = this.#last[wordClass]!;
    return at >= start - bytes ? at : NEVER;
  }

  /** Whether the last word before `start`, but for a mark or two, is of the class. */
  followsWord(wordClass: number, bytes: Uint8Array, start: number): boolean {
    let end = start;
    while (end > 0 && start - end < MARKS_MAX && !isWord(bytes[end - 1])) end -= 1;
    let from = end;
    while (from > 0 && end - from < WORD_MAX && isLetter(bytes[from - 1])) from -= 1;
    return this.#vocabulary.find(wordHash(bytes, from, end))?.includes(wordClass) === true;
  }

  #skipTo(bytes: Uint8Array, base: number, from: number): void {
    this.#wordStart = NEVER;
    let at = from;
    // A word that reaches out of sight is not read from its middle.
    if (at > 0) while (at < bytes.length && isLetter(bytes[at - 1]) && isLetter(bytes[at])) at += 1;
    this.#at = base + at;
  }

  /** A word ends where its letters end, or where a capital follows a small letter (`homePhone`). What changes with every byte is kept out of the object. */
  #read(bytes: Uint8Array, base: number, to: number): void {
    let [at, hash, wordStart] = [this.#at - base, this.#hash, this.#wordStart];
    for (; at < to; at += 1) {
      const byte = bytes[at]!;
      const letter = LETTER_OF[byte]!;
      const ends = letter === 0 || (letter !== byte && at > 0 && bytes[at - 1]! >= SMALL_A && bytes[at - 1]! <= SMALL_Z);
      if (ends && wordStart !== NEVER) {
        this.#note(hash, wordStart);
        wordStart = NEVER;
      }
      if (letter === 0) continue;
      if (wordStart === NEVER) {
        wordStart = base + at;
        hash = 0;
      }
      hash = withLetter(hash, letter);
    }
    this.#at = base + at;
    this.#hash = hash;
    this.#wordStart = wordStart;
  }

  #endWord(): void {
    if (this.#wordStart !== NEVER) this.#note(this.#hash, this.#wordStart);
    this.#wordStart = NEVER;
  }

  #note(hash: number, wordStart: number): void {
    const classes = this.#vocabulary.find(hash);
    if (!classes) return;
    for (const wordClass of classes) this.#last[wordClass] = wordStart;
    this.#lastOfAll = wordStart;
  }
}
