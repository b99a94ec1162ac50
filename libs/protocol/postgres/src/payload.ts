import { isUtf8 } from 'node:buffer';
import type { Decoded, Violation, ViolationReason } from './violation.js';

const EMPTY = Buffer.alloc(0);

/** Up to here a loop is faster than a call into the runtime. */
const SHORT_BYTES = 48;

/**
 * Reads the fields of one message payload, strictly.
 *
 * The first breach stands and every later read answers an empty value, so that a decoder reads as the list of its
 * fields and asks once, in {@link PayloadReader.finish}, whether all of it was true.
 */
export class PayloadReader {
  violation: Violation | undefined;
  private readonly buffer: Buffer;
  private at: number;
  private readonly end: number;

  constructor(buffer: Buffer, start: number, end: number) {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Records the first breach; later ones are its consequences. */
  fail(reason: ViolationReason, detail: string): void {
    this.violation ??= { reason, detail };
    this.at = this.end;
  }

  uint8(): number {
    return this.has(1) ? this.buffer.readUInt8(this.step(1)) : 0;
  }

  int16(): number {
    return this.has(2) ? this.buffer.readInt16BE(this.step(2)) : 0;
  }

  uint16(): number {
    return this.has(2) ? this.buffer.readUInt16BE(this.step(2)) : 0;
  }

  int32(): number {
    return this.has(4) ? this.buffer.readInt32BE(this.step(4)) : 0;
  }

  uint32(): number {
    return this.has(4) ? this.buffer.readUInt32BE(this.step(4)) : 0;
  }

  /** The bytes up to the next NUL, which is consumed; a view, not a copy. */
  stringBytes(): Buffer {
    const nul = this.violation === undefined ? this.buffer.indexOf(0, this.at) : -1;
    if (nul < 0 || nul >= this.end) {
      this.fail('missing-terminator', 'a string has no terminating NUL');
      return EMPTY;
    }
    const bytes = this.buffer.subarray(this.at, nul);
    this.at = nul + 1;
    return bytes;
  }

  /** A NUL-terminated string that must be UTF-8: a lossy reading would judge another text than the one that runs. */
  string(): string {
    return this.shortAsciiString() ?? this.checkedString();
  }

  /** Names of statements and portals, mostly: worth not asking the runtime three times. Undefined where it is none. */
  private shortAsciiString(): string | undefined {
    const { buffer, at } = this;
    const limit = Math.min(this.end, at + SHORT_BYTES);
    let nul = at;
    while (nul < limit && buffer[nul]! > 0 && buffer[nul]! < 0x80) nul += 1;
    if (nul === limit || buffer[nul] !== 0 || this.violation !== undefined) return undefined;
    this.at = nul + 1;
    return nul === at ? '' : buffer.toString('latin1', at, nul);
  }

  private checkedString(): string {
    const bytes = this.stringBytes();
    if (isUtf8(bytes)) return bytes.toString('utf8');
    this.fail('invalid-utf8', 'a string is not UTF-8');
    return '';
  }

  /** A NUL-terminated string for people to read: bytes that are not UTF-8 become U+FFFD. */
  displayString(): string {
    return this.stringBytes().toString('utf8');
  }

  /** Exactly `size` bytes; a view, not a copy. */
  bytes(size: number): Buffer {
    if (!this.has(size)) return EMPTY;
    const from = this.step(size);
    return this.buffer.subarray(from, from + size);
  }

  /** Everything that is left; a view, not a copy. */
  rest(): Buffer {
    return this.bytes(this.left);
  }

  /** A value with an Int32 length in front; -1 stands for NULL. */
  nullableBytes(): Buffer | null {
    const size = this.int32();
    if (size >= 0) return this.bytes(size);
    if (size !== -1) this.fail('invalid-value', `a value declares ${size} bytes`);
    return null;
  }

  /** An unsigned Int16 count that neither exceeds `max` nor what the payload can hold at `itemMinBytes` each. */
  count(max: number, itemMinBytes: number): number {
    const count = this.uint16();
    if (count > max) this.fail('count-too-large', `${count} elements; the ceiling is ${max}`);
    else if (count * itemMinBytes > this.left) this.fail('truncated', `${count} elements do not fit into ${this.left} bytes`);
    return this.violation === undefined ? count : 0;
  }

  /** `count` items; stops at the first breach, so a false count costs nothing. */
  items<T>(count: number, read: (reader: this) => T): T[] {
    const items: T[] = [];
    for (let index = 0; index < count && this.violation === undefined; index += 1) items.push(read(this));
    return items;
  }

  /** The value, if every field was there and nothing is left over. */
  finish<T>(value: T): Decoded<T> {
    if (this.left > 0) this.fail('trailing-bytes', `${this.left} bytes behind the last field`);
    return this.violation === undefined ? { ok: true, value } : { ok: false, violation: this.violation };
  }

  private has(size: number): boolean {
    if (this.violation !== undefined) return false;
    if (size <= this.left) return true;
    this.fail('truncated', `a field of ${size} bytes; ${this.left} are left`);
    return false;
  }

  private step(size: number): number {
    const from = this.at;
    this.at += size;
    return from;
  }
}

/** A format code: 0 for text, 1 for binary. */
export type Format = 'text' | 'binary';

export function readFormat(reader: PayloadReader): Format {
  const code = reader.uint16();
  if (code > 1) reader.fail('invalid-value', `format code ${code}`);
  return code === 1 ? 'binary' : 'text';
}
