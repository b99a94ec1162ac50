import type { ContentRecognizer } from '@interlock/contracts';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import { compilePattern, Keywords, PATTERN_LIMITS, type Pattern } from '@interlock/language-pattern';
import { entropyOf } from '@interlock/language-secrets';
import { isDigit, isWord } from './bytes.js';
import { passesLuhn } from './checks.js';
import { REACH_AFTER, REACH_BEFORE } from './context.js';
import type { Finding } from './scanner.js';

/** A match of a recognizer is no longer: what a stream holds back for it, and how many steps each byte may cost. */
const RECOGNIZED_BYTES = 256;
const LONGEST_WORD = 40;
/** Steps (`Pattern.steps`) that one recognizer takes to compile. */
export const RECOGNIZER_STEPS_MAX = PATTERN_LIMITS.steps;
/** Steps that all recognizers of a configuration take together to compile: about a second, and 40 MB. */
export const RECOGNIZERS_STEPS_MAX = 20_000_000;

/** A recognizer of the configuration, ready to be looked for. */
export class Custom {
  readonly #words: Keywords | undefined;

  constructor(readonly recognizer: ContentRecognizer, private readonly pattern: Pattern) {
    this.#words = recognizer.near && new Keywords(recognizer.near);
  }

  /** What it took to compile, of `RECOGNIZERS_STEPS_MAX`. */
  get steps(): number {
    return this.pattern.steps;
  }

  /**
   * What begins from `from` on and before `until`, into `found`; answers where to go on. The first place that matches counts, and what goes on behind it;
   * whether it is one, by its words and checks, changes nothing of that.
   */
  find(bytes: Uint8Array, from: number, until: number, column: string | undefined, found: Finding[]): number {
    let at = from;
    for (let place = this.pattern.next(bytes, at, until); place; place = this.pattern.next(bytes, at, until)) {
      at = place.end;
      if (!this.#passes(bytes, place.start, place.end) || !this.#isNear(bytes, place.start, place.end, column)) continue;
      const { id, score, transform } = this.recognizer;
      found.push({ start: place.start, end: place.end, kind: id, score, ...(transform === 'partial' && { partial: true }) });
    }
    return Math.max(at, until);
  }

  #passes(bytes: Uint8Array, start: number, end: number): boolean {
    const { validator, entropy } = this.recognizer;
    if (validator === undefined && entropy === undefined) return true;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    return (validator === undefined || VALIDATORS[validator](text)) && (entropy === undefined || entropyOf(text) >= entropy);
  }

  #isNear(bytes: Uint8Array, start: number, end: number, column: string | undefined): boolean {
    const words = this.#words;
    if (!words) return true;
    return (column !== undefined && stands(words, Buffer.from(column), this.recognizer)) ||
      stands(words, bytes.subarray(Math.max(0, start - REACH_BEFORE), Math.min(bytes.length, end + REACH_AFTER)), this.recognizer);
  }
}

/** Whether one of the words stands in a text by itself, as a part of a name also (`staff_no`). */
function stands(words: Keywords, text: Uint8Array, { near = [] }: ContentRecognizer): boolean {
  let found = false;
  words.scan(text, (word, end) => {
    found ||= !isLetterAt(text, end) && !isLetterAt(text, end - near[word]!.length - 1);
  });
  return found;
}

function isLetterAt(text: Uint8Array, at: number): boolean {
  const byte = text[at];
  return byte !== undefined && byte !== 0x5f && isWord(byte) && !isDigit(byte);
}

const VALIDATORS: Readonly<Record<NonNullable<ContentRecognizer['validator']>, (text: string) => boolean>> = {
  luhn: (text) => {
    const digits = Buffer.from(text.replace(/[^0-9]/g, ''), 'latin1');
    return digits.length > 1 && passesLuhn(digits, digits.length);
  },
  mod97,
};

/** ISO 7064 MOD 97-10, as account numbers have it: the first four characters behind the others, letters as 10 to 35. */
function mod97(text: string): boolean {
  const signs = text.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
  let left = 0;
  for (const sign of signs.slice(4) + signs.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    left = (left * (value < 10 ? 10 : 100) + value) % 97;
  }
  return signs.length > 4 && left === 1;
}

/** Compiles what somebody wrote, or says what is wrong with it and where: a pattern that would grow or go back is refused. */
export function compileRecognizer(recognizer: ContentRecognizer): Outcome<Custom> {
  const { id, pattern, ignoreCase = false } = recognizer;
  const compiled = compilePattern(pattern, { ignoreCase, longest: RECOGNIZED_BYTES });
  if (compiled.ok) return accepted(new Custom(recognizer, compiled.value));
  const { reason, detail, at } = compiled.refusal;
  return refused(reason, `recognizer ${id} cannot be used: at character ${at + 1} of its pattern: ${detail}`);
}

/** What the words and the longest match of a recognizer reach. */
export const RECOGNIZER_REACH = { before: REACH_BEFORE + LONGEST_WORD, after: RECOGNIZED_BYTES + REACH_AFTER } as const;
