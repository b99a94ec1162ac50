import { SEPARATORS } from './labels.js';
import type { Page } from './page.js';
import type { Piece } from './pieces.js';
import { SHAPES } from './words.js';

const OF_PLACES = new Set(['NUMBER', 'STREET', 'UNIT', 'CITY', 'STATE', 'COUNTRY', 'ZIP']);

/**
 * What of a page is an address or a place, as it is to be told. House number and street are one. The parts of an address in running text are one as well, where it has more of them
 * than street and city, or goes over lines; where an address stands as a block, part by part on lines of its own, each part is one.
 */
export function placesOf(page: Page, text: string, pieces: readonly Piece[]): Piece[] {
  const places = withTowns(page, joinedNumbers(page, pieces.filter(({ part }) => OF_PLACES.has(part))));
  const found: Piece[] = [];
  for (let first = 0; first < places.length;) {
    let after = first + 1;
    while (after < places.length && adjoin(page, places[after - 1]!, places[after]!)) after += 1;
    const address = places.slice(first, after);
    found.push(...(isWhole(page, text, address) ? [whole(address)] : byLines(page, address)));
    first = after;
  }
  return found;
}

/** House numbers join the street that they stand before, or the one that they follow; a number without a street is nothing. */
function joinedNumbers(page: Page, pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index]!;
    const next = pieces[index + 1];
    const previous = joined.at(-1);
    if (piece.part !== 'NUMBER') joined.push(piece);
    else if (next?.part === 'STREET' && touches(page, piece, next)) {
      joined.push({ ...next, from: piece.from });
      index += 1;
    } else if (previous?.part === 'STREET' && touches(page, previous, piece)) joined[joined.length - 1] = { ...previous, to: piece.to };
  }
  return joined;
}

const BEFORE_TOWN = new Set(['STREET', 'UNIT']);
const AFTER_TOWN = new Set(['STATE', 'ZIP', 'COUNTRY']);
const MOST_WORDS_OF_TOWN = 4;

/** A line of a few words between the line of a street and that of a state, code or country is the town, whatever it is called. */
function withTowns(page: Page, places: readonly Piece[]): Piece[] {
  return places.flatMap((piece, index) => {
    const previous = places[index - 1];
    const town = previous && BEFORE_TOWN.has(previous.part) && AFTER_TOWN.has(piece.part) ? lineBetween(page, previous.to, piece) : undefined;
    return town ? [town, piece] : [piece];
  });
}

/** The line that follows token `after - 1`, without signs before its first word, where it is short and without digits, and nothing but one short word stands between it and the line of `next`. */
function lineBetween(page: Page, after: number, next: Piece): Piece | undefined {
  let from = after;
  const line = page.lineStarts[next.from]!;
  while (from < line && !page.words[from]!.letters) from += 1;
  const to = page.lineEnds[from]!;
  const between = line - to;
  if (from >= line || page.lineStarts[from]! < after || between < 0 || between > 1 || to - from > MOST_WORDS_OF_TOWN) return undefined;
  if (between === 1 && page.words[to]!.length > 3) return undefined;
  for (let at = from; at < to; at += 1) if (page.words[at]!.shape >= SHAPES.alphanumeric) return undefined;
  return { part: 'CITY', from, to };
}

/** Parts that stand in one line with a street and more than its unit are one. */
function byLines(page: Page, address: readonly Piece[]): Piece[] {
  const told: Piece[] = [];
  for (let first = 0; first < address.length;) {
    const line = page.lineStarts[address[first]!.from];
    let after = first + 1;
    while (after < address.length && page.lineStarts[address[after]!.from] === line) after += 1;
    const parts = address.slice(first, after);
    told.push(...(isWholeLine(parts.map(({ part }) => part)) ? [whole(parts)] : parts));
    first = after;
  }
  return told;
}

function isWholeLine(parts: readonly string[]): boolean {
  return parts.includes('STREET') && parts.some((part) => part === 'STATE' || part === 'COUNTRY' || part === 'ZIP');
}

function whole(address: readonly Piece[]): Piece {
  return { part: 'ADDRESS', from: address[0]!.from, to: address.at(-1)!.to };
}

/** Nothing but a space or a comma is between two pieces. */
function touches(page: Page, one: Piece, next: Piece): boolean {
  return one.to === next.from && page.tokens.separators[next.from]! <= SEPARATORS.comma;
}

/** Two pieces belong to one address where nothing, or one short word that stands alone between commas or lines, is between them. */
function adjoin(page: Page, one: Piece, next: Piece): boolean {
  const { separators } = page.tokens;
  if (separators[next.from] === SEPARATORS.paragraph) return false;
  if (one.to === next.from) return true;
  return next.from - one.to === 1 && page.words[one.to]!.letters && page.words[one.to]!.length <= 3 && separators[one.to]! > SEPARATORS.none && separators[next.from]! > SEPARATORS.none;
}

function isWhole(page: Page, text: string, address: readonly Piece[]): boolean {
  const parts = new Set(address.map(({ part }) => part));
  if (address.length < 2 || !parts.has('STREET')) return false;
  const lines = new Set(address.map(({ from }) => page.lineStarts[from]!));
  if (lines.size === 1) return [...parts].some((part) => part !== 'STREET' && part !== 'CITY');
  if (!beginsLine(page, address[0]!.from) || address.some((piece, index) => index > 0 && isCommaAtLineEnd(page, text, address[index - 1]!, piece))) return true;
  return [...lines].some((line) => {
    const inLine = address.filter(({ from }) => page.lineStarts[from] === line).map(({ part }) => part);
    return inLine.includes('CITY') && (inLine.includes('STATE') || inLine.includes('ZIP'));
  });
}

/** Whether only signs stand before a token in its line. */
function beginsLine(page: Page, at: number): boolean {
  for (let before = page.lineStarts[at]!; before < at; before += 1) if (page.words[before]!.letters) return false;
  return true;
}

/** Whether a comma and the end of a line are between two pieces: the address goes on. */
function isCommaAtLineEnd(page: Page, text: string, one: Piece, next: Piece): boolean {
  const between = text.slice(page.tokens.ends[one.to - 1], page.tokens.starts[next.from]);
  return between.includes(',') && between.includes('\n');
}
