import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCopy, rewriteCopy } from '../spec/copying.js';
import { feedings, sliced } from '../spec/feeding.js';
import type { CopyCsvOptions } from './index.js';
import { CopyCsvReader } from './index.js';

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

const cases: [name: string, stream: string, rows: (string | null)[][], options?: CopyCsvOptions][] = [
  ['rows and fields', '1,one\n2,two\n', [['1', 'one'], ['2', 'two']]],
  ['NULL and the empty string', ',""\n', [[null, '']]],
  ['quotes', '"a,b","c ""d"""\n', [['a,b', 'c "d"']]],
  ['newlines of all kinds within quotes', '"a\nb\r\nc\rd"\ne\n', [['a\nb\r\nc\rd'], ['e']]],
  ['quotes within a field', 'a"b,c"d,e\n', [['ab,cd', 'e']]],
  ['backslashes are data', 'a\\,\\N,\\.x\n', [['a\\', '\\N', '\\.x']]],
  ['a quoted end marker', '"\\."\n', [['\\.']]],
  ['multi-byte text', 'naïve,"\u{1F512}""一"\n', [[latin1('naïve'), latin1('\u{1F512}"一')]]],
  ['no newline at the end', 'a,b', [['a', 'b']]],
  ['no newline behind a quote at the end', '"a"', [['a']]],
  ['CRLF', 'a,"b"\r\nc,d\r\n', [['a', 'b'], ['c', 'd']]],
  ['CR', 'a\rb\r', [['a'], ['b']]],
  ['another escape', "'a\\'b','c\\\\','d\\e'\n", [["a'b", 'c\\', 'd\\e']], { quote: "'", escape: '\\' }],
  ['an escape outside quotes is data', 'a\\,b\n', [['a\\', 'b']], { escape: '\\' }],
  ['other delimiter and NULL', 'a;NULL;"NULL"\n', [['a', null, 'NULL']], { delimiter: ';', nullText: 'NULL' }],
  ['no columns', '\n\n', [[], []], { columns: 0 }],
];

describe('CopyCsvReader', () => {
  it.each(cases)('%s', (_, text, rows, options) => {
    const stream = Buffer.from(text);
    for (const { name, chunks } of feedings(stream)) {
      const seen = readCopy(new CopyCsvReader(options), chunks);
      expect(seen, name).toEqual({ rows, others: [], bytes: stream, violation: undefined });
    }
  });

  const malformed: [name: string, stream: string, reason: string, options?: CopyCsvOptions][] = [
    ['CR after LF', 'a\nb\rc\n', 'copy-malformed'],
    ['LF after CRLF', 'a\r\nb\nc', 'copy-malformed'],
    ['an open quote at the end', 'a\n"b\n', 'copy-malformed'],
    ['an open quote behind an escape', 'a\n"b\\', 'copy-malformed', { escape: '\\' }],
    ['a line that is an end marker to some servers', 'a\n\\.\nb\n', 'copy-malformed'],
    ['too few fields', 'a,b\na\n', 'count-mismatch', { columns: 2 }],
    ['1,665 fields', `a\n${','.repeat(1_664)}\n`, 'count-too-large'],
    ['a row above the ceiling, through its quotes', `a\n"${'x\n'.repeat(60)}"\n`, 'row-too-large', { maxRowBytes: 100 }],
  ];

  it.each(malformed)('refuses %s', (_, text, reason, options) => {
    for (const { name, chunks } of feedings(Buffer.from(text), 50)) {
      const seen = readCopy(new CopyCsvReader(options), chunks);
      expect(seen.violation, name).toBe(reason);
      expect(seen.rows.length, name).toBe(1);
    }
  });

  it('replaces fields, quotes what it writes, and keeps the rest as it stood', () => {
    const replace = (value: string | null, options?: CopyCsvOptions): string =>
      rewriteCopy(new CopyCsvReader(options), Buffer.from('"1",b,c\n'), [undefined, value === null ? null : Buffer.from(value)]).toString();
    expect(replace('***')).toBe('"1",***,c\n');
    expect(replace(null)).toBe('"1",,c\n');
    expect(replace('')).toBe('"1","",c\n');
    expect(replace('a,b')).toBe('"1","a,b",c\n');
    expect(replace('say "x"\n')).toBe('"1","say ""x""\n",c\n');
    expect(replace('\\.')).toBe('"1","\\.",c\n');
    expect(replace('x"\\', { escape: '\\' })).toBe('"1","x\\"\\\\",c\n');
    expect(replace('x\\', { escape: '\\' })).toBe('"1",x\\,c\n');
  });

  it('reads back every value it has written, under any cut', () => {
    const value = fc.option(fc.array(fc.constantFrom(...Buffer.from('ab",;\'\\.\n\r\xc3')), { maxLength: 8 }).map((bytes) => Buffer.from(bytes)));
    const rows = fc.integer({ min: 1, max: 4 }).chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }));
    const options = fc.constantFrom<CopyCsvOptions>({}, { delimiter: ';' }, { quote: "'", escape: '\\' }, { escape: '\\' }, { nullText: 'a' });
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), options, (table, cuts, chosen) => {
        const blank = Buffer.from(`${Array(table[0]!.length).fill('x').join(chosen.delimiter ?? ',')}\n`);
        const stream = Buffer.concat(table.map((row) => rewriteCopy(new CopyCsvReader(chosen), blank, row)));
        const seen = readCopy(new CopyCsvReader({ ...chosen, columns: table[0]!.length }), sliced(stream, cuts));
        expect(seen.rows).toEqual(table.map((row) => row.map((cell) => cell?.toString('latin1') ?? null)));
        expect(seen.bytes.equals(stream)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, whatever the bytes, and sees the same under any cut', () => {
    const noise = fc.array(fc.constantFrom(...Buffer.from('a,"\\.\n\r\'')), { maxLength: 30 }).map((bytes) => Buffer.from(bytes));
    const options = fc.constantFrom<CopyCsvOptions>({}, { escape: '\\' });
    fc.assert(
      fc.property(noise, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 20 }), options, (stream, cuts, chosen) => {
        expect(readCopy(new CopyCsvReader(chosen), sliced(stream, cuts))).toEqual(readCopy(new CopyCsvReader(chosen), [stream]));
      }),
      { numRuns: 1_000 },
    );
  });
});
