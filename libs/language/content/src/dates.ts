import { DASH, DOT, isDigit, isLetter, isWord, SLASH, SPACE, startsAlone } from './bytes.js';
import { isDay } from './checks.js';
import { lengths, type Recognizer } from './recognizer.js';

const SPEAKS_OF_BIRTH: readonly string[] = [
  'born', 'birth', 'dob', 'birthday', 'birthdate', 'dateofbirth', 'geboren', 'geburtsdatum', 'geburtstag', 'naissance', 'nacimiento', 'nascita', 'nascimento', 'geboortedatum', 'bday',
];
const [EARLIEST, LATEST] = [1_900, 2_099];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const LONGEST_MONTH = 'september'.length;

/** Dates of birth: a full date beside a word that speaks of birth. Dates as such are no findings. */
export const DATES: readonly Recognizer[] = [
  { kind: 'birth-date', score: 0.9, near: [SPEAKS_OF_BIRTH], within: 32, runs: { lengths: [1, 2, 4], followedBy: ['dash', 'dot', 'slash'] }, match: numericEnd },
  { kind: 'birth-date', score: 0.9, near: [SPEAKS_OF_BIRTH], within: 32, startOf: dateStart, runs: { lengths: lengths(1, 2), followedBy: ['space', 'dash', 'letter', 'end'] }, match: writtenEnd },
];

/** Reads up to `most` digits; -1 where there are none or more. Leaves its place in `at`. */
let at = 0;
function number(bytes: Uint8Array, most: number): number {
  const from = at;
  let value = 0;
  for (; at - from < most && isDigit(bytes[at]); at += 1) value = value * 10 + bytes[at]! - 0x30;
  return at === from || isDigit(bytes[at]) ? -1 : value;
}

/** `1985-04-12`, `12/04/1985`, `4.12.1985`: day and month either way round. */
function numericEnd(bytes: Uint8Array, run: number, runEnd: number): number {
  const joiner = bytes[runEnd]!;
  at = run;
  const first = number(bytes, 4);
  at += 1;
  const second = number(bytes, 2);
  if (bytes[at] !== joiner) return -1;
  at += 1;
  const third = number(bytes, 4);
  if (first < 0 || second < 0 || third < 0 || isWord(bytes[at]) || !startsAlone(bytes, run)) return -1;
  const isDate = runEnd - run === 4 ? isYear(first) && isDay(second, third) : (isYear(third) || isShortYear(third)) && (isDay(second, first) || isDay(first, second));
  return isDate ? at : -1;
}

/** `12 April 1985`, `12th of April, 1985`, `April 12, 1985`. */
function writtenEnd(bytes: Uint8Array, run: number, runEnd: number): number {
  at = runEnd;
  if (isLetter(bytes[at]) && isLetter(bytes[at + 1]) && !isLetter(bytes[at + 2])) at += 2;
  const before = monthBefore(bytes, run);
  if (before < 0) {
    skipJoiners(bytes);
    if (bytes[at] === 0x6f && bytes[at + 1] === 0x66 && bytes[at + 2] === SPACE) at += 3;
    if (!readMonth(bytes) || !startsAlone(bytes, run)) return -1;
  }
  skipJoiners(bytes);
  const year = number(bytes, 4);
  return isYear(year) && !isWord(bytes[at]) ? at : -1;
}

/** Where the date begins whose day is at `run`: at the month before it, if any. */
function dateStart(bytes: Uint8Array, run: number): number {
  const before = monthBefore(bytes, run);
  return before < 0 ? run : before;
}

function monthBefore(bytes: Uint8Array, run: number): number {
  if (run < 4 || bytes[run - 1] !== SPACE) return -1;
  let start = run - 1;
  if (bytes[start - 1] === DOT) start -= 1;
  const end = start;
  while (start > 0 && end - start <= LONGEST_MONTH && isLetter(bytes[start - 1])) start -= 1;
  return isMonth(bytes, start, end) ? start : -1;
}

function readMonth(bytes: Uint8Array): boolean {
  const from = at;
  while (at - from <= LONGEST_MONTH && isLetter(bytes[at])) at += 1;
  const found = isMonth(bytes, from, at);
  if (bytes[at] === DOT) at += 1;
  return found;
}

function skipJoiners(bytes: Uint8Array): void {
  for (let skipped = 0; skipped < 2 && (bytes[at] === SPACE || bytes[at] === DASH || bytes[at] === SLASH || bytes[at] === 0x2c); skipped += 1) at += 1;
}

function isMonth(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 3 || end - start > LONGEST_MONTH) return false;
  return MONTHS.includes(String.fromCharCode(bytes[start]! | 0x20, bytes[start + 1]! | 0x20, bytes[start + 2]! | 0x20));
}

function isYear(year: number): boolean {
  return year >= EARLIEST && year <= LATEST;
}

function isShortYear(year: number): boolean {
  return year >= 0 && year <= 99;
}
