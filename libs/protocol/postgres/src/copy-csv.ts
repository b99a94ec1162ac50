import { readNewline } from './copy-newline.js';
import type { NewlineKind } from './copy-newline.js';
import type { CopyOptions, CopyStep } from './copy-reader.js';
import { CopyReader } from './copy-reader.js';
import { typeSet } from './message-types.js';

const END_MARKER = Buffer.from('\\.');

/** The options of a COPY statement in CSV format, as the server has accepted them. Each is one ASCII character, but `nullText`. */
export type CopyCsvOptions = CopyOptions & {
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  /** The quote itself where absent. */
  readonly escape?: string | undefined;
  readonly nullText?: string | undefined;
};

/**
 * Reads COPY streams in CSV format, as PostgreSQL reads them: a quote may open anywhere in a field, newlines within
 * quotes are data, and an unquoted field that equals the null text is NULL. A header line is a row like any other.
 *
 * An unquoted line of `\.` is refused: up to PostgreSQL 17 it ends the data, from 18 on it is data.
 * Source: PostgreSQL documentation, "COPY", "CSV Format".
 */
export class CopyCsvReader extends CopyReader {
  protected readonly fieldPrefixBytes = 0;
  private readonly delimiter: number;
  private readonly quote: number;
  private readonly escape: number;
  private readonly nullText: Buffer;
  private readonly special: Uint8Array;
  private newline: NewlineKind | undefined;
  private fieldFrom = 0;
  private inQuotes = false;
  private sawQuote = false;

  constructor(options: CopyCsvOptions = {}) {
    super(options);
    const { delimiter = ',', quote = '"', escape = quote, nullText = '' } = options;
    this.delimiter = delimiter.charCodeAt(0);
    this.quote = quote.charCodeAt(0);
    this.escape = escape.charCodeAt(0);
    this.nullText = Buffer.from(nullText);
    this.special = typeSet(`${delimiter}${quote}\n\r`);
  }

  value(column: number): Buffer | null {
    return this.isNull(column) ? null : decodeCopyCsv(this.buffer.subarray(this.fieldStart(column), this.fieldEnd(column)), this.quote, this.escape);
  }

  protected encodeField(value: Uint8Array | null): Uint8Array {
    if (value === null) return this.nullText;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return this.needsQuotes(bytes) ? quoted(bytes, this.quote, this.escape) : bytes;
  }

  /** Where PostgreSQL quotes too, and wherever the value could be taken for an end-of-data marker. */
  private needsQuotes(value: Buffer): boolean {
    return value.equals(this.nullText) || value.equals(END_MARKER) || value.some((byte) => this.special[byte] === 1);
  }

  protected scanRow(): CopyStep {
    const { bytes, filled, special } = this;
    if (this.scan === 0) this.beginRow();
    let at = this.from + this.scan;
    for (;;) {
      if (this.inQuotes) {
        at = this.skipQuoted(at);
        if (this.inQuotes) return this.waitInQuotes(at);
      }
      while (at < filled && special[bytes[at]!] === 0) at += 1;
      if (at === filled) return this.finished ? this.endRow(at, 0) : this.wait(at);
      const byte = bytes[at]!;
      if (byte === this.quote) this.inQuotes = this.sawQuote = true;
      else if (byte !== this.delimiter) return this.readRowEnd(at);
      else if (!this.endField(at)) return 'violation';
      at += 1;
    }
  }

  private beginRow(): void {
    this.fieldFrom = 0;
    this.inQuotes = false;
    this.sawQuote = false;
  }

  /** Steps behind the closing quote and leaves the quotes, or stops where more bytes are needed. */
  private skipQuoted(from: number): number {
    const { bytes, filled, quote, escape } = this;
    let at = from;
    while (at < filled) {
      const byte = bytes[at]!;
      if (byte === escape && escape !== quote) {
        if (at + 1 === filled) return at;
        at += bytes[at + 1] === quote || bytes[at + 1] === escape ? 2 : 1;
      } else {
        at += 1;
        if (byte !== quote) continue;
        this.inQuotes = false;
        return at;
      }
    }
    return at;
  }

  private waitInQuotes(at: number): CopyStep {
    return this.finished ? this.break('copy-malformed', 'a quoted field that is never closed') : this.wait(at);
  }

  private readRowEnd(at: number): CopyStep {
    const following = at + 1 < this.filled ? this.bytes[at + 1] : this.finished ? 'end' : undefined;
    const { size, kind } = readNewline(this.newline, this.bytes[at]!, following);
    this.newline ??= kind;
    if (size < 0) return this.break('copy-malformed', 'an unquoted newline of another kind than the first one');
    return size === 0 ? this.wait(at) : this.endRow(at, size);
  }

  private endField(at: number): boolean {
    const start = this.from + this.fieldFrom;
    const isNull = !this.sawQuote && at - start === this.nullText.length && this.nullText.compare(this.bytes, start, at) === 0;
    this.fieldFrom = at + 1 - this.from;
    this.sawQuote = false;
    return this.addField(start, at, isNull);
  }

  private endRow(at: number, newlineBytes: number): CopyStep {
    if (at - this.from === END_MARKER.length && END_MARKER.compare(this.bytes, this.from, at) === 0) {
      return this.break('copy-malformed', 'a line of \\. ends the data for some servers and is data for others');
    }
    const isRowOfNoColumns = this.columns === 0 && at === this.from;
    if (!isRowOfNoColumns && !this.endField(at)) return 'violation';
    return this.takeRow(at + newlineBytes - this.from);
  }
}

/** Undoes the quotes and escapes of one field. */
export function decodeCopyCsv(field: Buffer, quote: number, escape: number): Buffer {
  if (!field.includes(quote)) return field;
  const value = Buffer.allocUnsafe(field.length);
  let to = 0;
  let inQuotes = false;
  for (let at = 0; at < field.length; at += 1) {
    const byte = field[at]!;
    const following = field[at + 1];
    const escapes = inQuotes && byte === escape && (following === quote || following === escape);
    if (escapes) at += 1;
    else if (byte === quote) {
      inQuotes = !inQuotes;
      continue;
    }
    value[to] = field[at]!;
    to += 1;
  }
  return value.subarray(0, to);
}

function quoted(value: Buffer, quote: number, escape: number): Buffer {
  const field = Buffer.allocUnsafe(2 * value.length + 2);
  let to = field.writeUInt8(quote, 0);
  for (const byte of value) {
    if (byte === quote || byte === escape) to = field.writeUInt8(escape, to);
    to = field.writeUInt8(byte, to);
  }
  return field.subarray(0, field.writeUInt8(quote, to));
}
