import { beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '@interlock/kernel';
import { atClinic } from '../spec/clinic.js';
import { interpretText, loadParser } from './index.js';
import { toldText } from './long-literals.js';
import { SQL_LIMITS } from './limits.js';

const long = `it''s ${'é'.repeat(SQL_LIMITS.textBytes)}`;
const told = `'<interlock: ${Buffer.byteLength(long)} bytes, SHA-256 ${sha256Hex(Buffer.from(long))}>'`;
const valueOf = (text: string) => {
  const outcome = toldText(text);
  return outcome.ok ? outcome.value : outcome.refusal.reason;
};

beforeAll(loadParser);

describe('a text as its event tells it', () => {
  it.each([
    ['insert into t values (1, \'short\')', 'insert into t values (1, \'short\')'],
    [`insert into t values (1, 'short', '${long}', "'x", '${long}') returning 'x'`, `insert into t values (1, 'short', ${told}, "'x", ${told}) returning 'x'`],
    [`select '${'x'.repeat(SQL_LIMITS.literalLength + 1)}'`, `select '${'x'.repeat(SQL_LIMITS.literalLength + 1)}'`],
  ])('is the text itself, but for long literals of a long one', (text, expected) => {
    expect(valueOf(text)).toBe(expected);
  });

  it('is another for another value', () => {
    expect(valueOf(`select '${long}'`)).not.toBe(valueOf(`select '${long}.'`));
  });

  it.each([
    ['what imitates a literal told by hash', `select ${told}`, 'invalid_text'],
    ['the same among what the scanner is not sure of', `select 1 /* c */, '<interlock: x'`, 'invalid_text'],
    ['a long text whose literals cannot be told for sure', `select E'${long}'`, 'statement_too_large'],
    ['a long text without long literals', 'select 1;'.repeat(SQL_LIMITS.textBytes), 'statement_too_large'],
  ])('is refused: %s', (_, text, reason) => {
    expect(valueOf(text)).toBe(reason);
  });
});

describe('what a told text means', () => {
  const meaningOf = (text: string) => {
    const read = interpretText(valueOf(text), atClinic);
    return read.ok ? read.value.at(-1)!.facts['tautology'] : read.refusal.reason;
  };
  const blank = ' '.repeat(SQL_LIMITS.wholeTextLength);

  it.each([
    `delete from visits where kind like '${blank.replaceAll(' ', '%')}'`, `delete from visits where '${blank}t'`, `update visits set ward = 'x' where '${blank}' = '${blank}'`,
    `select nextval('${blank}public.tickets')`, `select set_config('search_path', '${blank}other', false); select id from visits`, `select set_config('${blank}', 'x', false)`, `select pg_notify('${blank}', 'x')`,
  ])('is not told where a literal that is left out has a bearing on it', (text) => {
    expect(meaningOf(text)).toBe('literal_left_out');
  });

  it.each([`delete from visits where id = 1 and kind <> '${blank}'`, `insert into visits (id, kind) values (1, '${blank}')`, `update visits set kind = '${blank}' where kind like 'a%'`])('is what it is where it has none', (text) => {
    expect(meaningOf(text)).toBe(false);
  });

  it('stays clear of a text of millions of literals soon', () => {
    expect(valueOf(`select ${'1,'.repeat(7_000_000)}1`)).toBe('statement_too_large');
  });
});
