import { IN } from './gazetteers.js';
import { joined, mixed } from './hashing.js';
import type { Page } from './page.js';
import { SHAPES, type Word } from './words.js';

/** Features are rows of a table of this many, found by hash; two may share a row. */
export const FEATURE_BITS = 18;

/** The most features of one token. */
export const MOST_FEATURES = 72;

const NOTHING: Word = { hash: 1, prefix2: 1, prefix3: 1, suffix2: 1, suffix3: 1, suffix4: 1, shape: 60, length: 0, foreign: false, bits: 0, letters: false, capital: false };

/** The rows of one token's features. */
export class FeatureRows {
  readonly rows = new Int32Array(MOST_FEATURES);
  count = 0;

  /** Begins a token. */
  begin(): void {
    this.count = 0;
  }

  /** A feature of a kind (its number) and up to three values. */
  add(kind: number, first: number, second = 0, third = 0): void {
    const hash = joined(joined(Math.imul(kind, 0x9e3779b1) ^ first, second), third);
    this.rows[this.count] = hash >>> (32 - FEATURE_BITS);
    this.count += 1;
  }
}

/** Finds the features of token `at` of a page. What stands where decides; the numbers of kinds only keep them apart. */
export function describe(page: Page, at: number, into: FeatureRows): void {
  into.begin();
  const here = page.words[at]!;
  aboutWord(page, at, here, into);
  aboutNeighbours(page, at, here, into);
  aboutLine(page, at, here, into);
  aboutRun(page, at, here, into);
}

function aboutWord(page: Page, at: number, word: Word, into: FeatureRows): void {
  const bits = page.bits[at]!;
  const letterCase = page.cases[at]!;
  into.add(0, letterCase);
  into.add(1, word.hash);
  into.add(2, word.shape, letterCase);
  into.add(3, bits);
  into.add(4, bits, word.shape, letterCase);
  into.add(5, Math.min(word.length, 12), word.shape);
  if (!word.letters) return;
  into.add(6, word.suffix2, word.shape);
  into.add(7, word.suffix3);
  into.add(8, word.suffix4);
  into.add(9, word.prefix2);
  into.add(10, word.prefix3);
  if (word.foreign) into.add(11, word.shape);
  for (let bit = 1; bit <= bits; bit <<= 1) if (bits & bit) into.add(12, bit, word.shape);
}

function aboutNeighbours(page: Page, at: number, here: Word, into: FeatureRows): void {
  const previous = neighbour(page, at, -1);
  const next = neighbour(page, at, 1);
  const before = neighbour(page, at, -2);
  const after = neighbour(page, at, 2);
  const bits = page.bits[at]!;
  const bitsBefore = bitsAt(page, at, -1);
  const bitsAfter = bitsAt(page, at, 1);
  const separator = page.tokens.separators[at]!;
  const nextSeparator = at + 1 < page.tokens.count ? page.tokens.separators[at + 1]! : 3;
  into.add(20, previous.hash, separator);
  into.add(21, next.hash, nextSeparator);
  into.add(22, before.hash);
  into.add(23, after.hash);
  into.add(24, previous.hash, before.hash);
  into.add(25, next.hash, after.hash);
  into.add(26, previous.hash, here.shape);
  into.add(27, next.hash, here.shape);
  into.add(28, previous.hash, bits);
  into.add(29, next.hash, bits);
  into.add(30, previous.shape, here.shape, next.shape);
  into.add(31, previous.shape, here.shape, separator);
  into.add(32, here.shape, next.shape, nextSeparator);
  into.add(33, bitsBefore, bits, separator);
  into.add(34, bits, bitsAfter, nextSeparator);
  into.add(35, bitsBefore, separator, here.shape);
  into.add(36, bitsAfter, nextSeparator, here.shape);
  into.add(37, separator, nextSeparator, here.shape);
  into.add(38, before.shape, previous.shape, here.shape);
  into.add(39, here.shape, next.shape, after.shape);
  into.add(40, previous.suffix3, here.shape);
  into.add(41, next.suffix3, here.shape);
  into.add(42, previous.hash, before.hash, here.shape);
  if (isTitle(previous) || (previous.shape === STOP && isTitle(before))) into.add(43, here.shape);
}

const STOP = SHAPES.sign + '.'.charCodeAt(0);

function isTitle({ bits }: Word): boolean {
  return (bits & IN.titles) !== 0;
}

/** Where the token stands in its line, what began the line, and how the lines around look. */
function aboutLine(page: Page, at: number, here: Word, into: FeatureRows): void {
  const start = page.lineStarts[at]!;
  const end = page.lineEnds[at]!;
  const fromStart = Math.min(at - start, 4);
  const toEnd = Math.min(end - 1 - at, 4);
  const bits = page.bits[at]!;
  const above = start > 0 ? signature(page, page.lineStarts[start - 1]!, start) : 0;
  const below = end < page.tokens.count ? signature(page, end, page.lineEnds[end]!) : 0;
  const own = signature(page, start, end);
  into.add(50, fromStart, toEnd, here.shape);
  into.add(51, fromStart, here.shape, bits);
  into.add(52, own, above);
  into.add(53, own, below);
  into.add(54, above, below, here.shape);
  into.add(55, above, fromStart, here.shape);
  const key = page.keys[at]!;
  if (key !== 0) {
    const distance = Math.min(page.keyDistances[at]!, 3);
    into.add(56, key, distance);
    into.add(57, key, here.shape);
    into.add(58, key, bits);
    into.add(59, page.wholeKeys[at]!, distance, here.shape);
  }
}

/** The run of capitalised words that the token is in, and what stands around the run. */
function aboutRun(page: Page, at: number, here: Word, into: FeatureRows): void {
  const start = page.runStarts[at]!;
  const end = page.runEnds[at]!;
  const place = joined(Math.min(at - start, 3), Math.min(end - start, 5));
  const left = neighbour(page, start, -1);
  const right = neighbour(page, end - 1, 1);
  into.add(60, place, here.shape, page.bits[at]!);
  into.add(61, place, left.hash);
  into.add(62, place, right.hash);
  into.add(63, left.hash, right.hash, here.shape);
  into.add(64, neighbour(page, start, -2).hash, left.hash, here.shape);
  into.add(65, page.words[end - 1]!.hash, here.shape);
  into.add(66, page.words[start]!.hash, here.shape);
}

function neighbour(page: Page, at: number, by: number): Word {
  return page.words[at + by] ?? NOTHING;
}

function bitsAt(page: Page, at: number, by: number): number {
  return page.bits[at + by] ?? 0;
}

/** A rough picture of a line: what it begins with, what it ends with, how long it is. */
function signature(page: Page, start: number, end: number): number {
  const length = end - start;
  return 1 + mixed((kindOf(page.words[start]!) * 8 + kindOf(page.words[end - 1]!)) * 8 + (length > 6 ? 7 : length));
}

function kindOf({ shape }: Word): number {
  if (shape >= SHAPES.sign) return 1;
  if (shape >= SHAPES.digits) return 2;
  if (shape >= SHAPES.alphanumeric) return 3;
  return shape === SHAPES.lower ? 4 : 5;
}
