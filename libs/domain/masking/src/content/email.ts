import { BYTE_CLASS, DIGIT, isWord, LETTER } from './bytes.js';

const LOCAL_PART_MAX_BYTES = 64;
const DOMAIN_MAX_BYTES = 253;
const DOT = 0x2e;
const DASH = 0x2d;
const LOCAL_MARKS = new Set([..."!#$%&'*+-/=?^_`{|}~."].map((mark) => mark.charCodeAt(0)));

/**
 * The e-mail address (RFC 5321, section 4.1.2; dot-string local parts, domain names, UTF-8 allowed as in RFC 6531) around the
 * `@` at `at`, or undefined.
 */
export function emailAround(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } | undefined {
  const start = localPartStart(bytes, at);
  const end = domainEnd(bytes, at + 1);
  return start < at && end > 0 ? { start, end } : undefined;
}

function localPartStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && at - start < LOCAL_PART_MAX_BYTES && (isWord(bytes[start - 1]) || LOCAL_MARKS.has(bytes[start - 1]!))) start -= 1;
  while (start < at && !isWord(bytes[start])) start += 1;
  return start;
}

/** End of a domain of at least two labels whose last is two letters or more; -1 otherwise. */
function domainEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  let lastDot = -1;
  while (end < bytes.length && end - start < DOMAIN_MAX_BYTES) {
    const byte = bytes[end]!;
    if (byte === DOT && isWord(bytes[end - 1]) && isWord(bytes[end + 1])) lastDot = end;
    else if (byte !== DASH && (BYTE_CLASS[byte]! & (DIGIT | LETTER)) === 0) break;
    end += 1;
  }
  while (end > start && bytes[end - 1] === DASH) end -= 1;
  if (lastDot <= start || end - lastDot < 3) return -1;
  for (let index = lastDot + 1; index < end; index += 1) if (BYTE_CLASS[bytes[index]!] === DIGIT) return -1;
  return end;
}
