import { Buffer, isAscii } from 'node:buffer';

/** A stretch of bytes as text, with the way back. */
export interface Decoded {
  readonly text: string;
  /** The byte that code unit `at` of the text begins at; `text.length` gives the end. Relative to the stretch. */
  byteAt(at: number): number;
}

const REPLACEMENT = 0xfffd;
const UNITS_AT_ONCE = 4096;

/** Decodes UTF-8. Every byte that belongs to no character becomes one replacement character of its own, so that offsets stay exact. */
export function decoded(bytes: Uint8Array): Decoded {
  if (isAscii(bytes)) return { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'), byteAt: (at) => at };
  const units = new Uint16Array(bytes.length);
  const offsets = new Int32Array(bytes.length + 1);
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    const point = length === 0 ? REPLACEMENT : codePoint(bytes, at, length);
    offsets[count] = at;
    if (point > 0xffff) {
      units[count] = 0xd800 + ((point - 0x10000) >> 10);
      offsets[count + 1] = at;
      units[count + 1] = 0xdc00 + ((point - 0x10000) & 0x3ff);
      count += 2;
    } else units[count++] = point;
    at += Math.max(length, 1);
  }
  offsets[count] = bytes.length;
  let text = '';
  for (let at = 0; at < count; at += UNITS_AT_ONCE) text += String.fromCharCode(...units.subarray(at, Math.min(count, at + UNITS_AT_ONCE)));
  return { text, byteAt: (at) => offsets[at]! };
}

/** How many bytes the character at `at` has; 0 where none is well-formed there (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  for (let next = at + 1; next < at + length; next += 1) if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  const point = codePoint(bytes, at, length);
  const least = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
  return point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? 0 : length;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return bytes[at]!;
  let point = bytes[at]! & (0xff >> (length + 1));
  for (let next = at + 1; next < at + length; next += 1) point = (point << 6) | (bytes[next]! & 0x3f);
  return point;
}
