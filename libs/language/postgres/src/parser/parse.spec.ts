import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser, parserStarting, parseStatements, SQL_LIMITS } from '../index.js';

beforeAll(loadParser);

function texts(sql: string): string[] {
  const parsed = parseStatements(sql);
  return parsed.ok ? parsed.value.map((statement) => statement.text) : [];
}

function refusal(sql: string): { reason: string; sqlState: string; position?: number } {
  const parsed = parseStatements(sql);
  if (parsed.ok) throw new Error('was parsed');
  const { reason, sqlState, position } = parsed.refusal;
  return { reason, sqlState, ...(position === undefined ? {} : { position }) };
}

describe('statements of a text', () => {
  test.each([
    ['select 1', ['select 1']],
    ['select 1;', ['select 1']],
    [' ; ; select 1 ;; select 2 -- end', ['select 1', 'select 2 -- end']],
    ['', []],
    ['-- nothing\n/* at /* all */ */', []],
    ["select ';' ; select $a$;$a$", ["select ';'", 'select $a$;$a$']],
    ['select 1 -- a bare return ends this\rx', ['select 1 -- a bare return ends this\rx']],
  ])('%j', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  test('are exactly where their offsets say, in characters and in bytes', () => {
    const sql = "select 'é😀';  update ünder set a = '日本' ;select 3";
    const parsed = parseStatements(sql);
    const bytes = Buffer.from(sql);
    expect(parsed.ok && parsed.value.length).toBe(3);
    for (const { text, start, end, startByte, endByte } of parsed.ok ? parsed.value : []) {
      expect(sql.slice(start, end)).toBe(text);
      expect(bytes.subarray(startByte, endByte).toString()).toBe(text);
    }
  });
});

describe('what PostgreSQL would refuse', () => {
  test.each([
    ['select from where', { reason: 'syntax_error', sqlState: '42601', position: 13 }],
    ["é é é selec 1", { reason: 'syntax_error', sqlState: '42601', position: 1 }],
    ["select 'é', 'open", { reason: 'syntax_error', sqlState: '42601', position: 13 }],
    ['select 1; drop', { reason: 'syntax_error', sqlState: '42601', position: 15 }],
    ['select 1\0; drop table visits', { reason: 'invalid_text', sqlState: '22021' }],
    ["select '\ud800'", { reason: 'invalid_text', sqlState: '22021' }],
  ])('%j', (sql, expected) => {
    expect(refusal(sql)).toMatchObject(expected);
  });
});

describe('hostile sizes', () => {
  test('a text beyond the limit is refused before it is parsed', () => {
    expect(refusal(`select '${'x'.repeat(SQL_LIMITS.textBytes)}'`)).toEqual({ reason: 'statement_too_large', sqlState: '54000' });
    expect(refusal(`select '${'é'.repeat(SQL_LIMITS.textBytes / 2)}'`)).toEqual({ reason: 'statement_too_large', sqlState: '54000' });
  });

  test('too many statements are refused', () => {
    expect(refusal('select 1;'.repeat(SQL_LIMITS.statements + 1)).reason).toBe('statement_too_complex');
  });

  test.each([
    ['parentheses', `select ${'('.repeat(100_000)}1${')'.repeat(100_000)}`],
    ['NOT', `select ${'not '.repeat(100_000)}true`],
    ['operators', `select 1${'+1'.repeat(100_000)}`],
    ['operators within the stack, beyond the limit', `select 1${'+1'.repeat(2_000)}`],
    ['casts', `select 1${'::int'.repeat(50_000)}`],
    ['set operations', `select 1${' union select 1'.repeat(30_000)}`],
    ['subqueries', `${'select * from ('.repeat(20_000)}select 1${') x'.repeat(20_000)}`],
    ['CASE', `select ${'case when true then '.repeat(20_000)}1${' end'.repeat(20_000)}`],
  ])('deep %s are refused, and the next statement is parsed', async (_, sql) => {
    expect(['statement_too_complex', 'parser_unavailable']).toContain(refusal(sql).reason);
    await loadParser();
    expect(texts('select 2')).toEqual(['select 2']);
  });

  test('after several at once, whoever can wait for the parser is served', async () => {
    const deep = `select 1${'+1'.repeat(100_000)}`;
    await loadParser();
    expect([refusal(deep).reason, refusal(deep).reason, refusal('select 1').reason]).toEqual(['statement_too_complex', 'statement_too_complex', 'parser_unavailable']);
    await parserStarting();
    expect(parserStarting()).toBeUndefined();
    expect(texts('select 1')).toEqual(['select 1']);
  });

  test('a chain within the limit is parsed', () => {
    expect(texts(`select 1${'+1'.repeat(400)}`)).toHaveLength(1);
    expect(texts(`select 1 where true${' and true'.repeat(20_000)}`)).toHaveLength(1);
  });
});
