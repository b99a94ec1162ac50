import type { CopyOptions, CopyStep } from './copy-reader.js';
import { CopyReader } from './copy-reader.js';
import { COLUMNS_MAX, COPY_BINARY_EXTENSION_MAX_BYTES } from './limits.js';

/** Eleven bytes that show a file mangled by newline translation or by a seven-bit channel. */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Signature, flags, length of the extension area. */
const HEADER_FIXED_BYTES = SIGNATURE.length + 8;
const COUNT_BYTES = 2;
const SIZE_BYTES = 4;
/** A field count that ends the data, and a size that stands for NULL. */
const TRAILER = -1;
const NULL_SIZE = -1;

/**
 * Reads COPY streams in binary format: a header, rows of counted fields with counted sizes, and a trailer, which
 * PostgreSQL does not insist on.
 *
 * Source: PostgreSQL documentation, "COPY", "Binary Format".
 */
export class CopyBinaryReader extends CopyReader {
  protected readonly fieldPrefixBytes = SIZE_BYTES;
  private headerSeen = false;

  constructor(options: CopyOptions = {}) {
    super(options);
  }

  /** The value in the type's binary form; a view, not a copy. */
  value(column: number): Buffer | null {
    return this.isNull(column) ? null : this.buffer.subarray(this.fieldStart(column), this.fieldEnd(column));
  }

  protected encodeField(value: Uint8Array | null): Uint8Array {
    const field = Buffer.allocUnsafe(SIZE_BYTES + (value?.length ?? 0));
    field.writeInt32BE(value?.length ?? NULL_SIZE, 0);
    if (value !== null) field.set(value, SIZE_BYTES);
    return field;
  }

  protected scanRow(): CopyStep {
    if (!this.headerSeen) return this.scanHeader();
    if (this.filled - this.from < COUNT_BYTES) return this.wait(this.from);
    const count = this.bytes.readInt16BE(this.from);
    if (count === TRAILER) return this.takeMarker(COUNT_BYTES);
    if (count < 0) return this.break('copy-malformed', `a row of ${count} fields`);
    if (count > COLUMNS_MAX) return this.break('count-too-large', `a row of ${count} fields; the ceiling is ${COLUMNS_MAX}`);
    if (this.columns !== undefined && count !== this.columns) return this.break('count-mismatch', `a row of ${count} fields; ${this.columns} were announced`);
    return this.scanFields(count);
  }

  private scanFields(count: number): CopyStep {
    let at = this.from + Math.max(this.scan, COUNT_BYTES);
    while (this.count < count) {
      if (this.filled - at < SIZE_BYTES) return this.wait(at);
      const size = this.bytes.readInt32BE(at);
      if (size < NULL_SIZE) return this.break('copy-malformed', `a field of ${size} bytes`);
      const start = at + SIZE_BYTES;
      const end = start + Math.max(0, size);
      // Before any of the field is awaited: its size is only a claim.
      if (end - this.from > this.maxRowBytes) return this.breakRowSize();
      if (end > this.filled) return this.wait(at);
      if (!this.addField(start, end, size === NULL_SIZE)) return 'violation';
      at = end;
    }
    return this.takeRow(at - this.from);
  }

  private scanHeader(): CopyStep {
    const left = this.filled - this.from;
    const seen = Math.min(left, SIGNATURE.length);
    if (SIGNATURE.compare(this.bytes, this.from, this.from + seen, 0, seen) !== 0) return this.break('copy-malformed', 'not a binary COPY stream');
    if (left < HEADER_FIXED_BYTES) return this.wait(this.from);
    const flags = this.bytes.readUInt32BE(this.from + SIGNATURE.length);
    const extension = this.bytes.readUInt32BE(this.from + SIGNATURE.length + 4);
    // The upper half of the flags changes how rows are laid out; none that is still in use is known.
    if (flags >>> 16 !== 0) return this.break('copy-malformed', `critical flags 0x${flags.toString(16)}`);
    if (extension > COPY_BINARY_EXTENSION_MAX_BYTES) return this.break('length-too-large', `a header extension of ${extension} bytes; its ceiling is ${COPY_BINARY_EXTENSION_MAX_BYTES}`);
    if (left < HEADER_FIXED_BYTES + extension) return this.wait(this.from);
    this.headerSeen = true;
    return this.take('header', HEADER_FIXED_BYTES + extension);
  }
}
