import { COLUMNS_MAX } from './limits.js';
import type { Violation, ViolationReason } from './violation.js';

/** A cell's new value: bytes, NULL, or `undefined` to keep what is there. Indexed by column; missing entries keep. */
export type Replacements = readonly (Uint8Array | null | undefined)[];

const NULL_SIZE = -1;
const SIZE_BYTES = 4;
/** Type byte, length, column count. */
const ROW_HEADER_BYTES = 7;
const FIRST_COLUMNS = 32;

/**
 * One reusable cursor over the cells of DataRow messages. Loading a row stores positions and allocates nothing, but
 * for the widest row so far.
 */
export class DataRowCursor {
  /** Columns of the row loaded last. */
  count = 0;
  /** The bytes that the positions below point into. */
  buffer: Buffer = Buffer.alloc(0);
  private starts = new Int32Array(FIRST_COLUMNS);
  private sizes = new Int32Array(FIRST_COLUMNS);

  /** Takes the payload of one DataRow, `buffer` from `start` to `end`, and checks it whole; on a violation the cursor is empty. */
  load(buffer: Buffer, start: number, end: number): Violation | undefined {
    this.count = 0;
    this.buffer = buffer;
    if (end - start < 2) return breach('truncated', 'a row without its column count');
    const count = buffer.readUInt16BE(start);
    if (count > COLUMNS_MAX) return breach('count-too-large', `${count} columns; the ceiling is ${COLUMNS_MAX}`);
    if (count * SIZE_BYTES > end - start - 2) return breach('truncated', `${count} columns do not fit into ${end - start} bytes`);
    this.reserve(count);
    return this.loadCells(count, start + 2, end);
  }

  isNull(column: number): boolean {
    return this.sizes[column] === NULL_SIZE;
  }

  /** Position of a cell's first byte in `buffer`. */
  start(column: number): number {
    return this.starts[column]!;
  }

  /** Position behind a cell's last byte; equals `start` for NULL. */
  end(column: number): number {
    return this.starts[column]! + Math.max(0, this.sizes[column]!);
  }

  /** A view of a cell, or null for NULL. */
  cell(column: number): Buffer | null {
    return this.isNull(column) ? null : this.buffer.subarray(this.start(column), this.end(column));
  }

  private loadCells(count: number, from: number, end: number): Violation | undefined {
    let at = from;
    for (let column = 0; column < count; column += 1) {
      if (end - at < SIZE_BYTES) return breach('truncated', `column ${column + 1} has no length`);
      const size = this.buffer.readInt32BE(at);
      if (size < NULL_SIZE) return breach('invalid-value', `column ${column + 1} declares ${size} bytes`);
      at += SIZE_BYTES;
      if (size > end - at) return breach('truncated', `column ${column + 1} declares ${size} bytes; ${end - at} are left`);
      this.starts[column] = at;
      this.sizes[column] = size;
      if (size > 0) at += size;
    }
    if (at !== end) return breach('trailing-bytes', `${end - at} bytes behind the last column`);
    this.count = count;
    return undefined;
  }

  private reserve(count: number): void {
    if (count <= this.starts.length) return;
    this.starts = new Int32Array(COLUMNS_MAX);
    this.sizes = new Int32Array(COLUMNS_MAX);
  }
}

function breach(reason: ViolationReason, detail: string): Violation {
  return { reason, detail };
}

/** Size in bytes of the message that {@link writeDataRow} would write for this row. */
export function rewrittenDataRowBytes(row: DataRowCursor, replacements: Replacements): number {
  let bytes = ROW_HEADER_BYTES;
  for (let column = 0; column < row.count; column += 1) {
    const replacement = replacements[column];
    bytes += SIZE_BYTES;
    if (replacement === undefined) bytes += row.end(column) - row.start(column);
    else if (replacement !== null) bytes += replacement.length;
  }
  return bytes;
}

/**
 * Writes the row with some cells replaced as one whole DataRow message into `target` at `at`; answers the position
 * behind it. Lets a caller pack many rows into one buffer.
 *
 * @throws RangeError when the message does not fit; measure it with {@link rewrittenDataRowBytes}
 */
export function writeDataRow(target: Buffer, at: number, row: DataRowCursor, replacements: Replacements): number {
  const bytes = rewrittenDataRowBytes(row, replacements);
  if (bytes > target.length - at) throw new RangeError(`a row of ${bytes} bytes does not fit into ${target.length - at}`);
  target[at] = 0x44;
  target.writeInt32BE(bytes - 1, at + 1);
  target.writeUInt16BE(row.count, at + 5);
  return writeCells(target, at + ROW_HEADER_BYTES, row, replacements);
}

/** Copies whatever lies between two replaced cells in one go: their lengths stand in front of them already. */
function writeCells(target: Buffer, at: number, row: DataRowCursor, replacements: Replacements): number {
  let to = at;
  let keptFrom = 0;
  for (let column = 0; column < row.count; column += 1) {
    const replacement = replacements[column];
    if (replacement === undefined) continue;
    to = copyCells(target, to, row, keptFrom, column);
    to = writeCell(target, to, replacement);
    keptFrom = column + 1;
  }
  return copyCells(target, to, row, keptFrom, row.count);
}

/** The row with some cells replaced, as one whole DataRow message. */
export function rewriteDataRow(row: DataRowCursor, replacements: Replacements): Buffer {
  const message = Buffer.allocUnsafe(rewrittenDataRowBytes(row, replacements));
  writeDataRow(message, 0, row, replacements);
  return message;
}

function copyCells(target: Buffer, at: number, row: DataRowCursor, from: number, to: number): number {
  return from === to ? at : at + row.buffer.copy(target, at, row.start(from) - SIZE_BYTES, row.end(to - 1));
}

function writeCell(target: Buffer, at: number, value: Uint8Array | null): number {
  if (value === null) return target.writeInt32BE(NULL_SIZE, at);
  target.set(value, target.writeInt32BE(value.length, at));
  return at + SIZE_BYTES + value.length;
}
