import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupOf } from './kinds.js';
import { maskContent } from './mask.js';
import { netFor } from './net.js';

const ALL = ['card', 'email', 'national-id'] as const;

function found(text: string): string[] {
  const bytes = Buffer.from(text);
  return netFor(ALL).find(bytes).map((span) => `${groupOf(span.kind)}:${bytes.subarray(span.start, span.end).toString()}`);
}

describe('the net finds', () => {
  it.each([
    ['a card alone', '4111111111111111', 'card:4111111111111111'],
    ['a grouped card', 'pay 5500 0000 0000 0004.', 'card:5500 0000 0000 0004'],
    ['a dashed card', '(3782-822463-10005)', 'card:3782-822463-10005'],
    ['a 13-digit card', 'x 4222222222222 y', 'card:4222222222222'],
    ['a 12-digit card', '501800000009', 'card:501800000009'],
    ['a 19-digit card', '6304000000000000000', 'card:6304000000000000000'],
    ['an address', 'mail ada.quill+x@zephyr-mail.test now', 'email:ada.quill+x@zephyr-mail.test'],
    ['an address in marks', '<bo@a.example>', 'email:bo@a.example'],
    ['an international address', 'é.ü@münchen.example', 'email:é.ü@münchen.example'],
    ['a US number', 'ssn 078-05-1120', 'national-id:078-05-1120'],
    ['a taxpayer number', '912-73-4461', 'national-id:912-73-4461'],
    ['a UK number', 'QQ? AB123456C!', 'national-id:AB123456C'],
    ['a Spanish number', '12345678Z', 'national-id:12345678Z'],
    ['an Italian code', 'RSSMRA85T10A562S', 'national-id:RSSMRA85T10A562S'],
    ['a Finnish code', '131052-308T', 'national-id:131052-308T'],
    ['a Swedish number', '811218-9876', 'national-id:811218-9876'],
    ['a Brazilian number', '529.982.247-25', 'national-id:529.982.247-25'],
  ])('%s', (_what, text, span) => {
    expect(found(text)).toEqual([span]);
  });
});

describe('the net leaves', () => {
  it.each([
    ['a number that fails Luhn', '4111111111111112'],
    ['an unknown issuer range', '1000000000000008'],
    ['a UUID', '550e8400-e29b-41d4-a716-446655440000'],
    ['a hash', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a timestamp', '2026-11-23 20:41:07.123456+00'],
    ['epoch milliseconds', '1700000000000'],
    ['a version', '10.15.7-rc.12'],
    ['an amount', '4111111111111111.00'],
    ['a longer number', '41111111111111110000'],
    ['an at sign', 'a @ b.c, @handle, user@localhost'],
    ['an impossible SSN', '000-12-3456 666-12-3456 123-00-1234 123-12-0000'],
    ['a phone number', '+49 30 901820'],
  ])('%s', (_what, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('maskContent', () => {
  it('returns the very buffer when there is nothing to hide', () => {
    const value = Buffer.from('order 17 shipped');
    expect(maskContent(value, ALL)).toBe(value);
  });

  it('replaces every span and nothing else', () => {
    expect(maskContent(Buffer.from('ü 4111111111111111, bo@a.example; 078-05-1120 ü'), ALL).toString()).toBe('ü [card], [email]; [national-id] ü');
  });

  it('keeps JSON a document', () => {
    const masked = maskContent(Buffer.from('{"n":4111111111111111,"s":"a\\"4111111111111111"}'), ALL, 'json').toString();
    expect(JSON.parse(masked)).toEqual({ n: null, s: 'a"[card]' });
  });

  it('looks only for the kinds asked', () => {
    expect(maskContent(Buffer.from('4111111111111111 bo@a.example'), ['email']).toString()).toBe('4111111111111111 [email]');
  });

  it('never throws, never overlaps, and finds nothing in what it masked', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const spans = netFor(ALL).find(bytes);
        for (const [index, span] of spans.entries()) expect(span.start).toBeGreaterThanOrEqual(spans[index - 1]?.end ?? 0);
        expect(netFor(ALL).find(maskContent(Buffer.from(bytes), ALL)).filter((span) => span.kind !== 'email').length).toBeLessThanOrEqual(spans.length);
      }),
    );
  });
});
