import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNames, MOST_BYTES_AT_ONCE, type NameSpan } from './index.js';

const told = (text: string): string[] => findNames(text).map((span) => `${span.kind} ${Buffer.from(text).subarray(span.start, span.end).toString()}`);

describe('findNames', () => {
  it.each([
    ['a sentence', 'My name is Patricia Novak and I live in London.', ['person Patricia Novak', 'place London']],
    ['small letters', 'my name is patricia novak and i live in london', ['person patricia novak', 'place london']],
    ['capitals', 'MY NAME IS PATRICIA NOVAK', ['person PATRICIA NOVAK']],
    ['a title, which is not part of the name', 'Dear Dr. Novak,\n\nthank you for your letter.', ['person Novak']],
    ['a form', 'First name: Amara\nLast name: Okafor\nCity: Lagos', ['person Amara', 'person Okafor', 'place Lagos']],
    ['a signature', 'Kind regards,\n\nMaria Garcia\nSales manager', ['person Maria Garcia']],
    ['a possessive', "We met at Johanna's house.", ['person Johanna']],
    ['a line of CSV', '17,Robert,Fischer,robert@example.org,Berlin,Germany', ['person Robert', 'person Fischer', 'place Berlin', 'place Germany']],
    ['an address in a sentence', 'Please send it to 12 Church Road, Flat 3, Leeds, LS1 4AB in time.', ['place 12 Church Road, Flat 3, Leeds, LS1 4AB']],
    ['an address as a block', 'Anna Schmidt\n221 Baker Street\nLondon\nUnited Kingdom', ['person Anna Schmidt', 'place 221 Baker Street', 'place London', 'place United Kingdom']],
    ['letters that are not ASCII, by their bytes', 'My name is Jürgen Müller and I live in Köln.', ['person Jürgen Müller', 'place Köln']],
  ])('finds names in %s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it.each([
    'How do I change the limit of my credit card?',
    'The Supreme Court will hear the case in April.',
    'Siemens AG published its results on Monday.',
    'ERROR 42: relation "users" does not exist',
    'SELECT count(*) FROM orders WHERE created_at > now();',
    'PLEASE DO NOT REPLY TO THIS MESSAGE',
    '{"status": "active", "count": 3, "type": "Premium"}',
  ])('finds none in: %s', (text) => {
    expect(told(text)).toEqual([]);
  });

  it('answers any bytes with spans that are in order, apart, and inside the text', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => inOrder(findNames(bytes), bytes.length)), { numRuns: 300 });
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => inOrder(findNames(text), Buffer.byteLength(text))), { numRuns: 300 });
  });

  it('keeps offsets exact behind bytes that are no UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xc3, 0x28, 0, 0xed, 0xa0, 0x80, 0xf5]), Buffer.from('\nMy name is Patricia Novak.')]);
    expect(findNames(bytes).map(({ start, end }) => bytes.subarray(start, end).toString())).toContain('Patricia Novak');
  });

  it('finds a name wherever a long text is cut', () => {
    const sentence = 'Nothing of note was said. ';
    const before = sentence.repeat(Math.ceil(MOST_BYTES_AT_ONCE / sentence.length) + 1).slice(0, MOST_BYTES_AT_ONCE - 14);
    for (let shift = 0; shift < 28; shift += 9) {
      const text = `${before.slice(shift)}\nMy name is Patricia Novak.\n${sentence}`;
      expect(told(text), `shifted by ${shift}`).toContain('person Patricia Novak');
    }
  });

  it.each([
    ['one word without an end', 'x'.repeat(2 ** 17)],
    ['dots and letters', 'a.'.repeat(2 ** 16)],
    ['signs of mail addresses', 'a-'.repeat(2 ** 16)],
    ['apostrophes', "a'".repeat(2 ** 16)],
    ['capitals', 'Ab '.repeat(2 ** 15)],
    ['empty lines', '\n'.repeat(2 ** 17)],
    ['one line of colons', 'a:'.repeat(2 ** 16)],
    ['combining marks', 'a\u0301'.repeat(2 ** 15)],
  ])('takes time in line with length: %s', (_, text) => {
    const spans = findNames(text);
    expect(inOrder(spans, Buffer.byteLength(text))).toBe(true);
  });
});

function inOrder(spans: readonly NameSpan[], length: number): boolean {
  return spans.every((span, index) => span.start < span.end && span.end <= length && span.start >= (spans[index - 1]?.end ?? 0) && span.score >= 0 && span.score <= 1);
}
