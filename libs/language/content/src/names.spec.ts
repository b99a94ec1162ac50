import { describe, expect, it } from 'vitest';
import { BENIGN, benignText } from '../spec/benign.js';
import { Random } from '../spec/random.js';
import { joined } from './joined.js';
import { FOUND_KINDS } from './kinds.js';
import { maskContent } from './mask.js';
import { PAGE_BYTES } from './names.js';
import { ContentNet } from './net.js';
import type { Finding } from './scanner.js';
import { ContentStream } from './stream.js';

const LETTER = 'Dear Margaret Thompson, please send the parcel to 12 Baker Street, London. Write to john.miller@example.org or call +44 20 7946 0958. Yours, Peter Schmidt\nPlease ask her at 027 896 92 86 I\'d rather call the phone in 4111 1111 1111 1111 Oxford Road, Leeds.\n';
const net = new ContentNet(FOUND_KINDS);

function streamed(bytes: Buffer, pieceBytes: number): Finding[] {
  const found: Finding[] = [];
  const stream = new ContentStream(net, { clear: () => undefined, found: (finding) => void found.push(finding) });
  for (let at = 0; at < bytes.length; at += pieceBytes) stream.push(bytes.subarray(at, at + pieceBytes));
  stream.finish();
  return found;
}

describe('names', () => {
  it('are masked beside everything else', () => {
    const masked = maskContent(Buffer.from(LETTER), FOUND_KINDS).toString();
    expect(masked).toContain('Dear [person], please');
    expect(masked).toContain('[place]');
    expect(masked).toContain('Write to [email] or call [phone].');
    expect(masked).not.toMatch(/Thompson|Schmidt|Baker|London/);
  });

  it('yield to what proves itself, and keep what is left of them', () => {
    const name = { start: 10, end: 40, kind: 'place', score: 0.99 } as const;
    const phone = { start: 20, end: 30, kind: 'phone', score: 0.6 } as const;
    expect(joined([name, phone])).toEqual([{ ...name, end: 20 }, phone, { ...name, start: 30 }]);
    expect(joined([{ ...name, start: 18, end: 33 }, phone])).toEqual([phone]);
    expect(joined([name, { ...phone, start: 0, end: 50 }])).toEqual([{ ...phone, start: 0, end: 50 }]);
  });

  it('are looked for only where they are asked for', () => {
    expect(maskContent(Buffer.from(LETTER), ['email', 'person']).toString()).toContain('London. Write to [email]');
    expect(maskContent(Buffer.from(LETTER), ['email', 'place']).toString()).toContain('Dear Margaret Thompson');
    expect(maskContent(Buffer.from(LETTER), ['email']).toString()).toContain('Dear Margaret Thompson');
  });

  it('are found the same wherever a text of several pages is cut', () => {
    const bytes = Buffer.from(LETTER.repeat(Math.ceil((2.5 * PAGE_BYTES) / LETTER.length)));
    const whole = net.find(bytes);
    expect(whole.filter(({ kind }) => kind === 'person').length).toBeGreaterThan(bytes.length / LETTER.length);
    for (const piece of [bytes.length, 1_001, 40_000]) expect(JSON.stringify(streamed(bytes, piece)), `pieces of ${piece}`).toBe(JSON.stringify(whole));
  });

  it('are no ids, hashes, moments, versions or orders', () => {
    const counts = Object.values(BENIGN).map(({ none, make }) => {
      const r = new Random(20_261_128);
      const texts = Array.from({ length: 60 }, () => benignText(make(r), r));
      const wrong = texts.filter((text) => net.find(Buffer.from(text)).some(({ kind }) => kind === 'person' || kind === 'place'));
      if (none) expect(wrong).toEqual([]);
      return wrong.length;
    });
    expect(counts.reduce((a, b) => a + b) / (counts.length * 60)).toBeLessThanOrEqual(0.005);
  });

  it('are found in what has no place to be cut', () => {
    const bytes = Buffer.from('é'.repeat(PAGE_BYTES));
    expect(streamed(bytes, 10_000)).toEqual([...net.find(bytes)]);
  });
});
