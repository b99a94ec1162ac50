import { endsClean, isDigit, startsClean } from './bytes.js';
import { numberAt, passesLuhn } from './checks.js';
import { BARE, lengths, type Recognizer } from './recognizer.js';

const SHORTEST = 12;
const LONGEST = 19;
const SHORTEST_GROUP = 3;
/** Digits of the number in hand. */
const DIGITS = new Uint8Array(LONGEST + 1);

/**
 * Payment cards (ISO/IEC 7812-1): 12 to 19 digits, bare or in groups of three or more that one separator keeps apart (a space, a
 * dash, a dot), with an issuer's range and its length, passing Luhn.
 */
export const CARD: readonly Recognizer[] = [
  { kind: 'card', score: 0.95, runs: { lengths: lengths(SHORTEST, LONGEST), followedBy: BARE }, match: bareCard },
  { kind: 'card', score: 0.97, runs: { lengths: lengths(SHORTEST_GROUP, 8), followedBy: ['space', 'dash', 'dot'] }, match: groupedCard },
];

function bareCard(bytes: Uint8Array, start: number, end: number): number {
  const count = end - start;
  if (!hasIssuer(numberAt(bytes, start, 4), count) || !startsClean(bytes, start) || !endsClean(bytes, end)) return -1;
  return passesLuhn(bytes, count, start) ? end : -1;
}

function groupedCard(bytes: Uint8Array, start: number, firstEnd: number): number {
  const separator = bytes[firstEnd]!;
  let count = 0;
  let end = start;
  for (let at = start; ; ) {
    const groupStart = at;
    for (; at < bytes.length && isDigit(bytes[at]) && count <= LONGEST; at += 1, count += 1) DIGITS[count] = bytes[at]!;
    end = at;
    const goesOn = at + 1 < bytes.length && bytes[at] === separator && isDigit(bytes[at + 1]);
    if (count > LONGEST || (at - groupStart < SHORTEST_GROUP && goesOn)) return -1;
    if (!goesOn) break;
    at += 1;
  }
  if (count < SHORTEST || !hasIssuer(numberAt(DIGITS, 0, 4), count) || !passesLuhn(DIGITS, count)) return -1;
  return startsClean(bytes, start) && endsClean(bytes, end) ? end : -1;
}

/** Issuer identification ranges with the lengths in use (public ranges of the card schemes). */
function hasIssuer(four: number, length: number): boolean {
  const two = Math.floor(four / 100);
  if (two >= 40 && two <= 49) return length === 13 || length === 16 || length === 19;
  if ((two >= 51 && two <= 55) || (four >= 2_221 && four <= 2_720) || (four >= 2_200 && four <= 2_204)) return length === 16;
  if (two === 34 || two === 37) return length === 15;
  if (two === 36 || two === 38 || two === 39 || (four >= 3_000 && four <= 3_059) || four === 3_095) return length >= 14;
  if (two === 35) return length >= 16;
  if (four === 1_800 || four === 2_131 || four === 2_014 || four === 2_149) return length === 15;
  if (four === 604) return true;
  return two === 50 || (two >= 56 && two <= 69) || (two >= 81 && two <= 82 && length >= 16);
}

