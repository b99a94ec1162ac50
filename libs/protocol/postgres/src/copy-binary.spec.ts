import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCopy, rewriteCopy } from '../spec/copying.js';
import { feedings, sliced } from '../spec/feeding.js';
import type { CopyOptions } from './index.js';
import { CopyBinaryReader } from './index.js';

const SIGNATURE = 'PGCOPY\n\xff\r\n\0';
const HEADER = `${SIGNATURE}\0\0\0\0\0\0\0\0`;
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

function row(cells: readonly (Buffer | null)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(cells.length);
  const fields = cells.map((cell) => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(cell?.length ?? -1);
    return Buffer.concat([size, cell ?? Buffer.alloc(0)]);
  });
  return Buffer.concat([count, ...fields]);
}

describe('CopyBinaryReader', () => {
  const first = row([bytes('\xf0\x9f\x94\x92'), null, bytes('')]);
  const stream = Buffer.concat([bytes(HEADER), first, row([]), row([bytes('x'.repeat(300))]), bytes('\xff\xff')]);
  const rows = [['\xf0\x9f\x94\x92', null, ''], [], ['x'.repeat(300)]];

  it('reads header, rows and trailer however the stream arrives', () => {
    for (const { name, chunks } of feedings(stream)) {
      expect(readCopy(new CopyBinaryReader(), chunks), name).toEqual({ rows, others: ['header', 'marker'], bytes: stream, violation: undefined });
    }
  });

  it('reads a stream without trailer, and a header with an extension', () => {
    const extended = bytes(`${SIGNATURE}\0\0\0\x01\0\0\0\x03abc\0\0`);
    for (const { name, chunks } of feedings(extended)) {
      expect(readCopy(new CopyBinaryReader(), chunks), name).toEqual({ rows: [[]], others: ['header'], bytes: extended, violation: undefined });
    }
  });

  const malformed: [name: string, stream: string, reason: string, options?: CopyOptions][] = [
    ['another signature', 'PGCOPX', 'copy-malformed'],
    ['text', 'a\tb\n', 'copy-malformed'],
    ['a header cut short', HEADER.slice(0, 15), 'truncated'],
    ['rows with oids', `${SIGNATURE}\0\x01\0\0\0\0\0\0`, 'copy-malformed'],
    ['an extension of 2 GiB', `${SIGNATURE}\0\0\0\0\x7f\xff\xff\xff`, 'length-too-large'],
    ['-2 fields', `${HEADER}\xff\xfe`, 'copy-malformed'],
    ['1,665 fields', `${HEADER}\x06\x81`, 'count-too-large'],
    ['other than the announced columns', `${HEADER}\0\x02`, 'count-mismatch', { columns: 1 }],
    ['a field of -2 bytes', `${HEADER}\0\x01\xff\xff\xff\xfe`, 'copy-malformed'],
    ['a field of 2 GiB', `${HEADER}\0\x01\x7f\xff\xff\xff`, 'row-too-large'],
    ['fields that exceed the ceiling together', `${HEADER}\0\x02\0\0\0\x3c${'x'.repeat(60)}\0\0\0\x3c`, 'row-too-large', { maxRowBytes: 100 }],
    ['a row cut short', `${HEADER}\0\x01\0\0\0\x05abc`, 'truncated'],
    ['half a field count', `${HEADER}\0`, 'truncated'],
    ['rows behind the trailer', `${HEADER}\xff\xff\0\0`, 'copy-after-end'],
  ];

  it.each(malformed)('refuses %s', (_, text, reason, options) => {
    for (const { name, chunks } of feedings(bytes(text))) expect(readCopy(new CopyBinaryReader(options), chunks).violation, name).toBe(reason);
  });

  it('replaces fields and keeps the rest as it stood', () => {
    const source = Buffer.concat([bytes(HEADER), first, bytes('\xff\xff')]);
    const masked = rewriteCopy(new CopyBinaryReader(), source, [null, bytes('***')]);
    expect(masked.equals(Buffer.concat([bytes(HEADER), row([null, bytes('***'), bytes('')]), bytes('\xff\xff')]))).toBe(true);
  });

  it('equals the encoding of the expected rows, always, under any cut', () => {
    const cell = fc.option(fc.uint8Array({ maxLength: 20 }).map((value) => Buffer.from(value)));
    const table = fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 6 });
    fc.assert(
      fc.property(table, fc.array(fc.option(cell, { nil: undefined }), { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), (cells, replacements, cuts) => {
        const source = Buffer.concat([bytes(HEADER), ...cells.map(row)]);
        const expected = cells.map((list) => list.map((value, column) => (replacements[column] === undefined ? value : replacements[column])));
        expect(rewriteCopy(new CopyBinaryReader(), source, replacements).equals(Buffer.concat([bytes(HEADER), ...expected.map(row)]))).toBe(true);
        expect(readCopy(new CopyBinaryReader(), sliced(source, cuts)).bytes.equals(source)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever the bytes, and sees the same under any cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 20 }), (noise, cuts) => {
        const source = Buffer.concat([bytes(HEADER), Buffer.from(noise)]);
        expect(readCopy(new CopyBinaryReader(), sliced(source, cuts))).toEqual(readCopy(new CopyBinaryReader(), [source]));
      }),
      { numRuns: 1_000 },
    );
  });
});
