import { describe, expect, it } from 'vitest';
import { belowFrom } from '../spec/random-pattern.js';
import { Keywords } from './keywords.js';

function found(words: readonly string[], text: string): [string, number][] {
  const told: [string, number][] = [];
  new Keywords(words).scan(Buffer.from(text), (keyword, end) => told.push([words[keyword]!, end]));
  return told;
}

describe('keywords', () => {
  it('are found in both cases, inside of each other, and behind each other', () => {
    expect(found(['he', 'she', 'his', 'hers'], 'uSHErs')).toEqual([['she', 4], ['he', 4], ['hers', 6]]);
  });

  it('are not found where there are none, or before `from` or after `until`', () => {
    expect(found(['key'], 'k e y, ke')).toEqual([]);
    const told: number[] = [];
    new Keywords(['key']).scan(Buffer.from('key key key'), (_, end) => told.push(end), 1, 10);
    expect(told).toEqual([7]);
  });

  it('may be none at all', () => expect(found([], 'text')).toEqual([]));

  it.each(['', 'schlüssel'])('are ASCII, not "%s"', (word) => expect(() => new Keywords([word])).toThrow(RangeError));

  it('are all found, and nothing else: random words in random texts', () => {
    const below = belowFrom(5);
    const random = (length: number): string => Array.from({ length }, () => 'abAB_é'[below(6)]!).join('');
    let occurrences = 0;
    for (let count = 0; count < 500; count += 1) {
      const words = [...new Set(Array.from({ length: 1 + below(12) }, () => random(1 + below(4)).replaceAll('é', 'b')))];
      const text = random(count % 50 === 0 ? 1_300 + below(2) : 60);
      const expected = words.flatMap((word) => [...Array(Buffer.byteLength(text) + 1).keys()].filter((end) => end >= word.length && Buffer.from(text).toString('latin1', end - word.length, end).toLowerCase() === word.toLowerCase()).map((end) => `${end} ${word}`));
      const told = found(words, text);
      expect(told.map(([word, end]) => `${end} ${word}`).toSorted()).toEqual(expected.toSorted());
      expect(told.map(([, end]) => end)).toEqual(told.map(([, end]) => end).toSorted((one, other) => one - other));
      occurrences += expected.length;
    }
    expect(occurrences).toBeGreaterThan(5_000);
  });
});
