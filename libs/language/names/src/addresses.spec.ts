import { describe, expect, it } from 'vitest';
import { placesOf } from './addresses.js';
import type { Gazetteers } from './gazetteers.js';
import { LABELS, type Label } from './labels.js';
import { pageOf } from './page.js';
import { personsOf, piecesOf } from './pieces.js';
import { Lexicon } from './words.js';

const EMPTY: Gazetteers = { words: [], phrases: new Uint8Array(8), phraseHeads: new Uint8Array(8) };
const SHORT: Readonly<Record<string, Label>> = {
  o: 'O', n: 'NUMBER', S: 'B-STREET', s: 'I-STREET', u: 'UNIT', C: 'B-CITY', c: 'I-CITY', t: 'STATE', L: 'B-COUNTRY', l: 'I-COUNTRY', z: 'ZIP', P: 'B-PERSON', p: 'I-PERSON',
};

/** What is told of a text whose tokens have these labels, one letter each. */
function told(text: string, letters: string): { readonly places: string[]; readonly persons: string[] } {
  const page = pageOf(text, new Lexicon(EMPTY), EMPTY);
  const labels = Uint8Array.from(letters.replaceAll(' ', ''), (letter) => LABELS.indexOf(SHORT[letter]!));
  expect(labels.length, 'a letter for each token').toBe(page.tokens.count);
  const pieces = piecesOf(page, labels);
  const textOf = ({ from, to }: { from: number; to: number }): string => text.slice(page.tokens.starts[from], page.tokens.ends[to - 1]);
  return { places: placesOf(page, text, pieces).map(textOf), persons: personsOf(page, pieces).map(textOf) };
}

describe('places', () => {
  it.each([
    ['a house number and its street', 'at 12 High Street now', 'o n Ss o', ['12 High Street']],
    ['a street and its house number', 'in Hauptstr 12b now', 'o S n o', ['Hauptstr 12b']],
    ['a number with a range', '130-2 Center Street', 'nnn Ss', ['130-2 Center Street']],
    ['no number without a street', 'there are 12 of them', 'o o n o o', []],
    ['a street and a city in a line, one by one', '12 High Street, Leeds', 'n Ss C', ['12 High Street', 'Leeds']],
    ['a whole address in a line', '12 High Street, Flat 3, Leeds LS1 4AB', 'n Ss uu C zz', ['12 High Street, Flat 3, Leeds LS1 4AB']],
    ['a city and its country, one by one', 'Leeds, England', 'C L', ['Leeds', 'England']],
    ['a block of lines, one by one', '12 High Street\nFlat 3\nLeeds\nEngland', 'n Ss uu C L', ['12 High Street', 'Flat 3', 'Leeds', 'England']],
    ['a block whose city stands with its code, as one', '12 High Street\nLeeds, LS1 4AB', 'n Ss C zz', ['12 High Street\nLeeds, LS1 4AB']],
    ['an address that begins within a line, as one', 'Send it to 12 High Street\nLeeds\nEngland', 'ooo n Ss C L', ['12 High Street\nLeeds\nEngland']],
    ['lines that a comma joins, as one', '12 High Street\nLeeds\n, England', 'n Ss C L', ['12 High Street\nLeeds\n, England']],
    ['the town between street and code that was not seen as one', '12 High Street\nXqz Vrt\n12345', 'n Ss oo z', ['12 High Street', 'Xqz Vrt', '12345']],
    ['no address over an empty line', 'Send it to 12 High Street\n\nLeeds', 'ooo n Ss C', ['12 High Street', 'Leeds']],
    ['an address across a short word that stands alone', 'Send it to 12 High Street\nLeeds\n, nan\nEngland 12345', 'ooo n Ss C o L z', ['12 High Street\nLeeds\n, nan\nEngland 12345']],
  ])('tells %s', (_, text, letters, expected) => {
    expect(told(text, letters).places).toEqual(expected);
  });
});

describe('persons', () => {
  it.each([
    ['a name with an initial', 'by John Q. Public now', 'o Pppp o', ['John Q. Public']],
    ['what follows a name', 'Dr. Anna Vida Jr.', 'oo Pppp', ['Anna Vida Jr.']],
    ['two names beside each other', 'Anna Ben', 'P P', ['Anna', 'Ben']],
    ['no sign at an end', '(Anna Vida)', 'P ppp', ['Anna Vida']],
    ['no single letter', 'so X it is', 'o P oo', []],
  ])('tells %s', (_, text, letters, expected) => {
    expect(told(text, letters).persons).toEqual(expected);
  });
});
