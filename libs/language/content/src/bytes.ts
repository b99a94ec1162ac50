/** Classes of bytes, for scanners that never turn a text into a string. Bytes of non-ASCII characters count as letters. */
const DIGIT = 1;
const LETTER = 2;
const HEX = 4;

const CLASS = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  const lower = byte | 0x20;
  if (byte >= 0x30 && byte <= 0x39) CLASS[byte] = DIGIT | HEX;
  else if (byte >= 0x80 || (lower >= 0x61 && lower <= 0x7a)) CLASS[byte] = LETTER | (byte < 0x80 && lower <= 0x66 ? HEX : 0);
}

export const [SPACE, DASH, DOT, SLASH, COLON, PLUS, OPEN, CLOSE, UNDERSCORE, HASH, AT, BACKSLASH] = [0x20, 0x2d, 0x2e, 0x2f, 0x3a, 0x2b, 0x28, 0x29, 0x5f, 0x23, 0x40, 0x5c] as const;

/** What stands outside of a text (undefined) is of no class. */
export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && (CLASS[byte]! & DIGIT) !== 0;
}

export function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && (CLASS[byte]! & LETTER) !== 0;
}

/** A letter, a digit or a byte of a non-ASCII character: what a word is made of. */
export function isWord(byte: number | undefined): boolean {
  return byte !== undefined && (CLASS[byte]! & (DIGIT | LETTER)) !== 0;
}

export function isHex(byte: number | undefined): boolean {
  return byte !== undefined && (CLASS[byte]! & HEX) !== 0;
}

/** The byte after the escape (as of JSON: `\n`, `\u0020`) whose backslash stands right before `at`; `at` itself where there is none. */
export function pastEscape(bytes: Uint8Array, at: number): number {
  if (at === 0 || bytes[at - 1] !== BACKSLASH) return at;
  const letter = bytes[at]!;
  if (letter === 0x75) return isHex(bytes[at + 1]) && isHex(bytes[at + 2]) && isHex(bytes[at + 3]) && isHex(bytes[at + 4]) ? at + 5 : at;
  return letter === 0x6e || letter === 0x74 || letter === 0x72 || letter === 0x62 || letter === 0x66 ? at + 1 : at;
}

/** Whether nothing of the same number, word, amount, version or UUID stands before `start`. */
export function startsClean(bytes: Uint8Array, start: number): boolean {
  if (start === 0) return true;
  const before = bytes[start - 1]!;
  if (isWord(before)) return pastEscape(bytes, start - 1) === start;
  if (before !== DOT && before !== DASH && before !== SLASH) return true;
  return start === 1 || (!isDigit(bytes[start - 2]) && !(before === DASH && endsGroupOfUuid(bytes, start - 1)));
}

/** Stricter, for numbers that other numbers look like: no word is joined to it from the left, either (`INV-20240115-0042`). */
export function startsAlone(bytes: Uint8Array, start: number): boolean {
  if (!startsClean(bytes, start)) return false;
  const before = start > 0 ? bytes[start - 1]! : SPACE;
  return !((before === DASH || before === SLASH || before === DOT || before === UNDERSCORE || before === HASH) && start > 1 && isWord(bytes[start - 2]));
}

/** Whether nothing of it follows `end`. */
export function endsClean(bytes: Uint8Array, end: number): boolean {
  if (end >= bytes.length) return true;
  const after = bytes[end]!;
  if (isWord(after)) return false;
  if (end + 1 >= bytes.length) return true;
  if (after === DASH || after === UNDERSCORE) return !isWord(bytes[end + 1]);
  return after !== DOT || !isDigit(bytes[end + 1]);
}

/** Groups of a UUID end before a dash and begin after another one. */
function endsGroupOfUuid(bytes: Uint8Array, dash: number): boolean {
  return dash >= 5 && isHex(bytes[dash - 1]) && isHex(bytes[dash - 2]) && isHex(bytes[dash - 3]) && isHex(bytes[dash - 4]) && bytes[dash - 5] === DASH;
}
