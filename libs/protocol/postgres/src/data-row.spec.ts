import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedings, frame } from '../spec/feeding.js';
import type { Replacements } from './index.js';
import { rewrittenDataRowBytes, writeDataRow } from './data-row.js';
import { backendTypes, DataRowCursor, encodeBackend, FrameReader, rewriteDataRow } from './index.js';

type Cells = readonly (Buffer | null)[];

function load(cells: Cells): DataRowCursor {
  const message = encodeBackend({ kind: 'dataRow', cells });
  const cursor = new DataRowCursor();
  expect(cursor.load(message, 5, message.length)).toBeUndefined();
  return cursor;
}

function cellsOf(cursor: DataRowCursor): Cells {
  return Array.from({ length: cursor.count }, (_, column) => cursor.cell(column));
}

const cell = fc.option(fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)));
const cells = fc.array(cell, { maxLength: 70 });

describe('DataRowCursor', () => {
  it('finds every cell', () => {
    const row = [Buffer.from('naïve \u{1F512}'), null, Buffer.alloc(0), Buffer.from([0, 255])];
    const cursor = load(row);
    expect(cellsOf(cursor)).toEqual(row);
    expect(cursor.isNull(1)).toBe(true);
    expect(cursor.end(1)).toBe(cursor.start(1));
    expect(cursor.isNull(2)).toBe(false);
  });

  it('is reusable, from narrow rows to the widest and back', () => {
    const cursor = new DataRowCursor();
    for (const width of [0, 1, 33, 1_664, 2]) {
      const row = Array.from({ length: width }, (_, n) => (n % 3 === 0 ? null : Buffer.from(`${n}`)));
      const message = encodeBackend({ kind: 'dataRow', cells: row });
      expect(cursor.load(message, 5, message.length)).toBeUndefined();
      expect(cellsOf(cursor)).toEqual(row);
    }
  });

  it('sees the same rows however their stream arrives', () => {
    const rows = [[Buffer.from('一二'), null], [Buffer.alloc(300, 'x'), Buffer.from('b')], []];
    const stream = Buffer.concat(rows.map((row) => encodeBackend({ kind: 'dataRow', cells: row })));
    for (const { name, chunks } of feedings(stream)) {
      const reader = new FrameReader(backendTypes());
      const cursor = new DataRowCursor();
      const seen: Cells[] = [];
      for (const chunk of chunks) {
        reader.push(chunk);
        while (reader.next() === 'frame') {
          expect(cursor.load(reader.buffer, reader.payloadStart, reader.end), name).toBeUndefined();
          seen.push(cellsOf(cursor));
        }
      }
      expect(seen, name).toEqual(rows);
    }
  });

  const malformed: [name: string, payload: string, reason: string][] = [
    ['no count', '\0', 'truncated'],
    ['a column without length', '\0\x01\0\0', 'truncated'],
    ['a second column without length', '\0\x02\0\0\0\x03abc\0', 'truncated'],
    ['a cell longer than the row', '\0\x01\0\0\0\x04abc', 'truncated'],
    ['a cell of 2 GiB', '\0\x01\x7f\xff\xff\xff', 'truncated'],
    ['a cell of -2 bytes', '\0\x01\xff\xff\xff\xfe', 'invalid-value'],
    ['bytes behind the last cell', '\0\x01\0\0\0\x01ab', 'trailing-bytes'],
    ['bytes behind no cell', '\0\0a', 'trailing-bytes'],
    ['1,665 columns', `\x06\x81${'\0'.repeat(4 * 1_665)}`, 'count-too-large'],
  ];

  it.each(malformed)('refuses %s', (_, payload, reason) => {
    const message = frame('D', payload);
    // The next message must not be read as part of this one.
    const stream = Buffer.concat([message, frame('D', '\0\0')]);
    const cursor = new DataRowCursor();
    expect(cursor.load(stream, 5, message.length)?.reason).toBe(reason);
    expect(cursor.count).toBe(0);
  });

  it('never throws, whatever the bytes', () => {
    const cursor = new DataRowCursor();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void cursor.load(Buffer.from(bytes), 0, bytes.length)), { numRuns: 1_000 });
  });
});

describe('rewriteDataRow', () => {
  it('replaces some cells and keeps the others', () => {
    const cursor = load([Buffer.from('id'), Buffer.from('secret'), null, Buffer.from('tail')]);
    const masked = rewriteDataRow(cursor, [undefined, Buffer.from('***'), Buffer.from('was null'), null]);
    expect(masked.equals(encodeBackend({ kind: 'dataRow', cells: [Buffer.from('id'), Buffer.from('***'), Buffer.from('was null'), null] }))).toBe(true);
  });

  it('equals the encoding of the expected row, always', () => {
    fc.assert(
      fc.property(cells, fc.array(fc.option(cell, { nil: undefined }), { maxLength: 80 }), (row, replacements: Replacements) => {
        const cursor = load(row);
        const expected = row.map((value, column) => (replacements[column] === undefined ? value : replacements[column]));
        const rewritten = rewriteDataRow(cursor, replacements);
        expect(rewritten.equals(encodeBackend({ kind: 'dataRow', cells: expected as Cells }))).toBe(true);
        expect(rewrittenDataRowBytes(cursor, replacements)).toBe(rewritten.length);
      }),
      { numRuns: 300 },
    );
  });

  it('packs rows side by side', () => {
    const cursor = load([Buffer.from('a'), null]);
    const target = Buffer.alloc(100);
    const middle = writeDataRow(target, 0, cursor, []);
    const end = writeDataRow(target, middle, cursor, [null]);
    const expected = Buffer.concat([encodeBackend({ kind: 'dataRow', cells: [Buffer.from('a'), null] }), encodeBackend({ kind: 'dataRow', cells: [null, null] })]);
    expect(target.subarray(0, end).equals(expected)).toBe(true);
    expect(() => writeDataRow(target, 95, cursor, [])).toThrow(RangeError);
  });
});
