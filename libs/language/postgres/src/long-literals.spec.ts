import { describe, expect, it } from 'vitest';
import { sha256Hex } from '@interlock/kernel';
import { toldText } from './long-literals.js';
import { SQL_LIMITS } from './limits.js';

const long = `it''s ${'é'.repeat(SQL_LIMITS.textBytes)}`;
const told = `'<interlock: ${Buffer.byteLength(long)} bytes, SHA-256 ${sha256Hex(Buffer.from(long))}>'`;
const valueOf = (text: string) => {
  const outcome = toldText(text);
  return outcome.ok ? outcome.value : outcome.refusal.reason;
};

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
