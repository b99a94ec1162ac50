const WORD = new Uint8Array(256);
for (const [first, last] of [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]] as const) WORD.fill(1, first, last + 1);

/** What stands between the edges of words: ASCII letters, digits and the underscore. */
export { WORD as WORD_BYTES };

/** Whether the byte at a place is part of a word; what is outside the bytes is not. */
export function isWordAt(bytes: Uint8Array, at: number): boolean {
  return at >= 0 && at < bytes.length && WORD[bytes[at]!] === 1;
}
