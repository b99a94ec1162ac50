/** A number below `limit` from a seeded source. */
export type Below = (limit: number) => number;

/** Numbers that repeat from run to run for one seed (mulberry32). */
export function belowFrom(seed: number): Below {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Few characters, of one to four bytes, so that random texts and random patterns meet often. */
const LETTERS = ['a', 'b', 'c', 'B', '_', '1', ' ', '-', 'é', '€', '😀'];
const CLASSES = ['\\d', '\\w', '\\s', '\\W', '\\S', '.', '[abc]', '[^a]', '[a-c1]', '[^b\\s]', '[à-ÿ]', '[€-😀b]', '[^é€]', '[\\w-]', '[\\b_]'];
const COUNTS = ['*', '+', '?', '{2}', '{1,3}', '{0,2}', '{2,}', '*?', '+?', '??', '{1,3}?'];

export function randomPattern(below: Below, depth = 3): string {
  const options = Array.from({ length: below(4) === 0 ? 1 + below(3) : 1 }, () => Array.from({ length: 1 + below(4) }, () => randomPart(below, depth)).join(''));
  return options.join('|');
}

function randomPart(below: Below, depth: number): string {
  const choice = below(12);
  if (choice === 0) return below(3) === 0 ? '\\B' : '\\b';
  const atom = choice < 6 || depth === 0 ? LETTERS[below(LETTERS.length)]! : choice < 9 ? CLASSES[below(CLASSES.length)]! : `(?:${randomPattern(below, depth - 1)})`;
  return below(3) === 0 ? atom + COUNTS[below(COUNTS.length)]! : atom;
}

export function randomText(below: Below, length: number): string {
  return Array.from({ length: below(length) }, () => [...LETTERS, '\n', 'A', 'C'][below(LETTERS.length + 3)]!).join('');
}
