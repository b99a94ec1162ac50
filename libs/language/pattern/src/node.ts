import type { Characters } from './characters.js';

/** A pattern as it was read. Of what matches at one place, what stands first is preferred, as in ECMAScript. */
export type Node =
  | { readonly kind: 'character'; readonly of: Characters }
  /** `\b`, or `\B` where negated. */
  | { readonly kind: 'edge'; readonly negated: boolean }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly min: number; readonly max: number; readonly greedy: boolean };
