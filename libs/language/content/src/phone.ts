import { CLOSE, DASH, DOT, isDigit, isWord, OPEN, SLASH, SPACE, startsAlone, startsClean } from './bytes.js';
import { digitAt, isDay } from './checks.js';
import { BARE, JOINED, lengths, type Recognizer } from './recognizer.js';

/** Digits of the longest international number (ITU-T E.164), with a prefix for going abroad. */
const MOST_DIGITS = 15;
const LONGEST_BYTES = 40;
const EXTENSION_MAX_DIGITS = 6;
const AREA_MAX_DIGITS = 5;

const SPEAKS_OF_PHONES: readonly string[] = [
  'phone', 'phones', 'telephone', 'tel', 'mobile', 'cell', 'cellphone', 'fax', 'call', 'calls', 'called', 'calling', 'dial', 'sms', 'whatsapp', 'hotline', 'landline', 'contact', 'reach', 'ring',
  'telefon', 'handy', 'mobil', 'rufnummer', 'téléphone', 'portable', 'móvil', 'teléfono', 'telefono', 'celular', 'cellulare', 'telefone', 'telefoon', 'puhelin', 'phonenumber', 'msisdn',
];

/** Telephone numbers without a plus: North American as they are written there, and any national form beside a word that speaks of phones. */
export const PHONE: readonly Recognizer[] = [
  { kind: 'phone', score: 0.75, startOf: phoneStart, runs: { lengths: [3], followedBy: JOINED }, match: americanEnd },
  { kind: 'phone', score: 0.75, startOf: phoneStart, runs: { lengths: [1, 3], followedBy: JOINED }, match: prefixedEnd },
  { kind: 'phone', score: 0.65, near: [SPEAKS_OF_PHONES], startOf: phoneStart, runs: { lengths: lengths(2, MOST_DIGITS), followedBy: [...BARE, 'letter'] }, match: nationalEnd },
];

/** Where the number begins whose first digit is at `run`: at a bracket before it, if any. */
function phoneStart(bytes: Uint8Array, run: number): number {
  return run > 0 && bytes[run - 1] === OPEN && closesSoon(bytes, run) ? run - 1 : run;
}

/** Whether a bracket before the digits closes behind them. */
function closesSoon(bytes: Uint8Array, run: number): boolean {
  let at = run;
  while (at - run < AREA_MAX_DIGITS && isDigit(bytes[at])) at += 1;
  return bytes[at] === CLOSE;
}

/** Digits of the number in hand, as bytes, how many they are, in how many groups. */
const DIGITS = new Uint8Array(MOST_DIGITS + 3);
let count = 0;
let groups = 0;

/** Reads digits that single joiners keep apart, a bracket before or after one; end of the last digit, or -1. */
function read(bytes: Uint8Array, run: number): number {
  count = 0;
  groups = 1;
  let at = run;
  let end = run;
  const most = Math.min(bytes.length, run + LONGEST_BYTES);
  while (at < most) {
    if (isDigit(bytes[at])) {
      if (count >= DIGITS.length) return -1;
      DIGITS[count] = bytes[at]!;
      count += 1;
      at += 1;
      end = at;
      continue;
    }
    const next = afterJoiner(bytes, at);
    if (next < 0) break;
    groups += 1;
    at = next;
  }
  return end;
}

/** Where the next digit stands after one joiner, or after a bracket and one; -1 where the number ends. */
function afterJoiner(bytes: Uint8Array, from: number): number {
  let at = from;
  if (isJoiner(bytes[at])) at += 1;
  if (bytes[at] === OPEN || bytes[at] === CLOSE) at += 1;
  if (at > from && (bytes[at] === SPACE || bytes[at] === DASH) && (bytes[at - 1] === CLOSE || bytes[at - 1] === OPEN)) at += 1;
  return at > from && isDigit(bytes[at]) ? at : -1;
}

function isJoiner(byte: number | undefined): boolean {
  return byte === SPACE || byte === DASH || byte === DOT || byte === SLASH;
}

/** With the extension, if one follows; -1 where the number goes on as something else. */
function whole(bytes: Uint8Array, end: number): number {
  const extended = extensionEnd(bytes, end);
  if (extended > 0) return extended;
  const after = end < bytes.length ? bytes[end] : undefined;
  return isWord(after) || (after === DOT && isDigit(bytes[end + 1])) || (after === DASH && isWord(bytes[end + 1])) ? -1 : end;
}

/** `x123`, ` ext. 123`, ` x 123`, `#123`. */
function extensionEnd(bytes: Uint8Array, end: number): number {
  let at = end;
  if (bytes[at] === SPACE) at += 1;
  const first = bytes[at];
  if (first === 0x23) at += 1;
  else if (first !== undefined && (first | 0x20) === 0x78) at += 1;
  else if (first !== undefined && (first | 0x20) === 0x65 && (bytes[at + 1]! | 0x20) === 0x78 && (bytes[at + 2]! | 0x20) === 0x74) at += 3;
  else return -1;
  if (bytes[at] === DOT) at += 1;
  if (bytes[at] === SPACE) at += 1;
  const from = at;
  while (at - from <= EXTENSION_MAX_DIGITS && isDigit(bytes[at])) at += 1;
  return at > from && at - from <= EXTENSION_MAX_DIGITS && !isWord(bytes[at]) ? at : -1;
}

/** End of the international number whose plus is at `start`, or -1: eight digits or more, none of them a leading zero. */
export function internationalEnd(bytes: Uint8Array, start: number): number {
  let run = start + 1;
  if (bytes[run] === SPACE) run += 1;
  if (bytes[run] === OPEN) run += 1;
  if (!isDigit(bytes[run]) || !startsClean(bytes, start)) return -1;
  const end = read(bytes, run);
  return end > 0 && count >= 8 && count <= MOST_DIGITS && DIGITS[0] !== 0x30 ? whole(bytes, end) : -1;
}

/** `(212) 555-0123`, `212-555-0123`, `212.555.0123`: area and exchange begin with 2 to 9. */
function americanEnd(bytes: Uint8Array, run: number): number {
  if (bytes[run]! < 0x32) return -1;
  const end = grouped(bytes, run);
  if (end < 0 || count !== 10 || groups !== 3 || DIGITS[3]! < 0x32) return -1;
  const bracketed = phoneStart(bytes, run) < run;
  return bracketed === (bytes[run + 3] === CLOSE) && (bracketed || (bytes[run + 3] !== SPACE && bytes[run + 3] === bytes[run + 7])) ? whole(bytes, end) : -1;
}

/** The same behind a prefix: `1-212-555-0123`, `001-212-555-0123`. */
function prefixedEnd(bytes: Uint8Array, run: number, runEnd: number): number {
  const prefix = runEnd - run;
  if (bytes[runEnd - 1] !== 0x31 || (prefix === 3 && (bytes[run] !== 0x30 || bytes[run + 1] !== 0x30))) return -1;
  const area = afterJoiner(bytes, runEnd);
  if (area < 0 || !isDigit(bytes[area + 1]) || !isDigit(bytes[area + 2])) return -1;
  const end = grouped(bytes, run);
  return end > 0 && groups === 4 && count === prefix + 10 && DIGITS[prefix]! >= 0x32 ? whole(bytes, end) : -1;
}

function grouped(bytes: Uint8Array, run: number): number {
  return startsAlone(bytes, phoneStart(bytes, run)) ? read(bytes, run) : -1;
}

/** Seven digits or more, in no more than six groups, that are no date. */
function nationalEnd(bytes: Uint8Array, run: number): number {
  const end = grouped(bytes, run);
  return end > 0 && count >= 7 && count <= MOST_DIGITS && groups <= 6 && !isDate(bytes, run, end) ? whole(bytes, end) : -1;
}

/** `2024-01-15`, `15/01/2024`, and what begins with one. */
function isDate(bytes: Uint8Array, run: number, end: number): boolean {
  if (groups < 3) return false;
  const [first, second] = [pair(0), pair(2)];
  if ((first === 19 || first === 20) && isJoiner(bytes[run + 4]) && count >= 8 && isDay(pair(4), pair(6))) return true;
  return end - run === 10 && isJoiner(bytes[run + 2]) && isJoiner(bytes[run + 5]) && (isDay(first, second) || isDay(second, first));
}

function pair(index: number): number {
  return digitAt(DIGITS, index) * 10 + digitAt(DIGITS, index + 1);
}
