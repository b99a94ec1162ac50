import { describe, expect, it } from 'vitest';
import { BENIGN, benignText } from '../spec/benign.js';
import { Random } from '../spec/random.js';
import { SAMPLES } from '../spec/samples.js';
import { groupOf, VALUE_KINDS } from './kinds.js';
import { ContentNet } from './net.js';

const net = new ContentNet(VALUE_KINDS);
const SEED = 20_261_128;
const EACH = 400;

describe('benign ids', () => {
  const masked = Object.entries(BENIGN).map(([name, { none, make }]) => {
    const r = new Random(SEED);
    const texts = Array.from({ length: EACH }, () => benignText(make(r), r));
    return { name, none, texts: texts.filter((text) => net.find(Buffer.from(text)).length > 0) };
  });

  it.each(masked.filter(({ none }) => none))('$name: none is masked', ({ texts }) => {
    expect(texts).toEqual([]);
  });

  it('of any kind: one in two hundred at most', () => {
    const all = masked.length * EACH;
    const wrong = masked.flatMap(({ texts }) => texts);
    expect(wrong.length / all, wrong.slice(0, 40).join('\n')).toBeLessThanOrEqual(0.005);
  });
});

/** By group: one number may pass the checks of two countries. */
describe('what is sensitive, made to its rules', () => {
  it.each(SAMPLES)('$kind is found whole, and nothing beside it', ({ kind, make, carriers }) => {
    const r = new Random(SEED);
    const wrong: string[] = [];
    for (let count = 0; count < EACH; count += 1) {
      const value = make(r);
      const text = r.pick(carriers).replace('%', () => value);
      const bytes = Buffer.from(text);
      const found = net.find(bytes).map((finding) => `${groupOf(finding.kind)} ${bytes.subarray(finding.start, finding.end).toString()}`);
      if (found.join() !== `${groupOf(kind)} ${value}`) wrong.push(`${text} -> ${found.join()}`);
    }
    expect(wrong.length / EACH, wrong.slice(0, 12).join('\n')).toBeLessThanOrEqual(0.02);
  });
});
