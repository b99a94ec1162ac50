import { IN, phraseLength, type Gazetteers } from './gazetteers.js';
import { hashOf } from './hashing.js';
import { SEPARATORS } from './labels.js';
import { tokensOf, type Tokens } from './tokens.js';
import { folded, SHAPES, type Lexicon, type Word } from './words.js';

/** How the letters of a line are written. A lower-case line says something of names only where other lines have capitals. */
export const CASE = { mixed: 0, lower: 1, upper: 2, lowerAmongOthers: 3 } as const;

/** A text as the tagger sees it: its tokens, and for each of them where it stands in its line and beside what. */
export interface Page {
  readonly tokens: Tokens;
  readonly words: readonly Word[];
  /** What lists say of each token (`IN`). */
  readonly bits: Int32Array;
  /** First token of the token's line, and the one after its last. */
  readonly lineStarts: Int32Array;
  readonly lineEnds: Int32Array;
  readonly cases: Uint8Array;
  /** First token of the run of capitalised words that the token is in, and the one after its last; both the token itself where it is in none. */
  readonly runStarts: Int32Array;
  readonly runEnds: Int32Array;
  /** The word before the last `:`, `=`, `|` or `;` of the line, hashed; 0 where there is none. */
  readonly keys: Int32Array;
  /** The letters of that word and the one before it as one, hashed: the same for `first name:`, `first_name=` and `"firstName":`. */
  readonly wholeKeys: Int32Array;
  /** How many tokens ago that sign was. */
  readonly keyDistances: Uint8Array;
}

export function pageOf(text: string, lexicon: Lexicon, gazetteers: Gazetteers): Page {
  const tokens = tokensOf(text);
  const words = tokens.texts.map((token) => lexicon.word(token));
  const page = {
    tokens, words, bits: Int32Array.from(words, (word) => word.bits),
    lineStarts: new Int32Array(tokens.count), lineEnds: new Int32Array(tokens.count), cases: new Uint8Array(tokens.count),
    runStarts: new Int32Array(tokens.count), runEnds: new Int32Array(tokens.count),
    keys: new Int32Array(tokens.count), wholeKeys: new Int32Array(tokens.count), keyDistances: new Uint8Array(tokens.count),
  };
  const anyCapital = words.some((word) => word.capital);
  const hashes = Int32Array.from(words, (word) => word.hash);
  for (let start = 0; start < tokens.count;) {
    const end = endOfLine(tokens, start);
    describeLine(page, start, end, anyCapital);
    describePlaces(page.bits, hashes, gazetteers, start, end);
    start = end;
  }
  return page;
}

function endOfLine(tokens: Tokens, start: number): number {
  let end = start + 1;
  while (end < tokens.count && tokens.separators[end]! < SEPARATORS.line) end += 1;
  return end;
}

function describeLine(page: Page, start: number, end: number, anyCapital: boolean): void {
  page.lineStarts.fill(start, start, end);
  page.lineEnds.fill(end, start, end);
  page.cases.fill(caseOf(page.words, start, end, anyCapital), start, end);
  let key = 0;
  let wholeKey = 0;
  let distance = 0;
  for (let at = start; at < end; at += 1) {
    page.keys[at] = key;
    page.wholeKeys[at] = wholeKey;
    page.keyDistances[at] = Math.min(distance, 15);
    distance += 1;
    if (isKeySign(page.words[at]!.shape)) {
      key = keyWord(page.words, start, at);
      wholeKey = wholeKeyBefore(page, start, at);
      distance = 0;
    }
  }
  for (let at = start; at < end;) {
    const runEnd = endOfRun(page, at, end);
    page.runStarts.fill(at, at, runEnd);
    page.runEnds.fill(runEnd, at, runEnd);
    at = runEnd;
  }
}

function caseOf(words: readonly Word[], start: number, end: number, anyCapital: boolean): number {
  let capitals = 0;
  let lower = 0;
  for (let at = start; at < end; at += 1) {
    const { shape } = words[at]!;
    if (shape === SHAPES.lower) lower += 1;
    else if (shape === SHAPES.upper) capitals += 1;
    else if (shape === SHAPES.capital || shape === SHAPES.mixed) return CASE.mixed;
  }
  if (capitals > 0) return lower === 0 && capitals > 1 ? CASE.upper : CASE.mixed;
  return anyCapital ? CASE.lowerAmongOthers : CASE.lower;
}

const KEY_SIGNS = new Set([...':=|;'].map((sign) => SHAPES.sign + sign.charCodeAt(0)));

function isKeySign(shape: number): boolean {
  return KEY_SIGNS.has(shape);
}

function keyWord(words: readonly Word[], start: number, sign: number): number {
  for (let at = sign - 1; at >= Math.max(start, sign - 3); at -= 1) if (words[at]!.letters) return words[at]!.hash;
  return words[sign]!.shape;
}

const NO_LETTERS = /[^a-z]/g;

function wholeKeyBefore(page: Page, start: number, sign: number): number {
  let letters = '';
  for (let at = sign - 1, words = 0; at >= Math.max(start, sign - 4) && words < 2; at -= 1) {
    if (!page.words[at]!.letters) continue;
    letters = folded(page.tokens.texts[at]!).replace(NO_LETTERS, '') + letters;
    words += 1;
  }
  return hashOf(letters);
}

function endOfRun(page: Page, at: number, end: number): number {
  if (!page.words[at]!.capital) return at + 1;
  let next = at + 1;
  while (next < end && page.words[next]!.capital && page.tokens.separators[next] === SEPARATORS.none) next += 1;
  return next;
}

function describePlaces(bits: Int32Array, hashes: Int32Array, gazetteers: Gazetteers, start: number, end: number): void {
  for (let at = start; at < end; at += 1) {
    const length = phraseLength(gazetteers, hashes, at, end);
    if (length === 0) continue;
    bits[at]! |= IN.placeBegins;
    for (let inside = at + 1; inside < at + length; inside += 1) bits[inside]! |= IN.placeGoesOn;
  }
}
