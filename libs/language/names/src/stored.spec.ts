import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEATURE_BITS, FeatureRows, MOST_FEATURES } from './features.js';
import { bitsOf, holds, IN, put } from './gazetteers.js';
import { LABEL_COUNT, SEPARATOR_COUNT } from './labels.js';
import { STORED } from './model.data.js';
import { PackedRows } from './packed-rows.js';
import { restored, storable } from './stored.js';
import { hashOf } from './hashing.js';
import { folded } from './words.js';

describe('the stored model', () => {
  it('comes back as it was stored', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 2 ** FEATURE_BITS - 1 }), fc.array(fc.integer({ min: -127, max: 127 }), { minLength: LABEL_COUNT, maxLength: LABEL_COUNT }));
    fc.assert(fc.property(fc.uniqueArray(row, { selector: ([at]) => at, maxLength: 60 }), (rows) => {
      const emissions = new PackedRows(rows.length, rows.length * LABEL_COUNT);
      for (const [at, points] of rows) emissions.add(at, points);
      const model = {
        weights: { emissions, transitions: Int16Array.from({ length: SEPARATOR_COUNT * LABEL_COUNT ** 2 }, (_, index) => index * 31 - 15_000), scale: 0.5 },
        gazetteers: { words: [{ bit: 4, bytes: Uint8Array.of(1, 2, 255) }], phrases: Uint8Array.of(7), phraseHeads: Uint8Array.of(9) },
      };
      const back = restored(storable(model));
      const expected = rows.toSorted(([one], [other]) => one - other).map(([at, points]) => ({ row: at, points }));
      expect([...back.weights.emissions.entries()]).toEqual(expected);
      expect(back.weights.transitions).toEqual(model.weights.transitions);
      expect(back.gazetteers.words.map(({ bit, bytes }) => [bit, ...bytes])).toEqual([[4, 1, 2, 255]]);
      expect([...back.gazetteers.phrases, ...back.gazetteers.phraseHeads]).toEqual([7, 9]);
    }), { numRuns: 10 });
  });

  it('adds up the points of features that have any', () => {
    const emissions = new PackedRows(2, 2 * LABEL_COUNT);
    emissions.add(3, Array.from({ length: LABEL_COUNT }, (_, label) => label * 8 - 64));
    emissions.add(9, Array.from({ length: LABEL_COUNT }, () => -127));
    const features = new FeatureRows();
    for (let times = 0; times < MOST_FEATURES; times += 1) features.rows[times] = times < 10 ? 3 : times < 70 ? 9 : 4;
    features.count = MOST_FEATURES;
    const sums = new Float32Array(LABEL_COUNT + 1);
    emissions.sum(features, sums, 1);
    expect([...sums]).toEqual([0, ...Array.from({ length: LABEL_COUNT }, (_, label) => 10 * (label * 8 - 64) - 60 * 127)]);
  });

  it('is within what the package may weigh', () => {
    expect(JSON.stringify(STORED).length).toBeLessThan(1_500_000);
  });

  it('knows names and leaves words out', () => {
    const { gazetteers } = restored(STORED);
    const bits = (word: string): number => bitsOf(gazetteers, hashOf(folded(word)));
    expect(bits('Maria') & IN.firstNames).not.toBe(0);
    expect(bits('GARCÍA') & IN.lastNames).not.toBe(0);
    expect(bits('Berlin') & IN.cities).not.toBe(0);
    expect(bits('because') & (IN.firstNames | IN.cities)).toBe(0);
  });
});

describe('a filter', () => {
  it('holds everything that was put in, and little else', () => {
    const filter = new Uint8Array(1000);
    for (let index = 0; index < 1000; index += 1) put(filter, hashOf(`in ${index}`));
    for (let index = 0; index < 1000; index += 1) expect(holds(filter, hashOf(`in ${index}`))).toBe(true);
    const others = Array.from({ length: 10_000 }, (_, index) => holds(filter, hashOf(`out ${index}`))).filter(Boolean).length;
    expect(others).toBeLessThan(500);
  });
});
