import type { Format } from './payload.js';

const FIRST_BYTES = 256;

/**
 * Builds one or more messages in a growing buffer.
 *
 * Whoever encodes is this gateway, so a value that the wire cannot hold is a fault of the program and is thrown: a
 * string with NUL would end early and let its rest be read as the next field.
 */
export class MessageWriter {
  private buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private at = 0;
  private lengthAt = 0;

  /** Opens a typed message; its length is filled in by {@link MessageWriter.end}. */
  begin(type: string): this {
    return this.uint8(type.charCodeAt(0)).beginUntyped();
  }

  /** Opens a message without a type byte: those of the startup phase. */
  beginUntyped(): this {
    this.lengthAt = this.at;
    return this.int32(0);
  }

  end(): this {
    this.buffer.writeInt32BE(this.at - this.lengthAt, this.lengthAt);
    return this;
  }

  /** All messages written so far. The writer must not be used afterwards. */
  take(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  uint8(value: number): this {
    this.reserve(1);
    this.at = this.buffer.writeUInt8(value, this.at);
    return this;
  }

  int16(value: number): this {
    this.reserve(2);
    this.at = this.buffer.writeInt16BE(value, this.at);
    return this;
  }

  uint16(value: number): this {
    this.reserve(2);
    this.at = this.buffer.writeUInt16BE(value, this.at);
    return this;
  }

  int32(value: number): this {
    this.reserve(4);
    this.at = this.buffer.writeInt32BE(value, this.at);
    return this;
  }

  uint32(value: number): this {
    this.reserve(4);
    this.at = this.buffer.writeUInt32BE(value, this.at);
    return this;
  }

  string(value: string): this {
    if (value.includes('\0')) throw new RangeError('a protocol string must not contain NUL');
    const size = Buffer.byteLength(value);
    this.reserve(size + 1);
    this.at += this.buffer.write(value, this.at, size, 'utf8');
    return this.uint8(0);
  }

  bytes(value: Uint8Array): this {
    this.reserve(value.length);
    this.buffer.set(value, this.at);
    this.at += value.length;
    return this;
  }

  /** A value with its length in front; NULL has the length -1. */
  nullableBytes(value: Uint8Array | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).bytes(value);
  }

  format(value: Format): this {
    return this.uint16(value === 'binary' ? 1 : 0);
  }

  /** An unsigned Int16 count and that many items. */
  list<T>(items: readonly T[], write: (writer: this, item: T) => void): this {
    this.uint16(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  private reserve(size: number): void {
    const needed = this.at + size;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.length));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }
}
