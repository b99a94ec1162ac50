import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from './index.js';
import { engine } from './parser/engine.js';
import { shapeOf } from './shape.js';

beforeAll(loadParser);

interface Token {
  readonly start: number;
  readonly end: number;
  readonly tokenName: string;
}

/** Literals as PostgreSQL's own lexer sees them, or undefined when it refuses the text. */
function literals(sql: string): number[] | undefined {
  const scanned = engine.scan(sql);
  if (!scanned.ok || !scanned.value.startsWith('{')) return undefined;
  const { tokens } = JSON.parse(scanned.value.replace(/\p{Cc}/gu, ' ')) as { tokens: Token[] };
  const bytes = Buffer.from(sql);
  const offset = (byte: number): number => bytes.toString('utf8', 0, byte).length;
  return tokens.filter(({ tokenName }) => ['SCONST', 'ICONST', 'FCONST', 'BCONST', 'XCONST', 'USCONST'].includes(tokenName))
    .flatMap(({ start, end }) => [offset(start), offset(end)]);
}

const pieces = fc.constantFrom(
  'select', ' ', '\n', ',', '(', ')', '=', '<>', '-', '+', '/', '*', '||', '::', ':', '.', ';', '[', ']', '!', '@', '#', '%', '^', '&', '|', '~', '?', '`', '\\', '{',
  "'a'", "''", "'it''s'", "'", "'\\'", "e'\\n'", "E'", "b'01'", "X'1f'", "n'x'", "U&'d'", 'u&', '"q"', '"', '""', '"a""b"', '$1', '$12', '$', '$$', '$t$', '$$x$$',
  '0', '1', '42', '1.5', '1.', '.5', '1e5', '1e', '0x1F', '1_000', '123456789', '1234567890', '9'.repeat(40), '1.5.2', '1..2', '7a', 'a1', 'a$1', '_', 'é', 'ü1', '日',
  '--', '-- c\n', '/*', '*/', '/* c */', 'e', 'E', 'x', 'u', 'U', 'true', 'null', '\t', '\u0001', '\u007f', ' ',
);

describe('the scanner and PostgreSQL\'s lexer', () => {
  test('agree on every literal, wherever the scanner is sure', () => {
    let sure = 0;
    fc.assert(fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const sql = parts.join('');
      const shape = shapeOf(sql);
      const seen = literals(sql);
      if (shape === undefined || seen === undefined) return;
      sure += 1;
      expect({ sql, spans: shape.spans }).toEqual({ sql, spans: seen });
    }), { numRuns: 20_000, seed: 18 });
    expect(sure).toBeGreaterThan(1_000);
  });

  test.each([
    "select e'\\'", "select 1 -- '", "select /* ' */ 1", "select $$'$$", 'select 1e5', "select U&'\\0061'", 'select 0x1F', 'select 1_000', "select '", 'select .5', 'select 1.', 'select 12345678901',
  ])('is unsure of %s', (sql) => {
    expect(shapeOf(sql)).toBeUndefined();
  });

  test.each([
    ["select 'a', 1, 2.5", "select 'it''s; --', 33, 0.1"],
    ['update t set a = 7 where b = 9', 'update t set a = 123 where b = 4'],
    ["select a.b1 from a where c = $1 and d='x'", "select a.b1 from a where c = $1 and d=''"],
  ])('%s has the shape of %s', (left, right) => {
    expect(shapeOf(left)?.text).toBe(shapeOf(right)?.text);
  });

  test.each([
    ["select 'a'", 'select 1'], ['select 1', 'select 1.0'], ["select 'a' 'b'", "select 'a'"], ['select "a"', 'select "b"'], ['select $1', 'select $2'], ['select a1', 'select a2'],
  ])('%s has not the shape of %s', (left, right) => {
    expect(shapeOf(left)?.text).not.toBe(shapeOf(right)?.text);
  });
});
