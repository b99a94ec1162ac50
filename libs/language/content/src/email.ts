import { BACKSLASH, DASH, DOT, isDigit, isHex, isLetter, isWord, pastEscape } from './bytes.js';
import { wordHash } from './word-hash.js';

const LOCAL_PART_MAX_BYTES = 64;
const DOMAIN_MAX_BYTES = 253;
const [QUOTE, OPEN_SQUARE, CLOSE_SQUARE, BLANK] = [0x22, 0x5b, 0x5d, 0x20];
const LOCAL_MARK = new Uint8Array(256);
for (const mark of "!#$%&'*+-/=?^_`{|}~.") LOCAL_MARK[mark.charCodeAt(0)] = 1;
/** Endings of names of files, which are no top-level domains: `logo@2x.png`. */
const FILE_ENDINGS = new Set(['png', 'jpg', 'jpeg', 'gif', 'svg', 'webp', 'css', 'js', 'mjs', 'ts', 'tsx', 'json', 'html', 'xml', 'yaml', 'yml', 'txt', 'pdf', 'service'].map((ending) => wordHash(Buffer.from(ending), 0, ending.length)));

/**
 * Start of the local part of an e-mail address before the `@` at `at` (RFC 5321, section 4.1.2, with UTF-8 as in RFC 6531): a dot-string, or a
 * string in quotes. `at` itself where there is none.
 */
export function localPartStart(bytes: Uint8Array, at: number): number {
  if (at > 0 && bytes[at - 1] === QUOTE) return quotedStart(bytes, at);
  const least = Math.max(0, at - LOCAL_PART_MAX_BYTES);
  let start = at;
  while (start > least && (isWord(bytes[start - 1]) || LOCAL_MARK[bytes[start - 1]!] === 1)) start -= 1;
  while (start < at && !isWord(bytes[start])) start += 1;
  start = pastEscape(bytes, start);
  return start < at && bytes[at - 1] !== DOT ? start : at;
}

function quotedStart(bytes: Uint8Array, at: number): number {
  const least = Math.max(0, at - LOCAL_PART_MAX_BYTES);
  for (let start = at - 2; start >= least; start -= 1) {
    const byte = bytes[start]!;
    if (byte === QUOTE) return start < at - 2 && bytes[start - 1] !== BACKSLASH && (start === 0 || !isWord(bytes[start - 1])) ? start : at;
    if (byte < BLANK || byte === 0x7f) return at;
  }
  return at;
}

/** End of the domain from `start`: two labels or more whose last is letters, or an address in square brackets. -1 where there is none. */
export function domainEnd(bytes: Uint8Array, start: number): number {
  if (bytes[start] === OPEN_SQUARE) return literalEnd(bytes, start);
  const most = Math.min(bytes.length, start + DOMAIN_MAX_BYTES);
  let end = start;
  let lastDot = -1;
  for (; end < most; end += 1) {
    const byte = bytes[end]!;
    if (byte === DOT && end > start && end + 1 < bytes.length && isWord(bytes[end - 1]) && isWord(bytes[end + 1])) lastDot = end;
    else if (byte !== DASH && !isWord(byte)) break;
  }
  while (end > start && bytes[end - 1] === DASH) end -= 1;
  return lastDot > start && isTopLevel(bytes, lastDot + 1, end) ? end : -1;
}

/** Two letters or more, or letters that stand for others (`xn--`). */
function isTopLevel(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2) return false;
  if (end - start > 5 && (bytes[start]! | 0x20) === 0x78 && (bytes[start + 1]! | 0x20) === 0x6e && bytes[start + 2] === DASH && bytes[start + 3] === DASH) return true;
  for (let at = start; at < end; at += 1) if (!isLetter(bytes[at])) return false;
  return end - start > 7 || !FILE_ENDINGS.has(wordHash(bytes, start, end));
}

function literalEnd(bytes: Uint8Array, start: number): number {
  const most = Math.min(bytes.length, start + 48);
  let at = start + 1;
  while (at < most && (isHex(bytes[at]) || bytes[at] === DOT || bytes[at] === 0x3a)) at += 1;
  return at > start + 3 && at < most && bytes[at] === CLOSE_SQUARE && isDigit(bytes[start + 1]) ? at + 1 : -1;
}

