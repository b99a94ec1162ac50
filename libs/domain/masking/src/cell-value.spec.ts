import { describe, expect, it } from 'vitest';
import { fromBase32, base32 } from './base32.js';
import { maskValue, type CellValue } from './cell-value.js';
import { NO_CIPHERS } from './cipher.js';
import type { SensitiveColumn } from './plan.js';

const whole = (value: bigint): CellValue => ({ kind: 'integer', value, least: -32_768n, most: 32_767n });
const generalised = (generalise: SensitiveColumn['generalise'], value: CellValue) => maskValue({ transform: 'generalise', generalise }, value, NO_CIPHERS);

describe('generalise', () => {
  it.each<[string, SensitiveColumn['generalise'], CellValue, CellValue | undefined]>([
    ['a date to its year', { to: 'year' }, { kind: 'date', year: 1985, month: 12 }, { kind: 'date', year: 1985, month: 1 }],
    ['a date to its month', { to: 'month' }, { kind: 'date', year: 1985, month: 12 }, { kind: 'date', year: 1985, month: 12 }],
    ['a whole number', { bucket: 10 }, whole(39n), whole(30n)],
    ['one below zero', { bucket: 10 }, whole(-1n), whole(-10n)],
    ['one whose bucket its type cannot hold', { bucket: 1_000 }, whole(-32_768n), undefined],
    ['a decimal', { bucket: 1_000 }, { kind: 'decimal', text: '97411.55' }, { kind: 'decimal', text: '97000' }],
    ['a decimal below zero', { bucket: 10 }, { kind: 'decimal', text: '-0.5' }, { kind: 'decimal', text: '-10' }],
    ['a decimal that is whole', { bucket: 10 }, { kind: 'decimal', text: '-20.00' }, { kind: 'decimal', text: '-20' }],
    ['a float', { bucket: 10 }, { kind: 'float', value: -0.5 }, { kind: 'float', value: -10 }],
    ['a text', { first: 3 }, { kind: 'text', text: '90210' }, { kind: 'text', text: '902*' }],
    ['a text by characters', { first: 2 }, { kind: 'text', text: '😀ßx' }, { kind: 'text', text: '😀ß*' }],
    ['a text that would be shown whole', { first: 5 }, { kind: 'text', text: '90210' }, undefined],
    ['a text by bucket', { bucket: 10 }, { kind: 'text', text: '42' }, undefined],
    ['a number by year', { to: 'year' }, whole(1985n), undefined],
    ['a date by bucket', { bucket: 10 }, { kind: 'date', year: 1985, month: 12 }, undefined],
  ])('%s', (_, how, value, expected) => expect(generalised(how, value)).toEqual(expected));
});

it.each<[string, CellValue]>([['a text', { kind: 'text', text: '4111111111111111' }], ['a number', whole(12_345n)], ['a decimal', { kind: 'decimal', text: '123456.78' }]])('without a key %s has neither a token nor other digits', (_, value) => {
  for (const transform of ['token', 'format-preserving'] as const) expect(maskValue({ transform, kind: 'card' }, value, NO_CIPHERS)).toBeUndefined();
});

describe('base32', () => {
  it.each([['', ''], ['f', 'my'], ['fo', 'mzxq'], ['foo', 'mzxw6'], ['foob', 'mzxw6yq'], ['fooba', 'mzxw6ytb'], ['foobar', 'mzxw6ytboi']])('of %j is that of RFC 4648, section 10', (plain, text) => {
    expect(base32(Buffer.from(plain))).toBe(text);
    expect(fromBase32(text)?.toString()).toBe(plain);
  });

  it.each(['mz', 'm', 'MY', 'm1', 'mzxw6==='])('%j is none', (text) => expect(fromBase32(text)).toBeUndefined());
});
