import type { Replacements } from './data-row.js';
import { COLUMNS_MAX, COPY_ROW_MAX_BYTES } from './limits.js';
import type { Violation, ViolationReason } from './violation.js';

const EMPTY = Buffer.alloc(0);
const FIRST_COLUMNS = 32;

/**
 * What {@link CopyReader.next} found; `buffer` from `start` to `end` are its bytes, to be forwarded or replaced.
 *
 * - `header`: what precedes the rows (binary format only).
 * - `row`: one row with its terminator; its fields are at hand.
 * - `marker`: the end-of-data marker (`\.` or the binary trailer); nothing may follow it.
 * - `more`: push the next bytes, or call `finish` when CopyDone has arrived.
 * - `end`: the stream was finished and is used up.
 * - `violation`: the stream cannot be read any further; every later call says it again.
 */
export type CopyStep = 'header' | 'row' | 'marker' | 'more' | 'end' | 'violation';

export type CopyOptions = {
  /** Columns that every row must have, as CopyOutResponse or CopyInResponse announced; unchecked where absent. */
  readonly columns?: number | undefined;
  /** Ceiling of one row, its terminator included. */
  readonly maxRowBytes?: number | undefined;
};

/**
 * Splits the payload of a COPY stream into rows and fields, in place. The cuts between CopyData messages mean nothing
 * in the protocol, so any chunk may be pushed. It copies only what a cut row needs, and bytes handed out are never
 * written again.
 *
 * The formats differ in `scanRow`, which continues at `scan` where it left off, so that a row that arrives byte by byte
 * is scanned once.
 */
export abstract class CopyReader {
  buffer: Buffer = EMPTY;
  start = 0;
  end = 0;
  /** Fields of the row handed out last. */
  count = 0;
  violation: Violation | undefined;

  /** Pushed and not yet handed out: `bytes` from `from` to `filled`. */
  protected bytes: Buffer = EMPTY;
  protected from = 0;
  protected filled = 0;
  /** How far the row under way has been scanned, in bytes from `from`. */
  protected scan = 0;
  protected finished = false;

  /** Field positions, in bytes from the beginning of their row: the row may move while it grows. */
  private starts = new Int32Array(FIRST_COLUMNS);
  private ends = new Int32Array(FIRST_COLUMNS);
  private nulls = new Uint8Array(FIRST_COLUMNS);
  private growable = false;
  private markerSeen = false;
  protected readonly columns: number | undefined;
  protected readonly maxRowBytes: number;

  constructor(options: CopyOptions) {
    this.columns = options.columns;
    this.maxRowBytes = options.maxRowBytes ?? COPY_ROW_MAX_BYTES;
  }

  /** Looks for the end of the row under way; hands it out by `take`, or waits. */
  protected abstract scanRow(): CopyStep;

  /** The field's value as bytes, its escapes and quotes undone; null for NULL. */
  abstract value(column: number): Buffer | null;

  /** A value as this format writes it, with whatever stands in front of it. */
  protected abstract encodeField(value: Uint8Array | null): Uint8Array;

  /** Bytes in front of each field that belong to it. */
  protected abstract readonly fieldPrefixBytes: number;

  push(chunk: Buffer): void {
    const left = this.filled - this.from;
    if (left === 0) {
      this.window(chunk, 0, chunk.length, false);
    } else if (this.growable && this.filled + chunk.length <= this.bytes.length) {
      this.filled += chunk.copy(this.bytes, this.filled);
    } else {
      const grown = Buffer.allocUnsafe(2 * (left + chunk.length));
      this.bytes.copy(grown, 0, this.from, this.filled);
      chunk.copy(grown, left);
      this.window(grown, 0, left + chunk.length, true);
    }
  }

  /** CopyDone has arrived: what is left is the last row, or a breach. */
  finish(): void {
    this.finished = true;
  }

  next(): CopyStep {
    if (this.violation !== undefined) return 'violation';
    if (this.from === this.filled) return this.finished ? 'end' : this.drained();
    if (this.markerSeen) return this.break('copy-after-end', 'data behind the end-of-data marker');
    if (this.scan === 0) this.count = 0;
    return this.scanRow();
  }

  isNull(column: number): boolean {
    return this.nulls[column] === 1;
  }

  /** Position of a field's first byte in `buffer`, as it stands in the stream. */
  fieldStart(column: number): number {
    return this.start + this.starts[column]!;
  }

  fieldEnd(column: number): number {
    return this.start + this.ends[column]!;
  }

  /** The row with some fields replaced, its terminator kept. */
  rewrite(replacements: Replacements): Buffer {
    const parts: Uint8Array[] = [];
    let kept = this.start;
    for (let column = 0; column < this.count; column += 1) {
      const replacement = replacements[column];
      if (replacement === undefined) continue;
      parts.push(this.buffer.subarray(kept, this.fieldStart(column) - this.fieldPrefixBytes), this.encodeField(replacement));
      kept = this.fieldEnd(column);
    }
    parts.push(this.buffer.subarray(kept, this.end));
    return Buffer.concat(parts);
  }

  /** Notes a field of the row under way; positions in `bytes`. False when the row has too many. */
  protected addField(start: number, end: number, isNull: boolean): boolean {
    const { count } = this;
    if (count === this.starts.length && !this.reserve()) {
      this.break('count-too-large', `a row of more than ${COLUMNS_MAX} fields`);
      return false;
    }
    this.starts[count] = start - this.from;
    this.ends[count] = end - this.from;
    this.nulls[count] = isNull ? 1 : 0;
    this.count = count + 1;
    return true;
  }

  /** Hands out the row under way, `size` bytes long, if it is as wide and long as it may be. */
  protected takeRow(size: number): CopyStep {
    if (size > this.maxRowBytes) return this.breakRowSize();
    if (this.columns !== undefined && this.count !== this.columns) return this.break('count-mismatch', `a row of ${this.count} fields; ${this.columns} were announced`);
    return this.take('row', size);
  }

  protected takeMarker(size: number): CopyStep {
    this.markerSeen = true;
    return this.take('marker', size);
  }

  protected take(step: CopyStep, size: number): CopyStep {
    this.buffer = this.bytes;
    this.start = this.from;
    this.end = this.from + size;
    this.from = this.end;
    this.scan = 0;
    return step;
  }

  /** The row's end has not arrived; scanning will continue at `at`. */
  protected wait(at: number): CopyStep {
    this.scan = at - this.from;
    if (this.filled - this.from > this.maxRowBytes) return this.breakRowSize();
    return this.finished ? this.break('truncated', 'the stream ends within a row') : 'more';
  }

  protected break(reason: ViolationReason, detail: string): CopyStep {
    this.violation = { reason, detail };
    this.window(EMPTY, 0, 0, false);
    return 'violation';
  }

  protected breakRowSize(): CopyStep {
    return this.break('row-too-large', `a row of more than ${this.maxRowBytes} bytes`);
  }

  private drained(): CopyStep {
    this.window(EMPTY, 0, 0, false);
    return 'more';
  }

  private window(bytes: Buffer, from: number, filled: number, growable: boolean): void {
    this.bytes = bytes;
    this.from = from;
    this.filled = filled;
    this.growable = growable;
  }

  private reserve(): boolean {
    const size = Math.min(COLUMNS_MAX, 2 * this.starts.length);
    if (size === this.starts.length) return false;
    this.starts = widened(this.starts, new Int32Array(size));
    this.ends = widened(this.ends, new Int32Array(size));
    this.nulls = widened(this.nulls, new Uint8Array(size));
    return true;
  }
}

function widened<A extends Int32Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
