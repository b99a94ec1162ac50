/** Classes of bytes, for scanners that never turn a cell into a string. UTF-8 continuation and lead bytes count as letters. */
export const DIGIT = 1;
export const LETTER = 2;
export const AT = 4;

const CLASS = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  if (byte >= 0x30 && byte <= 0x39) CLASS[byte] = DIGIT;
  else if ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte >= 0x80) CLASS[byte] = LETTER;
  else if (byte === 0x40) CLASS[byte] = AT;
}

export { CLASS as BYTE_CLASS };

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && CLASS[byte] === DIGIT;
}

/** A letter, a digit or a byte of a non-ASCII character: what a word is made of. */
export function isWord(byte: number | undefined): boolean {
  return byte !== undefined && (CLASS[byte]! & (DIGIT | LETTER)) !== 0;
}
