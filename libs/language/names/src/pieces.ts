import { IN } from './gazetteers.js';
import { LABELS } from './labels.js';
import type { Page } from './page.js';
import { SHAPES } from './words.js';

/** A run of tokens of one thing: a name, a street, a city, a postal code. */
export interface Piece {
  readonly part: string;
  /** First token, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

/** The pieces that labels make, in order. A piece of several tokens begins where its label begins with `B-`. */
export function piecesOf(page: Page, labels: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0; from < labels.length;) {
    const label = LABELS[labels[from]!]!;
    let to = from + 1;
    const goesOn = label.startsWith('B-') ? `I-${label.slice(2)}` : label;
    while (label !== 'O' && to < labels.length && LABELS[labels[to]!] === goesOn) to += 1;
    const piece = { part: label.replace(/^[BI]-/, ''), from, to };
    if (label !== 'O' && !isOrdinary(page, piece)) pieces.push(piece);
    from = to;
  }
  return pieces;
}

/** The names of persons among pieces, without signs at their ends: a full stop stays behind an initial or a short word such as `Jr.`. */
export function personsOf(page: Page, pieces: readonly Piece[]): Piece[] {
  return pieces.filter(({ part }) => part === 'PERSON').flatMap((piece) => {
    let { from, to } = piece;
    while (from < to && !page.words[from]!.letters) from += 1;
    while (from < to && !page.words[to - 1]!.letters && !isStop(page, to - 1)) to -= 1;
    return from < to && lettersOf(page, from, to) > 1 ? [{ ...piece, from, to }] : [];
  });
}

const NAMED = IN.firstNames | IN.lastNames | IN.people | IN.cities | IN.countries | IN.states | IN.placeBegins | IN.placeGoesOn;
const GIVEN = IN.firstNames | IN.people;
const MAY_BE_ORDINARY = new Set(['PERSON', 'CITY', 'COUNTRY']);

/**
 * Words of a dictionary in small letters, of which no list of names knows any, are no name, whatever stands around them; nor are months, days, languages and nationalities by themselves,
 * unless people are called so.
 */
function isOrdinary(page: Page, { part, from, to }: Piece): boolean {
  if (!MAY_BE_ORDINARY.has(part)) return false;
  if (to - from === 1 && page.bits[from]! & IN.calendar) return part === 'PERSON' ? (page.bits[from]! & GIVEN) !== GIVEN : (page.bits[from]! & IN.countries) === 0;
  for (let at = from; at < to; at += 1) {
    if (page.words[at]!.shape === SHAPES.lower && (page.bits[at]! & IN.ordinary) === 0) return false;
    if (page.words[at]!.capital || (page.bits[at]! & NAMED) !== 0) return false;
  }
  return true;
}

const STOP = SHAPES.sign + '.'.charCodeAt(0);

function isStop(page: Page, at: number): boolean {
  return page.words[at]!.shape === STOP && page.words[at - 1]!.length <= 3;
}

function lettersOf(page: Page, from: number, to: number): number {
  let letters = 0;
  for (let at = from; at < to; at += 1) if (page.words[at]!.letters) letters += page.words[at]!.length;
  return letters;
}
