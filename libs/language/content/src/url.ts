import { AT, CLOSE, COLON, DOT, isLetter, isWord, OPEN, pastEscape, SLASH, startsClean } from './bytes.js';
import { KINDS } from './kinds.js';

const SCHEME_MAX_BYTES = 16;
const [QUESTION, HASH, OPEN_SQUARE, CLOSE_SQUARE, OPEN_CURLY, CLOSE_CURLY] = [0x3f, 0x23, 0x5b, 0x5d, 0x7b, 0x7d];

/** Bytes that end an address wherever it stands: blanks, controls, quotes, and the brackets and strokes that RFC 3986 leaves out. */
const ENDS = new Uint8Array(256);
for (let byte = 0; byte <= 0x20; byte += 1) ENDS[byte] = 1;
for (const mark of '"<>\\^`|\x7f') ENDS[mark.charCodeAt(0)] = 1;
/** Marks that belong to the sentence where they stand last. */
const TRAILING = new Uint8Array(256);
for (const mark of ".,;:!?'*_~") TRAILING[mark.charCodeAt(0)] = 1;

/** Start of the scheme that ends at the colon, which `//` follows; the colon itself where there is none. */
export function schemeStart(bytes: Uint8Array, colon: number): number {
  if (bytes[colon + 1] !== SLASH || bytes[colon + 2] !== SLASH) return colon;
  let start = colon;
  const least = Math.max(0, colon - SCHEME_MAX_BYTES);
  while (start > least && isSchemeByte(bytes[start - 1]!)) start -= 1;
  while (start < colon && !isLetter(bytes[start])) start += 1;
  return Math.min(colon, pastEscape(bytes, start));
}

/** Letters, digits, and what joins them: `git+ssh`. */
function isSchemeByte(byte: number): boolean {
  return byte < 0x80 && (isWord(byte) || byte === 0x2b || byte === 0x2d);
}

/** End of the address whose authority begins at `from`, or -1 where there is no host. No longer than the longest URL. */
export function urlEnd(bytes: Uint8Array, start: number, from: number): number {
  if (!isWord(bytes[from]) && bytes[from] !== OPEN_SQUARE && !hasCredentials(bytes, from)) return -1;
  const most = Math.min(bytes.length, start + KINDS.url.longest);
  let end = from;
  while (end < most && ENDS[bytes[end]!] === 0) end += 1;
  end = withoutTrailing(bytes, from, end);
  return end > from ? end : -1;
}

/** A closing bracket belongs to the address only where it was opened in it. */
function withoutTrailing(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  let opened: number | undefined;
  for (; end > from; end -= 1) {
    const last = bytes[end - 1]!;
    if (TRAILING[last] === 1) continue;
    if (last !== CLOSE && last !== CLOSE_SQUARE && last !== CLOSE_CURLY) break;
    opened ??= unclosed(bytes, from, to);
    if (opened >= 0) break;
    opened += 1;
  }
  return end;
}

/** Opening brackets less closing ones. */
function unclosed(bytes: Uint8Array, from: number, to: number): number {
  let open = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at]!;
    if (byte === OPEN || byte === OPEN_SQUARE || byte === OPEN_CURLY) open += 1;
    else if (byte === CLOSE || byte === CLOSE_SQUARE || byte === CLOSE_CURLY) open -= 1;
  }
  return open;
}

/** Whether the authority from `from` holds a name and a password. */
export function hasCredentials(bytes: Uint8Array, from: number): boolean {
  const most = Math.min(bytes.length, from + KINDS.url.longest - SCHEME_MAX_BYTES - 3);
  let colon = -1;
  for (let at = from; at < most; at += 1) {
    const byte = bytes[at]!;
    if (byte === SLASH || byte === QUESTION || byte === HASH || ENDS[byte] === 1) return false;
    if (byte === COLON && colon < 0) colon = at;
    if (byte === AT) return colon >= 0 && at > colon + 1;
  }
  return false;
}

/** Start of `www` before the dot at `dot`; the dot itself where it is not that. */
export function wwwStart(bytes: Uint8Array, dot: number): number {
  const start = dot - 3;
  if (start < 0 || !startsClean(bytes, start) || bytes[start - 1] === SLASH || bytes[start - 1] === DOT) return dot;
  for (let at = start; at < dot; at += 1) if ((bytes[at]! | 0x20) !== 0x77) return dot;
  return start;
}

/** End of an address without a scheme: it needs another dot in its host. */
export function wwwEnd(bytes: Uint8Array, start: number, dot: number): number {
  const end = urlEnd(bytes, start, dot + 1);
  if (end < 0) return -1;
  for (let at = dot + 1; at < end - 1 && bytes[at] !== SLASH && bytes[at] !== QUESTION; at += 1) if (bytes[at] === DOT && isLetter(bytes[at + 1])) return end;
  return -1;
}
