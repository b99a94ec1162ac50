import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser, parseStatements } from '@interlock/language-postgres';
import { drawFrom, variantOf } from './variants.js';
import { readWays } from './ways.js';

beforeAll(loadParser);

const ways = readWays();
const all = (seed: number): readonly { readonly steps: readonly string[]; readonly protocol: string }[] => {
  const draw = drawFrom(seed);
  return ways.map((way) => variantOf(way, draw));
};

describe('variants of ways', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(all(7)).toEqual(all(7));
    expect(all(8)).not.toEqual(all(7));
  });

  it('are statements still, whose spelling is another', () => {
    const variants = [1, 2, 3].flatMap(all);
    const unreadable = variants.flatMap(({ steps }) => steps).filter((step) => !parseStatements(step).ok);
    expect(unreadable).toEqual([]);
    expect(variants.filter(({ steps }, index) => steps.join() === ways[index % ways.length]!.steps.join()).length).toBeLessThan(variants.length / 4);
    expect(new Set(variants.map(({ protocol }) => protocol)).size).toBe(4);
  });
});
