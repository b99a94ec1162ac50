import { isDigit, isWord } from './bytes.js';

/** End of the span (exclusive), or -1 when the bytes at `start` do not begin a card number. */
export type SpanEnd = number;

const SHORTEST = 12;
const LONGEST = 19;
const SPACE = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;

/**
 * A payment card number (ISO/IEC 7812-1): 12 to 19 digits, bare or grouped by single spaces or single dashes, beginning with
 * a known issuer range, and passing Luhn. `start` is the first digit of a run.
 */
export function cardAt(bytes: Uint8Array, start: number): SpanEnd {
  if (startsInsideNumber(bytes, start)) return -1;
  let count = 0;
  let separator = 0;
  let end = start;
  for (let at = start; at < bytes.length && count <= LONGEST; at += 1) {
    const byte = bytes[at]!;
    if (isDigit(byte)) {
      DIGITS[count] = byte - 0x30;
      count += 1;
      end = at + 1;
    } else if (continuesGroup(bytes, at, separator)) {
      separator = byte;
    } else break;
  }
  if (count < SHORTEST || count > LONGEST || endsInsideNumber(bytes, end)) return -1;
  const digits = DIGITS.subarray(0, count);
  return hasIssuerRange(digits) && passesLuhn(digits) ? end : -1;
}

/** Digits of the number in hand: most runs of digits are no card, so none costs an array of its own. */
const DIGITS = new Uint8Array(LONGEST + 1);

function continuesGroup(bytes: Uint8Array, at: number, separator: number): boolean {
  const byte = bytes[at];
  if (byte !== SPACE && byte !== DASH) return false;
  return (separator === 0 || separator === byte) && isDigit(bytes[at + 1]);
}

function startsInsideNumber(bytes: Uint8Array, start: number): boolean {
  const before = bytes[start - 1];
  if (isWord(before)) return true;
  if (before === DOT && isDigit(bytes[start - 2])) return true;
  return before === DASH && isHexWordBefore(bytes, start - 1);
}

/** The last group of a UUID follows a dash and four hexadecimal digits that follow another dash. */
function isHexWordBefore(bytes: Uint8Array, dash: number): boolean {
  return isWord(bytes[dash - 1]) && bytes[dash - 5] === DASH;
}

function endsInsideNumber(bytes: Uint8Array, end: number): boolean {
  return isWord(bytes[end]) || (bytes[end] === DOT && isDigit(bytes[end + 1])) || (bytes[end] === DASH && isWord(bytes[end + 1]));
}

/** Issuer identification ranges with the lengths in use (public ranges of the card schemes). */
function hasIssuerRange(digits: Uint8Array): boolean {
  const length = digits.length;
  const two = digits[0]! * 10 + digits[1]!;
  const four = two * 100 + digits[2]! * 10 + digits[3]!;
  if (digits[0] === 4) return length === 13 || length === 16 || length === 19;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return length === 16;
  if (two === 34 || two === 37) return length === 15;
  if (two === 36 || two === 38 || two === 39 || (four >= 3000 && four <= 3059)) return length >= 14;
  if (two === 35) return length >= 16;
  return two === 50 || (two >= 56 && two <= 69);
}

/** The check of ISO/IEC 7812-1, annex B. */
export function passesLuhn(digits: ArrayLike<number>): boolean {
  let sum = 0;
  for (let index = digits.length - 1, double = false; index >= 0; index -= 1, double = !double) {
    const digit = digits[index]! * (double ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}
