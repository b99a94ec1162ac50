import { SEPARATORS } from './labels.js';

/** A text cut into tokens: words, numbers, single signs. Commas and ends of lines are no tokens: they part the tokens around them. */
export interface Tokens {
  readonly count: number;
  /** Offsets in UTF-16 code units of the text. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** What stands before each token; the first of a text follows a paragraph's end. */
  readonly separators: Uint8Array;
  readonly texts: readonly string[];
}

/**
 * Addresses of mail and the web are one token each, and so is a word with apostrophes in it, but for a possessive 's. Whatever may repeat before a
 * sign that may not come is bounded, so that no text makes this slower than its length.
 */
const TOKEN = /(?:https?:\/\/|www\.)[^\s<>"']{1,512}|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){0,8}|[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_]{0,63})(?:['’](?![sS](?![\p{L}\p{N}]))\p{L}[\p{L}\p{M}]{0,63})*|['’][sS](?![\p{L}\p{N}])|\n|[^\s]/gu;

/** Cuts a text into tokens, in one pass. */
export function tokensOf(text: string): Tokens {
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  const separators = new Uint8Array(text.length);
  const texts: string[] = [];
  let separator: number = SEPARATORS.paragraph;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const token = match[0];
    if (token === '\n') separator = separator >= SEPARATORS.line ? SEPARATORS.paragraph : SEPARATORS.line;
    else if (token === ',') separator = Math.max(separator, SEPARATORS.comma);
    else {
      const at = texts.push(token) - 1;
      starts[at] = match.index;
      ends[at] = match.index + token.length;
      separators[at] = separator;
      separator = SEPARATORS.none;
    }
  }
  return { count: texts.length, starts, ends, separators, texts };
}
