import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VALUE_KINDS } from './kinds.js';
import { ContentNet } from './net.js';
import { ContentStream } from './stream.js';

const net = new ContentNet(VALUE_KINDS);

/** What the stream makes of a text that comes in these pieces: findings, and the text as it was handed on. */
function streamed(pieces: readonly Uint8Array[]): { found: unknown[]; text: Buffer } {
  const found: unknown[] = [];
  const text: Buffer[] = [];
  const stream = new ContentStream(net, {
    clear: (bytes) => void text.push(Buffer.from(bytes)),
    found: (finding, bytes) => {
      found.push(finding);
      text.push(Buffer.from(bytes));
    },
  });
  for (const piece of pieces) stream.push(piece);
  stream.finish();
  return { found, text: Buffer.concat(text) };
}

function inBytes(text: Buffer): Buffer[] {
  return Array.from(text, (_, at) => text.subarray(at, at + 1));
}

const TEXTS = [
  'Pay 4111 1111 1111 1111, mail ada.quill@example.test, ssn 078051120; 123-45-6789 and DE89 3704 0044 0532 0130 00.', 'call +49 30 901820 or phone 069 987 88 37; born 12 April 1985',
  'http://u:p@h.example/x?y=(1). www.example.org 2001:db8::1 00:1b:44:11:3a:b7 aa-bb-cc-dd-ee-0f', '4111-1111-1111-1111@shop.example "a b"@c.example', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  'é.ü@münchen.example \0 \xff passport A12345678 far from anything that speaks of licences', `https://example.org/${'a/'.repeat(1_200)} then 4111111111111111`,
];
const piece = fc.oneof(fc.constantFrom(...TEXTS).map((text) => Buffer.from(text)), fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)), fc.stringMatching(/^[0-9 .:@/+\-a-fx]{0,60}$/).map((text) => Buffer.from(text)));

describe('a text that comes in pieces', () => {
  it.each(TEXTS)('is found the same in, cut at every byte: %s', (text) => {
    const bytes = Buffer.from(text);
    const whole = net.find(bytes);
    expect(whole.length).toBeGreaterThan(0);
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(streamed([bytes.subarray(0, cut), bytes.subarray(cut)]).found).toEqual(whole);
    expect(streamed(inBytes(bytes))).toEqual({ found: whole, text: bytes });
  });

  it('is found the same in, byte by byte and in any pieces, whatever it holds', () => {
    fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(400), { maxLength: 6 }), (parts, sizes) => {
      const bytes = Buffer.concat(parts);
      const whole = { found: [...net.find(bytes)], text: bytes };
      expect(streamed(inBytes(bytes))).toEqual(whole);
      let at = 0;
      const pieces = sizes.map((size) => bytes.subarray(at, (at += size)));
      expect(streamed([...pieces, bytes.subarray(at)])).toEqual(whole);
    }), { numRuns: 200 });
  });

  it('is found the same in beyond the window', () => {
    const bytes = Buffer.from(`${TEXTS.join('\n')}\n`.repeat(250));
    expect(bytes.length).toBeGreaterThan(600_000);
    const { found, text } = streamed([bytes]);
    expect(text.equals(bytes)).toBe(true);
    expect(JSON.stringify(found)).toBe(JSON.stringify(net.find(bytes)));
  });

  it('is handed on while it comes: no more is held than the longest candidate', () => {
    let handed = 0;
    const stream = new ContentStream(net, { clear: (bytes) => void (handed += bytes.length), found: (_finding, bytes) => void (handed += bytes.length) });
    const chunk = Buffer.from('words and numbers 17 and nothing else. '.repeat(500));
    for (let pushed = chunk.length; pushed <= 50 * chunk.length; pushed += chunk.length) {
      stream.push(chunk);
      expect(pushed - handed).toBeLessThan(17_500);
    }
  });
});
