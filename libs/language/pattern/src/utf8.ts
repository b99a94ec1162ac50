import type { Characters } from './characters.js';

/** Bytes that may follow one another: each between its two ends. */
export type ByteRanges = readonly (readonly [low: number, high: number])[];

const LENGTH_ENDS = [0x7f, 0x7ff, 0xd7ff, 0xffff];
const [FIRST_SURROGATE, LAST_SURROGATE] = [0xd800, 0xdfff];

/** The well-formed UTF-8 of a set of characters, as runs of byte ranges that exclude one another. */
export function utf8Of(characters: Characters): readonly ByteRanges[] {
  return characters.flatMap(([first, last]) => [...ranges(first, last)]);
}

function* ranges(first: number, last: number): Iterable<ByteRanges> {
  const end = LENGTH_ENDS.find((length) => first <= length && length < last);
  if (end !== undefined) return yield* halves(first, end, last);
  if (first >= FIRST_SURROGATE && first <= LAST_SURROGATE) {
    if (last > LAST_SURROGATE) yield* ranges(LAST_SURROGATE + 1, last);
    return;
  }
  if (first < 0x80) return yield [[first, last]];
  // Where the last bytes do not run over all of their values, the range is cut until they do, or stay the same before it.
  for (let bits = 6; bits <= 18; bits += 6) {
    const below = (1 << bits) - 1;
    if ((first & ~below) === (last & ~below)) continue;
    if ((first & below) !== 0) return yield* halves(first, first | below, last);
    if ((last & below) !== below) return yield* halves(first, (last & ~below) - 1, last);
  }
  const [low, high] = [Buffer.from(String.fromCodePoint(first)), Buffer.from(String.fromCodePoint(last))];
  yield [...low].map((byte, index) => [byte, high[index]!] as const);
}

function* halves(first: number, end: number, last: number): Iterable<ByteRanges> {
  yield* ranges(first, end);
  yield* ranges(end + 1, last);
}
