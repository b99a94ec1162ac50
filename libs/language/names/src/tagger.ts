import { describe, FeatureRows } from './features.js';
import { LABEL_COUNT, mayFollow, SEPARATOR_COUNT } from './labels.js';
import type { PackedRows } from './packed-rows.js';
import type { Page } from './page.js';
import { plainTokens } from './plain.js';

/** What training found: points of each label for each row of features that has any, and of each label after another. */
export interface Weights {
  readonly emissions: PackedRows;
  /** By separator, then previous label, then label. */
  readonly transitions: Int16Array | Float32Array;
  /** What one point of a weight is worth in the scale that scores are told in. */
  readonly scale: number;
}

const IMPOSSIBLE = -1e9;

/** Points that `O` must be ahead: a name that is missed is worse than a word that is masked. Measured: more costs precision and finds little. */
const LEANING = 50;

/** Which label may follow which: by separator, previous label (one more stands for the beginning), label. */
const ALLOWED = Uint8Array.from({ length: SEPARATOR_COUNT * (LABEL_COUNT + 1) * LABEL_COUNT }, (_, index) => {
  const next = index % LABEL_COUNT;
  const previous = Math.floor(index / LABEL_COUNT) % (LABEL_COUNT + 1);
  const separator = Math.floor(index / LABEL_COUNT / (LABEL_COUNT + 1));
  return mayFollow(previous === LABEL_COUNT ? -1 : previous, next, separator) ? 1 : 0;
});

export interface Tagging {
  /** The label of each token. */
  readonly labels: Uint8Array;
  /** By how many points the label of each token is ahead of `O`, by its own features. */
  readonly margins: Float32Array;
}

/** The best sequence of labels for a page: exact, in time and memory linear in its tokens. */
export function tag(page: Page, weights: Weights): Tagging {
  const { count, separators } = page.tokens;
  const plain = plainTokens(page);
  const points = emissionsOf(page, weights, plain);
  const labels = bestPath({ separators: separators.subarray(0, count), plain, points }, weights.transitions);
  const margins = new Float32Array(count);
  for (let at = 0; at < count; at += 1) margins[at] = (points[at * LABEL_COUNT + labels[at]!]! - points[at * LABEL_COUNT]!) * weights.scale;
  return { labels, margins };
}

/** The points of each label for each token; of a plain one none are looked up. */
function emissionsOf(page: Page, { emissions }: Weights, plain: Uint8Array): Float32Array {
  const points = new Float32Array(page.tokens.count * LABEL_COUNT);
  const features = new FeatureRows();
  for (let at = 0; at < page.tokens.count; at += 1) {
    if (plain[at]) continue;
    describe(page, at, features);
    emissions.sum(features, points, at * LABEL_COUNT);
    points[at * LABEL_COUNT]! -= LEANING;
  }
  return points;
}

/** What the best path is looked for on: tokens with what stands before each, which of them can only be `O`, and the points of each label for each. */
export interface Lattice {
  readonly separators: Uint8Array;
  readonly plain: Uint8Array;
  readonly points: Float32Array;
}

/** The labels that together have the most points. */
export function bestPath({ separators, plain, points }: Lattice, transitions: Weights['transitions']): Uint8Array {
  const count = separators.length;
  const from = new Uint8Array(count * LABEL_COUNT);
  let reached = new Float64Array(LABEL_COUNT);
  let next = new Float64Array(LABEL_COUNT);
  for (let at = 0; at < count; at += 1) {
    const labels = plain[at] ? 1 : LABEL_COUNT;
    const separator = separators[at]!;
    if (plain[at]) next.fill(IMPOSSIBLE);
    for (let label = 0; label < labels; label += 1) {
      const allowed = separator * (LABEL_COUNT + 1) * LABEL_COUNT + label;
      const transition = separator * LABEL_COUNT * LABEL_COUNT + label;
      let best = IMPOSSIBLE * 2;
      let previousBest = 0;
      if (at === 0) best = ALLOWED[allowed + LABEL_COUNT * LABEL_COUNT] ? 0 : IMPOSSIBLE;
      else for (let previous = 0; previous < LABEL_COUNT; previous += 1) {
        const score = reached[previous]! + (ALLOWED[allowed + previous * LABEL_COUNT] ? transitions[transition + previous * LABEL_COUNT]! : IMPOSSIBLE);
        if (score > best) {
          best = score;
          previousBest = previous;
        }
      }
      next[label] = best + points[at * LABEL_COUNT + label]!;
      from[at * LABEL_COUNT + label] = previousBest;
    }
    [reached, next] = [next, reached];
  }
  return backwards(from, reached, count);
}

function backwards(from: Uint8Array, reached: Float64Array, count: number): Uint8Array {
  const labels = new Uint8Array(count);
  let label = reached.indexOf(Math.max(...reached));
  for (let at = count - 1; at >= 0; at -= 1) {
    labels[at] = label;
    label = from[at * LABEL_COUNT + label]!;
  }
  return labels;
}
