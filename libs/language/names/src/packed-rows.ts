import { FEATURE_BITS, type FeatureRows } from './features.js';
import { LABEL_COUNT } from './labels.js';

/**
 * The points of all rows that have any: for each row how many labels have points, then each of them with its points, a byte each. A row has points for three labels of sixteen on average, and
 * what is looked at often is to stay in the processor's cache.
 */
export class PackedRows {
  /** Which rows have points: most features that a text has were never learned. */
  readonly #present = new Uint32Array(2 ** FEATURE_BITS / 32);
  readonly #places = new Int32Array(2 ** FEATURE_BITS);
  readonly #packed: Int8Array;
  #end = 0;

  /** Room for `rows` rows that have at most `points` points together. */
  constructor(rows: number, points: number) {
    this.#packed = new Int8Array(rows + points * 2);
  }

  /** Adds a row with its points, from -127 to 127, of every label. */
  add(row: number, points: ArrayLike<number>): void {
    this.#present[row >>> 5]! |= 1 << (row & 31);
    const place = this.#end;
    this.#places[row] = place;
    this.#end += 1;
    for (let label = 0; label < LABEL_COUNT; label += 1) {
      if (points[label] === 0) continue;
      this.#packed[this.#end] = label;
      this.#packed[this.#end + 1] = points[label]!;
      this.#packed[place]! += 1;
      this.#end += 2;
    }
  }

  /** Adds the points of each label for these features to `into`, from `base` on. */
  sum({ rows, count }: FeatureRows, into: Float32Array, base: number): void {
    const [present, places, packed] = [this.#present, this.#places, this.#packed];
    for (let feature = 0; feature < count; feature += 1) {
      const row = rows[feature]!;
      if ((present[row >>> 5]! & (1 << (row & 31))) === 0) continue;
      const place = places[row]!;
      const end = place + 1 + packed[place]! * 2;
      for (let at = place + 1; at < end; at += 2) into[base + packed[at]!]! += packed[at + 1]!;
    }
  }

  /** The points of every row with any, in the order of rows. */
  *entries(): Generator<{ readonly row: number; readonly points: number[] }> {
    for (let row = 0; row < 2 ** FEATURE_BITS; row += 1) {
      if ((this.#present[row >>> 5]! & (1 << (row & 31))) === 0) continue;
      const place = this.#places[row]!;
      const points = Array.from({ length: LABEL_COUNT }, () => 0);
      for (let at = place + 1; at < place + 1 + this.#packed[place]! * 2; at += 2) points[this.#packed[at]!] = this.#packed[at + 1]!;
      yield { row, points };
    }
  }
}
