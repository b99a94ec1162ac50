import { hashOf } from './hashing.js';
import { bitsOf, type Gazetteers } from './gazetteers.js';

/** How a token is written. A sign of punctuation has its own code unit plus `SHAPES.sign`. */
export const SHAPES = { lower: 0, capital: 1, initial: 2, upper: 3, mixed: 4, caseless: 5, alphanumeric: 6, technical: 7, digits: 8, sign: 64 } as const;

/** What is known of a word wherever it stands. */
export interface Word {
  readonly hash: number;
  readonly prefix2: number;
  readonly prefix3: number;
  readonly suffix2: number;
  readonly suffix3: number;
  readonly suffix4: number;
  readonly shape: number;
  readonly length: number;
  /** Whether a letter of it is not ASCII. */
  readonly foreign: boolean;
  readonly bits: number;
  readonly letters: boolean;
  readonly capital: boolean;
}

const MARKS = /\p{M}+/gu;
const SPECIAL: Readonly<Record<string, string>> = { ß: 'ss', ø: 'o', æ: 'ae', œ: 'oe', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' };
const SPECIALS = /[ßøæœłđðþı]/g;

/** A word in lower case and without accents, as lists and features have it. */
export function folded(word: string): string {
  const lower = word.toLowerCase();
  return /^[\x20-\x7e]*$/.test(lower) ? lower : lower.normalize('NFD').replace(MARKS, '').replace(SPECIALS, (letter) => SPECIAL[letter]!).replaceAll('’', "'");
}

const LETTER = /\p{L}/u;
const TECHNICAL = /[_@/\\]|\p{L}\d\p{L}|\w\.\w/u;

function shapeOf(word: string): number {
  if (/^\d+$/.test(word)) return SHAPES.digits + Math.min(word.length, 9);
  if (!LETTER.test(word)) return word.length === 1 ? SHAPES.sign + word.charCodeAt(0) : SHAPES.technical;
  if (TECHNICAL.test(word)) return SHAPES.technical;
  if (/\d/.test(word)) return SHAPES.alphanumeric;
  const lower = word.toLowerCase();
  const upper = word.toUpperCase();
  if (lower === upper) return SHAPES.caseless;
  if (word === lower) return SHAPES.lower;
  if (word === upper) return word.length === 1 ? SHAPES.initial : SHAPES.upper;
  const first = String.fromCodePoint(word.codePointAt(0)!);
  return first !== first.toLowerCase() && word.slice(first.length) === lower.slice(first.length) ? SHAPES.capital : SHAPES.mixed;
}

function wordOf(text: string, gazetteers: Gazetteers): Word {
  const plain = folded(text).slice(0, 64);
  const length = plain.length;
  const hash = hashOf(plain);
  const shape = shapeOf(text.slice(0, 64));
  const letters = shape <= SHAPES.technical;
  return {
    hash, shape, length, letters,
    prefix2: hashOf(plain, 0, 2), prefix3: hashOf(plain, 0, 3),
    suffix2: hashOf(plain, Math.max(0, length - 2)), suffix3: hashOf(plain, Math.max(0, length - 3)), suffix4: hashOf(plain, Math.max(0, length - 4)),
    foreign: plain !== text.toLowerCase(),
    bits: shape < SHAPES.technical ? bitsOf(gazetteers, hash) : 0,
    capital: shape >= SHAPES.capital && shape <= SHAPES.caseless,
  };
}

const MOST_REMEMBERED = 16_384;

/** Words by their text. What was looked up lately is remembered, up to a limit. */
export class Lexicon {
  readonly #gazetteers: Gazetteers;
  readonly #words = new Map<string, Word>();

  constructor(gazetteers: Gazetteers) {
    this.#gazetteers = gazetteers;
  }

  word(text: string): Word {
    const known = this.#words.get(text);
    if (known) return known;
    if (this.#words.size >= MOST_REMEMBERED) this.#words.clear();
    const word = wordOf(text, this.#gazetteers);
    if (text.length <= 64) this.#words.set(text, word);
    return word;
  }
}
