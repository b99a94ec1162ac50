import type { Content } from '@interlock/contracts';
import { DataRowCursor, encodeBackend, HEADER_BYTES, type FieldDescription } from '@interlock/protocol-postgres';
import { describe, expect, it } from 'vitest';
import type { Transform } from '@interlock/contracts';
import { NO_CIPHERS } from '@interlock/domain-masking';
import { maskOf } from './mask-cell.js';
import { contentFormOf, contentRule, RowMask, shapeOf, type CellRule } from './mask-rows.js';

const KINDS = ['card', 'email', 'national-id'] as const;
const MAIL = 'ada@example.org';
const field = (typeOid: number): FieldDescription => ({ name: 'x', tableOid: 0, columnNumber: 0, typeOid, typeSize: -1, typeModifier: -1, format: 'text' });

const transformed = (transform: Transform, typeOid: number, format: 'text' | 'binary'): CellRule => ({ kind: 'transform', mask: maskOf({ schema: 's', table: 't', column: 'c', rule: 'r', transform }, shapeOf(typeOid, format), typeOid, format, NO_CIPHERS) });

function masked(rule: CellRule | undefined, cell: Buffer | null, contents: readonly Content[] = KINDS): string | null | undefined {
  const message = encodeBackend({ kind: 'dataRow', cells: [cell] });
  const row = new DataRowCursor();
  expect(row.load(message, HEADER_BYTES, message.length)).toBeUndefined();
  const mask = new RowMask([rule], contents);
  const count = mask.apply(row);
  const replacement = mask.replacements[0];
  expect(count).toBe(replacement === undefined ? 0 : 1);
  return replacement === null || replacement === undefined ? replacement : Buffer.from(replacement).toString('latin1');
}

describe('a cell of a sensitive column', () => {
  it.each<[string, number, 'text' | 'binary', CellRule, string | null]>([
    ['text', 25, 'text', transformed('redact', 25, 'text'), '[redacted]'],
    ['text, partly', 1043, 'binary', transformed('partial', 1043, 'binary'), '***********.org'],
    ['a number, which cannot hold a word', 23, 'text', transformed('redact', 23, 'text'), null],
    ['JSON', 114, 'text', transformed('redact', 114, 'text'), '"[redacted]"'],
    ['jsonb in binary', 3802, 'binary', transformed('redact', 3802, 'binary'), '\x01"[redacted]"'],
  ])('%s', (_, _type, _format, rule, expected) => {
    expect(masked(rule, Buffer.from(MAIL))).toBe(expected);
  });

  it('stays NULL', () => {
    expect(masked(transformed('redact', 25, 'text'), null)).toBeUndefined();
  });
});

describe('content in a cell', () => {
  it.each<[string, number, 'text' | 'binary', Buffer, string | null | undefined]>([
    ['text', 25, 'text', Buffer.from(`to ${MAIL}!`), 'to [email]!'],
    ['text without any', 25, 'text', Buffer.from('nothing to see, 12345'), undefined],
    ['an unknown type, shown as text', 99_999, 'text', Buffer.from(`(1,${MAIL})`), '(1,[email])'],
    ['an unknown type in binary, which could not be read any more', 99_999, 'binary', Buffer.from(`\0\x01${MAIL}`), null],
    ['an array of text in binary', 1009, 'binary', Buffer.from(`\0\0\0\x01${MAIL}`), null],
    ['jsonb in binary', 3802, 'binary', Buffer.from(`\x01{"m": "${MAIL}"}`), '\x01{"m": "[email]"}'],
    ['bytea in hexadecimal', 17, 'text', Buffer.from(`\\x${Buffer.from(MAIL).toString('hex')}`), `\\x${Buffer.from('[email]').toString('hex')}`],
    ['bytea in binary', 17, 'binary', Buffer.from(MAIL), '[email]'],
  ])('%s', (_, typeOid, format, cell, expected) => {
    expect(masked(contentRule(field(typeOid), format), cell)).toBe(expected);
  });

  it('is looked for in the shortest cells where a recognizer may find it there', () => {
    const locker: Content = { id: 'locker', pattern: '\\b[A-Z]\\d{3}\\b', score: 0.8, transform: 'redact' };
    expect(masked(contentRule(field(25), 'text'), Buffer.from('B042'), [locker])).toBe('[locker]');
    expect(masked(contentRule(field(25), 'text'), Buffer.from('B042'))).toBeUndefined();
  });

  it.each([16, 20, 23, 701, 1082, 1184, 1700, 2950])('is not looked for in type %i', (typeOid) => {
    expect(contentFormOf(typeOid, 'text')).toBeUndefined();
  });
});
