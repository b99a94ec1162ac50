import { SEPARATORS } from './labels.js';
import type { Page } from './page.js';
import type { Piece } from './pieces.js';

const OF_PLACES = new Set(['NUMBER', 'STREET', 'UNIT', 'CITY', 'STATE', 'COUNTRY', 'ZIP']);

/**
 * What of a page is an address or a place, as it is to be told. House number and street are one. The parts of an address in running text are one as well, where it has more of them
 * than street and city, or goes over lines; where an address stands as a block, part by part on lines of its own, each part is one.
 */
export function placesOf(page: Page, text: string, pieces: readonly Piece[]): Piece[] {
  const places = joinedNumbers(page, pieces.filter(({ part }) => OF_PLACES.has(part)));
  const found: Piece[] = [];
  for (let first = 0; first < places.length;) {
    let after = first + 1;
    while (after < places.length && adjoin(page, places[after - 1]!, places[after]!)) after += 1;
    const address = places.slice(first, after);
    found.push(...(isWhole(page, text, address) ? [{ part: 'ADDRESS', from: address[0]!.from, to: address.at(-1)!.to }] : address));
    first = after;
  }
  return found;
}

/** House numbers join the street that they stand before, or the one that they follow; a number without a street is nothing. */
function joinedNumbers(page: Page, pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  let numbersFrom = -1;
  for (const [index, piece] of pieces.entries()) {
    if (piece.part !== 'NUMBER') {
      const from = piece.part === 'STREET' && numbersFrom >= 0 ? numbersFrom : piece.from;
      joined.push({ ...piece, from });
      numbersFrom = -1;
      continue;
    }
    const previous = joined.at(-1);
    const next = pieces[index + 1];
    if (next && (next.part === 'STREET' || next.part === 'NUMBER') && touches(page, piece, next)) numbersFrom = numbersFrom >= 0 ? numbersFrom : piece.from;
    else if (previous?.part === 'STREET' && touches(page, previous, piece)) joined[joined.length - 1] = { ...previous, to: piece.to };
    else numbersFrom = -1;
  }
  return joined;
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
