import { CR, LF, readNewline } from './copy-newline.js';
import type { NewlineKind } from './copy-newline.js';
import type { CopyOptions, CopyStep } from './copy-reader.js';
import { CopyReader } from './copy-reader.js';
import { typeSet } from './message-types.js';

const BACKSLASH = 0x5c;
const DOT = 0x2e;
const LOWER_X = 0x78;

/** The letters that stand for control characters behind a backslash, and those characters. */
const ESCAPES: readonly (readonly [letter: string, byte: number])[] = [
  ['b', 0x08],
  ['t', 0x09],
  ['n', LF],
  ['v', 0x0b],
  ['f', 0x0c],
  ['r', CR],
];
const BYTE_OF_LETTER: ReadonlyMap<number, number> = new Map(ESCAPES.map(([letter, byte]) => [letter.charCodeAt(0), byte]));
const LETTER_OF_BYTE: ReadonlyMap<number, number> = new Map(ESCAPES.map(([letter, byte]) => [byte, letter.charCodeAt(0)]));

/** The options of a COPY statement in text format, as the server has accepted them. */
export type CopyTextOptions = CopyOptions & {
  /** One ASCII character. */
  readonly delimiter?: string | undefined;
  readonly nullText?: string | undefined;
  /** Reads a field that looks like `nullText` as a value: COPY TO writes a value that equals another null text than `\\N` just as NULL. */
  readonly nullsAreValues?: boolean | undefined;
};

/**
 * Reads COPY streams in text format: fields between delimiters, backslash escapes, rows ended by a newline.
 *
 * The stream must be in an encoding whose multi-byte characters hold no ASCII bytes, such as UTF-8.
 * Source: PostgreSQL documentation, "COPY", "Text Format".
 */
export class CopyTextReader extends CopyReader {
  protected readonly fieldPrefixBytes = 0;
  private readonly delimiter: number;
  private readonly nullText: Buffer;
  private readonly nullsAreValues: boolean;
  private readonly special: Uint8Array;
  private newline: NewlineKind | undefined;
  /** Where the field under way begins, in bytes from the beginning of its row. */
  private fieldFrom = 0;

  constructor(options: CopyTextOptions = {}) {
    super(options);
    const delimiter = options.delimiter ?? '\t';
    this.delimiter = delimiter.charCodeAt(0);
    this.nullText = Buffer.from(options.nullText ?? '\\N');
    this.nullsAreValues = options.nullsAreValues === true;
    this.special = typeSet(`${delimiter}\\\n\r`);
  }

  value(column: number): Buffer | null {
    return this.isNull(column) ? null : decodeCopyText(this.buffer.subarray(this.fieldStart(column), this.fieldEnd(column)));
  }

  protected encodeField(value: Uint8Array | null): Uint8Array {
    return value === null ? this.nullText : encodeCopyText(value, this.delimiter);
  }

  protected scanRow(): CopyStep {
    const { bytes, filled, special } = this;
    if (this.scan === 0) this.fieldFrom = 0;
    let at = this.from + this.scan;
    for (;;) {
      while (at < filled && special[bytes[at]!] === 0) at += 1;
      if (at === filled) return this.finished ? this.endRow(at, 0) : this.wait(at);
      const byte = bytes[at]!;
      if (byte === this.delimiter) {
        if (!this.endField(at)) return 'violation';
        at += 1;
      } else if (byte === BACKSLASH) {
        if (at + 1 === filled) return this.wait(at);
        if (bytes[at + 1] === DOT) return this.readMarker(at);
        at += 2;
      } else {
        return this.readRowEnd(at);
      }
    }
  }

  private readRowEnd(at: number): CopyStep {
    const size = this.newlineSize(at);
    if (size < 0) return this.break('copy-malformed', 'a newline of another kind than the first one');
    return size === 0 ? this.wait(at) : this.endRow(at, size);
  }

  private newlineSize(at: number): number {
    const following = at + 1 < this.filled ? this.bytes[at + 1] : this.finished ? 'end' : undefined;
    const { size, kind } = readNewline(this.newline, this.bytes[at]!, following);
    this.newline ??= kind;
    return size;
  }

  /** `\.` must be alone on its line; anywhere else servers of different age read it differently. */
  private readMarker(at: number): CopyStep {
    const behind = at + 2;
    if (at !== this.from) return this.break('copy-malformed', 'an end-of-data marker within a row');
    if (behind === this.filled) return this.finished ? this.takeMarker(2) : this.wait(at);
    const byte = this.bytes[behind];
    const size = byte === LF || byte === CR ? this.newlineSize(behind) : -1;
    if (size < 0) return this.break('copy-malformed', 'an end-of-data marker with data behind it');
    return size === 0 ? this.wait(at) : this.takeMarker(2 + size);
  }

  private endField(at: number): boolean {
    const start = this.from + this.fieldFrom;
    const isNull = !this.nullsAreValues && at - start === this.nullText.length && this.nullText.compare(this.bytes, start, at) === 0;
    this.fieldFrom = at + 1 - this.from;
    return this.addField(start, at, isNull);
  }

  private endRow(at: number, newlineBytes: number): CopyStep {
    const isRowOfNoColumns = this.columns === 0 && at === this.from;
    if (!isRowOfNoColumns && !this.endField(at)) return 'violation';
    return this.takeRow(at + newlineBytes - this.from);
  }
}

/**
 * Undoes the backslash escapes of one field: the six letters, octal `\o` to `\ooo`, hexadecimal `\xh` and `\xhh`; any
 * other character behind a backslash stands for itself.
 */
export function decodeCopyText(field: Buffer): Buffer {
  if (!field.includes(BACKSLASH)) return field;
  const value = Buffer.allocUnsafe(field.length);
  let to = 0;
  for (let at = 0; at < field.length; ) {
    const byte = field[at]!;
    const size = byte === BACKSLASH ? escapeBytes(field, at) : 1;
    value[to] = size === 1 ? byte : escapedByte(field, at, size);
    to += 1;
    at += size;
  }
  return value.subarray(0, to);
}

/** How many bytes the escape at `at` takes; 1 for a backslash at the very end, which stands for itself. */
function escapeBytes(field: Buffer, at: number): number {
  const letter = field[at + 1];
  if (letter === undefined) return 1;
  if (letter === LOWER_X) return 2 + digits(field, at + 2, 2, isHex);
  return Math.max(2, 1 + digits(field, at + 1, 3, isOctal));
}

function escapedByte(field: Buffer, at: number, size: number): number {
  const letter = field[at + 1]!;
  if (letter === LOWER_X && size > 2) return Number.parseInt(field.toString('latin1', at + 2, at + size), 16);
  if (isOctal(letter)) return Number.parseInt(field.toString('latin1', at + 1, at + size), 8) & 0xff;
  return BYTE_OF_LETTER.get(letter) ?? letter;
}

function digits(field: Buffer, from: number, max: number, isDigit: (byte: number) => boolean): number {
  let count = 0;
  while (count < max && from + count < field.length && isDigit(field[from + count]!)) count += 1;
  return count;
}

function isOctal(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x37;
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

/** Writes a value as one field, with the escapes that PostgreSQL's COPY TO writes. */
export function encodeCopyText(value: Uint8Array, delimiter: number): Buffer {
  const field = Buffer.allocUnsafe(2 * value.length);
  let to = 0;
  for (const byte of value) {
    const letter = LETTER_OF_BYTE.get(byte) ?? (byte === BACKSLASH || byte === delimiter ? byte : undefined);
    if (letter !== undefined) {
      field[to] = BACKSLASH;
      to += 1;
    }
    field[to] = letter ?? byte;
    to += 1;
  }
  return field.subarray(0, to);
}
