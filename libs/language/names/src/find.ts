import { Buffer } from 'node:buffer';
import { placesOf } from './addresses.js';
import { STORED } from './model.data.js';
import { personsOf, piecesOf, type Piece } from './pieces.js';
import { pageOf, type Page } from './page.js';
import { restored, type Model } from './stored.js';
import { tag, type Tagging } from './tagger.js';
import { decoded } from './utf8.js';
import { Lexicon } from './words.js';

/** A name that was found. */
export interface NameSpan {
  /** Offsets in bytes of the UTF-8 text: the first byte, and the one after the last. */
  readonly start: number;
  readonly end: number;
  readonly kind: 'person' | 'place';
  /** How sure the tagger is, from 0 to 1: on texts like those it was measured on, about the share of such finds that are right. */
  readonly score: number;
}

/** The most bytes that are looked at as one: what memory a text of any length needs grows with this, not with the text. */
export const MOST_BYTES_AT_ONCE = 32_768;

/** The loaded model, with the words that were looked up lately. */
interface Loaded extends Model {
  readonly lexicon: Lexicon;
}

let loaded: Loaded | undefined;

/**
 * Finds the names of persons, and places and addresses, in a text: in order, none over another. A text (a string counts as its UTF-8 bytes) of any content gets an answer, in time
 * linear in its length; bytes that are no UTF-8 are signs that are nothing. Titles (`Dr`) are not part of a name; organisations are left out. The first call loads the model.
 */
export function findNames(text: Uint8Array | string): readonly NameSpan[] {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  loaded ??= load();
  const spans: NameSpan[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = cutAfter(bytes, start);
    spans.push(...findIn(bytes.subarray(start, end), start, loaded));
    start = end;
  }
  return spans;
}

function load(): Loaded {
  const model = restored(STORED);
  return { ...model, lexicon: new Lexicon(model.gazetteers) };
}

function findIn(bytes: Uint8Array, offset: number, { weights, gazetteers, lexicon }: Loaded): NameSpan[] {
  const { text, byteAt } = decoded(bytes);
  const page = pageOf(text, lexicon, gazetteers);
  const tagging = tag(page, weights);
  const pieces = piecesOf(page, tagging.labels);
  const span = (piece: Piece, kind: NameSpan['kind']): NameSpan => ({
    start: offset + byteAt(page.tokens.starts[piece.from]!), end: offset + byteAt(page.tokens.ends[piece.to - 1]!), kind, score: scoreOf(piece, page, tagging),
  });
  const places = placesOf(page, text, pieces);
  const persons = personsOf(page, pieces).filter(({ from, to }) => !places.some((place) => place.from < to && from < place.to));
  return [...persons.map((piece) => span(piece, 'person')), ...places.map((piece) => span(piece, 'place'))].sort((one, other) => one.start - other.start);
}

/** The margin at which a find is as often wrong as right, and how fast that changes, as measured on texts that training has not seen. */
const EVEN = 10;
const SLOPE = 45;

/** The margins of the tokens, averaged and pressed between 0 and 1. */
function scoreOf({ from, to }: Piece, page: Page, { margins }: Tagging): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += margins[at]!;
  return 1 / (1 + Math.exp((EVEN - sum / (to - from)) / SLOPE));
}

const LINE = 10;
const SPACE = 32;

/** Where a long text is cut: after an empty line, else a line, else a space, in the second half of what may be looked at; else between two characters. */
function cutAfter(bytes: Uint8Array, start: number): number {
  const last = start + MOST_BYTES_AT_ONCE;
  if (last >= bytes.length) return bytes.length;
  let line = 0;
  let space = 0;
  for (let at = last - 1; at > start + MOST_BYTES_AT_ONCE / 2; at -= 1) {
    if (bytes[at] === LINE && bytes[at - 1] === LINE) return at + 1;
    if (line === 0 && bytes[at] === LINE) line = at + 1;
    if (space === 0 && bytes[at] === SPACE) space = at + 1;
  }
  if (line > 0 || space > 0) return line > 0 ? line : space;
  let end = last;
  while (end > last - 4 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return end;
}
