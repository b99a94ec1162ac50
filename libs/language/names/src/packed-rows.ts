import { FEATURE_BITS, type FeatureRows } from './features.js';
import { LABEL_COUNT } from './labels.js';

/** Two labels' points are one integer, each in a lane of 16 bits and raised so that it is never below zero: half as many additions, and sums of all features fit. */
const PAIRS = LABEL_COUNT / 2;
const RAISED = 128;

/** The points of all rows that have any, close together, so that what is looked at often stays in the processor's cache. */
export class PackedRows {
  /** Which rows have points: most features that a text has were never learned. */
  readonly #present = new Uint32Array(2 ** FEATURE_BITS / 32);
  readonly #places = new Int32Array(2 ** FEATURE_BITS);
  readonly #packed: Int32Array;
  readonly #sums = new Int32Array(PAIRS);
  #count = 0;

  /** Room for `rows` rows. */
  constructor(rows: number) {
    this.#packed = new Int32Array(rows * PAIRS);
  }

  /** Adds a row with its points, from -127 to 127, of every label. */
  add(row: number, points: ArrayLike<number>): void {
    this.#present[row >>> 5]! |= 1 << (row & 31);
    const place = this.#count * PAIRS;
    this.#places[row] = place;
    this.#count += 1;
    for (let pair = 0; pair < PAIRS; pair += 1) this.#packed[place + pair] = (points[pair * 2]! + RAISED) | ((points[pair * 2 + 1]! + RAISED) << 16);
  }

  /** Writes the points of each label for these features, added up, into `into` from `base` on. */
  sum({ rows, count }: FeatureRows, into: Float32Array, base: number): void {
    const sums = this.#sums.fill(0);
    const packed = this.#packed;
    let found = 0;
    for (let feature = 0; feature < count; feature += 1) {
      const row = rows[feature]!;
      if ((this.#present[row >>> 5]! & (1 << (row & 31))) === 0) continue;
      const place = this.#places[row]!;
      found += 1;
      for (let pair = 0; pair < PAIRS; pair += 1) sums[pair]! += packed[place + pair]!;
    }
    const raised = found * RAISED;
    for (let pair = 0; pair < PAIRS; pair += 1) {
      into[base + pair * 2] = (sums[pair]! & 0xffff) - raised;
      into[base + pair * 2 + 1] = (sums[pair]! >>> 16) - raised;
    }
  }

  /** The points of every row with any, in the order of rows. */
  *entries(): Generator<{ readonly row: number; readonly points: number[] }> {
    for (let row = 0; row < 2 ** FEATURE_BITS; row += 1) {
      if ((this.#present[row >>> 5]! & (1 << (row & 31))) === 0) continue;
      const pairs = this.#packed.subarray(this.#places[row]!, this.#places[row]! + PAIRS);
      yield { row, points: [...pairs].flatMap((pair) => [(pair & 0xffff) - RAISED, (pair >>> 16) - RAISED]) };
    }
  }
}
