import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoded } from './utf8.js';

describe('decoded', () => {
  it('reads what is UTF-8 as it is, and knows where each character begins', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }).filter((text) => text.isWellFormed()), (text) => {
      const back = decoded(Buffer.from(text));
      expect(back.text).toBe(text);
      for (let at = 0; at <= text.length; at += 1) {
        if (/^[\udc00-\udfff]/.test(text.slice(at))) continue;
        expect(back.byteAt(at)).toBe(Buffer.byteLength(text.slice(0, at)));
      }
    }));
  });

  it.each([
    ['a lone continuation', [0x80, 0x41], '\ufffdA'],
    ['an overlong form', [0xc0, 0x80, 0x41], '\ufffd\ufffdA'],
    ['a surrogate', [0xed, 0xa0, 0x80, 0x41], '\ufffd\ufffd\ufffdA'],
    ['a point above the last', [0xf4, 0x90, 0x80, 0x80, 0x41], '\ufffd\ufffd\ufffd\ufffdA'],
    ['an end within a character', [0x41, 0xe2, 0x82], 'A\ufffd\ufffd'],
    ['a NUL', [0x00, 0xc3, 0xa9], '\0é'],
  ])('takes one byte for one sign where there is %s', (_, bytes, text) => {
    const back = decoded(Uint8Array.from(bytes));
    expect(back.text).toBe(text);
    expect(back.byteAt(back.text.length)).toBe(bytes.length);
  });
});
