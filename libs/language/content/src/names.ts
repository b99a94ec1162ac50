import { findNames, MOST_BYTES_AT_ONCE } from '@interlock/language-names';
import { isDigit, isLetter } from './bytes.js';
import type { Finding } from './scanner.js';

/** How much of a text has to be in hand after a place, so that the names of its page are found. */
export const PAGE_BYTES = MOST_BYTES_AT_ONCE;
const [LINE, SPACE, COLON, DASH, DOT] = [0x0a, 0x20, 0x3a, 0x2d, 0x2e];
/** A number by itself is of an address only this near to one, bytes. */
const NUMBER_NEAR_BYTES = 32;
const TOKEN_MAX_BYTES = 64;
/** Marks that keep words apart, beside blanks and controls. A dot and a colon do so where no letter or digit follows. */
const APART = new Uint8Array(256);
for (let byte = 0; byte <= SPACE; byte += 1) APART[byte] = 1;
for (const mark of '"\'()[]{}<>,;!?|\\*`=&') APART[mark.charCodeAt(0)] = 1;

/** Names of persons and places in one text, which may come in pieces: it is read in pages, whose ends its own bytes alone decide. */
export class NamePages {
  /** Where the next page begins, counted from the start of the text. */
  #next = 0;

  constructor(private readonly kinds: ReadonlySet<string>) {}

  /** Reads the pages that begin before `stop`, in `bytes` of which the first is the text's byte `base`; places are counted in `bytes`. */
  scan(bytes: Uint8Array, base: number, stop: number): Finding[] {
    const found: Finding[] = [];
    for (let start = this.#next - base; start < stop; start = this.#next - base) {
      const end = pageEnd(bytes, start);
      for (const name of namesIn(bytes.subarray(start, end))) if (this.kinds.has(name.kind)) found.push({ ...name, start: start + name.start, end: start + name.end });
      this.#next = base + end;
    }
    return found;
  }
}

/** What the tagger takes for a name and has a word in it: ids, versions and moments have letters, too. A number alone counts beside such a place. */
function namesIn(page: Uint8Array): Finding[] {
  const names = findNames(page);
  const worded = names.map(({ start, end }) => hasWord(page, start, end));
  const isNear = (name: Finding, other: Finding | undefined): boolean => other?.kind === 'place' && Math.max(other.start - name.end, name.start - other.end) <= NUMBER_NEAR_BYTES;
  return names.filter((name, at) => worded[at] || (name.kind === 'place' && isNumber(page, name.start, name.end)
    && ((worded[at - 1] && isNear(name, names[at - 1])) || (worded[at + 1] && isNear(name, names[at + 1])))));
}

function hasWord(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    if (isApart(bytes, at)) continue;
    let [from, to] = [at, at];
    while (from > 0 && at - from < TOKEN_MAX_BYTES && !isApart(bytes, from - 1)) from -= 1;
    while (to < bytes.length && to - at < TOKEN_MAX_BYTES && !isApart(bytes, to)) to += 1;
    if (isWordOfLetters(bytes, from, to)) return true;
    at = to;
  }
  return false;
}

function isApart(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]!;
  if (byte !== DOT && byte !== COLON) return APART[byte] === 1;
  const next = bytes[at + 1];
  return next === undefined || !(isDigit(next) || isLetter(next) || next === COLON);
}

/** Two letters or more, with dashes and dots between them at most. */
function isWordOfLetters(bytes: Uint8Array, from: number, to: number): boolean {
  let letters = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at]!;
    if (isLetter(byte)) letters += 1;
    else if (byte !== DASH && byte !== DOT) return false;
  }
  return letters >= 2;
}

function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (!isDigit(bytes[at])) return false;
  return (start === 0 || isApart(bytes, start - 1)) && (end >= bytes.length || isApart(bytes, end));
}

/** After the last line that ends in the second half of a page, else after its last space, else between two characters. */
function pageEnd(bytes: Uint8Array, start: number): number {
  const most = start + PAGE_BYTES;
  if (most >= bytes.length) return bytes.length;
  const half = bytes.subarray(start + PAGE_BYTES / 2, most);
  const line = half.lastIndexOf(LINE);
  const cut = line >= 0 ? line : half.lastIndexOf(SPACE);
  if (cut >= 0) return start + PAGE_BYTES / 2 + cut + 1;
  let end = most;
  while (end > most - 4 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return end;
}
