import { describe, expect, it } from 'vitest';
import { VALUE_KINDS } from './kinds.js';
import { ContentNet } from './net.js';

const net = new ContentNet(VALUE_KINDS);

/** How many times the net read a byte of the text: work that no clock and no other process can disturb. */
function reads(text: string): number {
  let count = 0;
  const bytes = new Proxy(Buffer.from(text), {
    get(target, property) {
      if (typeof property === 'string' && /^\d/.test(property)) count += 1;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  net.find(bytes);
  return count;
}

/** Texts made of one piece over and over: each tempts a recognizer to look far, and to fail. */
const PIECES = [
  'a', '1', '1-', '1 ', '1.', '1/', '1:', 'a@', '@a.', 'a.b.', 'a1', 'aa00 ', 'DE89 ', '123 ', '123-', '4111 1111 1111 111 ', '1(', '+1', '+1 ', '+1 (', '://', 'x://', 'x://a', 'x://a)', 'http://a.', 'x://:', 'a:', '::', 'a::b', '0:0:',
  '"@', 'a"@', 'www.', 'w.', 'aa-bb-', 'aa:bb:', 'bc1q', '1A', '3J98t1', '0x5', 'phone ', 'phone 1234567a ', 'ssn 1 ', 'phone 12345678901234567 ', 'tax 123456789 ', 'dob 1/1/', '\\n', '\\u0031', 'é', 'é@', '-', '.', 'Jan 1 ', '12 Sep', '1.1.1.', '255.',
];

describe('work grows with the text, not with its square:', () => {
  it.each(PIECES)('%j over and over', (piece) => {
    const [short, long] = [1_000, 8_000].map((length) => reads(piece.repeat(Math.ceil(length / piece.length)).slice(0, length)));
    expect(long! / 8_000, 'reads of each byte').toBeLessThan(60);
    // Eight times the text: with the square it would be 64 times the work.
    expect(long! / short!).toBeLessThan(16);
  });
});
