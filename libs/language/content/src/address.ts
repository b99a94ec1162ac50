import { COLON, DASH, DOT, isDigit, isHex, isWord, startsClean } from './bytes.js';
import { lengths, type Recognizer } from './recognizer.js';

const OCTETS = 4;
/** Words before which four numbers are a version. */
const VERSION_WORDS: readonly string[] = ['version', 'versions', 'ver', 'release', 'build', 'firmware', 'upgrade', 'downgrade', 'oid', 'section'];

/** IPv4 addresses: four octets, no part of a longer number, no version. */
export const IPV4: readonly Recognizer[] = [
  { kind: 'ip', score: 0.9, runs: { lengths: lengths(1, 3), followedBy: ['dot'] }, notAfter: VERSION_WORDS, match: (bytes, start) => (startsClean(bytes, start) ? ipv4End(bytes, start, true) : -1) },
];

/** End of the IPv4 address at `start`, or -1. `whole`: nothing that goes on follows. */
function ipv4End(bytes: Uint8Array, start: number, whole: boolean): number {
  let at = start;
  for (let octet = 0; octet < OCTETS; octet += 1) {
    if (octet > 0) {
      if (bytes[at] !== DOT) return -1;
      at += 1;
    }
    const from = at;
    let value = 0;
    for (; at - from < 4 && at < bytes.length && isDigit(bytes[at]); at += 1) value = value * 10 + bytes[at]! - 0x30;
    if (at === from || value > 255 || (at - from > 1 && bytes[from] === 0x30)) return -1;
  }
  const follows = at < bytes.length ? bytes[at] : undefined;
  return isWord(follows) || follows === DASH || (whole && follows === DOT && isWord(bytes[at + 1])) ? -1 : at;
}

const GROUPS = 8;

/** Start of the IPv6 address whose first colon is at `colon`, or -1 where a colon stands before it, too. */
export function ipv6Start(bytes: Uint8Array, colon: number): number {
  let start = colon;
  while (start > 0 && colon - start < 5 && isHex(bytes[start - 1])) start -= 1;
  if (colon - start > 4) return -1;
  const before = start > 0 ? bytes[start - 1] : undefined;
  return isWord(before) || before === COLON || before === DOT ? -1 : start;
}

/** End of the IPv6 address from `start` (RFC 4291, section 2.2), or -1: eight groups, or fewer with `::`, or with an IPv4 address for the last two. */
export function ipv6End(bytes: Uint8Array, start: number): number {
  let groups = 0;
  let gap = false;
  let digits = false;
  let at = start;
  for (;;) {
    if (bytes[at] === COLON && bytes[at + 1] === COLON) {
      if (gap) return -1;
      gap = true;
      at += 2;
    } else if (groups > 0) {
      if (bytes[at] !== COLON || !isHex(bytes[at + 1])) break;
      at += 1;
    }
    const from = at;
    while (at - from < 5 && isHex(bytes[at])) {
      digits ||= isDigit(bytes[at]);
      at += 1;
    }
    if (at - from > 4) return -1;
    if (bytes[at] === DOT && groups >= 1 && isDigit(bytes[at + 1])) return dottedEnd(bytes, from, groups + 2, gap);
    if (at === from) break;
    groups += 1;
    if (groups > GROUPS) return -1;
  }
  const follows = at < bytes.length ? bytes[at] : undefined;
  if (isWord(follows) || follows === COLON || (follows === DOT && isWord(bytes[at + 1]))) return -1;
  return isWhole(groups, gap) && digits && (groups > 1 || bytes[start] === COLON || (groups === 1 && gap && at - start > 5)) ? at : -1;
}

function dottedEnd(bytes: Uint8Array, from: number, groups: number, gap: boolean): number {
  const end = ipv4End(bytes, from, true);
  return end > 0 && isWhole(groups, gap) ? end : -1;
}

function isWhole(groups: number, gap: boolean): boolean {
  return gap ? groups < GROUPS : groups === GROUPS;
}

const MAC_OCTETS = 6;
const MAC_BYTES = 17;

/** End of the hardware address (six octets joined by the byte at `joiner`, which is the first such) that begins two bytes before, or -1. */
export function macEnd(bytes: Uint8Array, joiner: number): number {
  const start = joiner - 2;
  if (start < 0 || start + MAC_BYTES > bytes.length || !startsClean(bytes, start) || bytes[start - 1] === bytes[joiner]) return -1;
  let digits = false;
  for (let octet = 0; octet < MAC_OCTETS; octet += 1) {
    const at = start + octet * 3;
    if (!isHex(bytes[at]) || !isHex(bytes[at + 1]) || (octet > 0 && bytes[at - 1] !== bytes[joiner])) return -1;
    digits ||= isDigit(bytes[at]) || isDigit(bytes[at + 1]);
  }
  const end = start + MAC_BYTES;
  return digits && !isWord(bytes[end]) && bytes[end] !== bytes[joiner] ? end : -1;
}
