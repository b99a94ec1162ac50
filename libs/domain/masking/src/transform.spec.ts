import { describe, expect, it } from 'vitest';
import { applyTransform } from './transform.js';

describe('applyTransform', () => {
  it.each([
    ['partial', 'text', '4111111111111111', '************1111'],
    ['partial', 'text', 'ärger@über.test', '***********test'],
    ['partial', 'text', '1234567', '[redacted]'],
    ['partial', 'json', '"4111111111111111"', '"[redacted]"'],
    ['partial', 'other', '42', null],
    ['redact', 'text', 'anything', '[redacted]'],
    ['redact', 'jsonb-binary', '\u0001{}', '\u0001"[redacted]"'],
    ['redact', 'other', '42', null],
    ['null', 'text', 'anything', null],
  ] as const)('%s of a %s cell', (transform, shape, value, masked) => {
    expect(applyTransform({ transform }, Buffer.from(value), shape)?.toString() ?? null).toBe(masked);
  });

  it('leaves as many characters as its rule says, and never more than half', () => {
    const partly = (value: string, last: number) => applyTransform({ transform: 'partial', last }, Buffer.from(value), 'text')?.toString();
    expect(partly('4111111111111111', 2)).toBe('**************11');
    expect(partly('123456789', 2)).toBe('*******89');
    expect(partly('123456789', 5)).toBe('[redacted]');
  });

  it.each(['token', 'format-preserving', 'generalise'] as const)('redacts a cell that %s cannot treat', (transform) => {
    expect(applyTransform({ transform }, Buffer.from('x'), 'json')?.toString()).toBe('"[redacted]"');
    expect(applyTransform({ transform }, Buffer.from('x'), 'other')).toBeNull();
  });

  it('keeps nothing a reader could rebuild: a masked card fails Luhn because it has no digits left to check', () => {
    expect(applyTransform({ transform: 'partial' }, Buffer.from('5286914470312268'), 'text')!.toString()).toMatch(/^\*{12}2268$/);
  });
});
