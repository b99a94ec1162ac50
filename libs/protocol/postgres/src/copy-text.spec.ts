import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCopy, rewriteCopy } from '../spec/copying.js';
import { feedings, sliced } from '../spec/feeding.js';
import type { CopyTextOptions } from './index.js';
import { CopyTextReader } from './index.js';

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

const cases: [name: string, stream: string, rows: (string | null)[][], options?: CopyTextOptions][] = [
  ['rows and fields', '1\tone\n2\ttwo\n', [['1', 'one'], ['2', 'two']]],
  ['empty fields and rows', '\t\n\n', [['', ''], ['']]],
  ['NULL', '\\N\ta\\N\t\\\\N\n', [[null, 'aN', '\\N']]],
  ['escapes', 'a\\tb\\nc\\rd\\\\e\\bf\\fg\\vh\n', [['a\tb\nc\rd\\e\bf\fg\vh']]],
  ['octal and hexadecimal', '\\101\\7x\\1018\\x41\\x4g\\xg\n', [['A\x07xA8A\x04gxg']]],
  ['any escaped character', '\\q\\"\\\t\n', [['q"\t']]],
  ['an escaped newline', 'a\\\nb\n', [['a\nb']]],
  ['multi-byte text', 'naïve\t\u{1F512}一\n', [[latin1('naïve'), latin1('\u{1F512}一')]]],
  ['no newline at the end', 'a\tb', [['a', 'b']]],
  ['CRLF', 'a\r\nb\r\n', [['a'], ['b']]],
  ['CR', 'a\rb\r', [['a'], ['b']]],
  ['other delimiter and NULL', 'a|NULL|\\|\n', [['a', null, '|']], { delimiter: '|', nullText: 'NULL' }],
  ['empty NULL', 'a\t\n', [['a', null]], { nullText: '' }],
  ['no columns', '\n\n', [[], []], { columns: 0 }],
  ['announced columns', 'a\tb\n', [['a', 'b']], { columns: 2 }],
];

describe('CopyTextReader', () => {
  it.each(cases)('%s', (_, text, rows, options) => {
    const stream = Buffer.from(text);
    for (const { name, chunks } of feedings(stream)) {
      const seen = readCopy(new CopyTextReader(options), chunks);
      expect(seen, name).toEqual({ rows, others: [], bytes: stream, violation: undefined });
    }
  });

  it('finds the end-of-data marker', () => {
    for (const text of ['a\n\\.\n', 'a\r\n\\.\r\n', 'a\n\\.']) {
      for (const { name, chunks } of feedings(Buffer.from(text))) {
        expect(readCopy(new CopyTextReader(), chunks), name).toEqual({ rows: [['a']], others: ['marker'], bytes: Buffer.from(text), violation: undefined });
      }
    }
  });

  const malformed: [name: string, stream: string, reason: string, options?: CopyTextOptions][] = [
    ['CR after LF', 'a\nb\rc\n', 'copy-malformed'],
    ['LF after CR', 'a\rb\nc\r', 'copy-malformed'],
    ['CR after CRLF', 'a\r\nb\rc', 'copy-malformed'],
    ['LF after CRLF', 'a\r\nb\nc', 'copy-malformed'],
    ['a marker within a row', 'a\nb\\.\n', 'copy-malformed'],
    ['a marker with data behind it', 'a\n\\.b\n', 'copy-malformed'],
    ['data behind the marker', 'a\n\\.\nDROP\n', 'copy-after-end'],
    ['a backslash at the very end', 'a\nb\\', 'truncated'],
    ['too few fields', 'a\tb\na\n', 'count-mismatch', { columns: 2 }],
    ['too many fields', 'a\na\tb\n', 'count-mismatch', { columns: 1 }],
    ['1,665 fields', `a\n${'\t'.repeat(1_664)}\n`, 'count-too-large'],
    ['a row above the ceiling', `a\n${'x'.repeat(100)}\n`, 'row-too-large', { maxRowBytes: 100 }],
    ['a row above the ceiling that has not ended', `a\n${'x'.repeat(101)}`, 'row-too-large', { maxRowBytes: 100 }],
  ];

  it.each(malformed)('refuses %s', (_, text, reason, options) => {
    for (const { name, chunks } of feedings(Buffer.from(text), 50)) {
      const seen = readCopy(new CopyTextReader(options), chunks);
      expect(seen.violation, name).toBe(reason);
      expect(seen.rows.length, name).toBe(1);
    }
  });

  it('accepts 1,664 fields and a row as long as the ceiling', () => {
    expect(readCopy(new CopyTextReader(), [Buffer.from(`${'\t'.repeat(1_663)}\n`)]).rows[0]?.length).toBe(1_664);
    expect(readCopy(new CopyTextReader({ maxRowBytes: 100 }), [Buffer.from(`${'x'.repeat(99)}\n`)]).violation).toBeUndefined();
  });

  it('replaces fields, escapes what it writes, and keeps the rest as it stood', () => {
    const stream = Buffer.from('1\t\\x41\tc\r\n2\tb\t\\N\r\n');
    expect(rewriteCopy(new CopyTextReader(), stream, [undefined, undefined, Buffer.from('*\t\\*\n')]).toString()).toBe('1\t\\x41\t*\\t\\\\*\\n\r\n2\tb\t*\\t\\\\*\\n\r\n');
    expect(rewriteCopy(new CopyTextReader(), stream, [null]).toString()).toBe('\\N\t\\x41\tc\r\n\\N\tb\t\\N\r\n');
  });

  it('reads back every value it has written, under any cut', () => {
    const value = fc.option(fc.uint8Array({ minLength: 0, maxLength: 12 }).map((bytes) => Buffer.from(bytes)));
    const rows = fc.integer({ min: 1, max: 4 }).chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }));
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), fc.constantFrom('\t', '|', ','), (table, cuts, delimiter) => {
        const blank = Buffer.from(`${Array(table[0]!.length).fill('x').join(delimiter)}\n`);
        const stream = Buffer.concat(table.map((row) => rewriteCopy(new CopyTextReader({ delimiter }), blank, row)));
        const seen = readCopy(new CopyTextReader({ delimiter, columns: table[0]!.length }), sliced(stream, cuts));
        expect(seen.rows).toEqual(table.map((row) => row.map((cell) => cell?.toString('latin1') ?? null)));
        expect(seen.bytes.equals(stream)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever the bytes, and sees the same under any cut', () => {
    const noise = fc.array(fc.constantFrom(...Buffer.from('ab\\.\n\r\tNx1')), { maxLength: 30 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(noise, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 20 }), (stream, cuts) => {
        expect(readCopy(new CopyTextReader(), sliced(stream, cuts))).toEqual(readCopy(new CopyTextReader(), [stream]));
      }),
      { numRuns: 1_000 },
    );
  });
});
