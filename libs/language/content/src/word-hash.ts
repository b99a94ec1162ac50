/** Letters in lower case (of ASCII), bytes of non-ASCII characters as they are, 0 for everything else: what words are made of. */
export const LETTER_OF = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  const lower = byte | 0x20;
  LETTER_OF[byte] = byte >= 0x80 ? byte : lower >= 0x61 && lower <= 0x7a ? lower : 0;
}

/** The hash of a word after one more letter. Never 0 in the end, but for no word. */
export function withLetter(hash: number, letter: number): number {
  return Math.imul(hash ^ letter, 0x0100_0193);
}

/** The hash of the word from `start` to `end`, in whatever case. */
export function wordHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at += 1) hash = withLetter(hash, LETTER_OF[bytes[at]!]!);
  return hash;
}
