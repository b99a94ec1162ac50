import type { FoundKind } from './kinds.js';

/** Finds one form of content at a digit that begins a run of digits. It reads no further than the longest candidate of its kind. */
export interface Recognizer {
  readonly kind: FoundKind;
  /** How sure the form alone makes it, 0 to 1; of a weak form: how sure with a word beside it. */
  readonly score: number;
  /** Words of which one must stand near, for a form that says too little by itself. Several lists: one of each. */
  readonly near?: readonly (readonly string[])[];
  /** How far before the candidate such a word may stand, bytes, where that is less than usual. */
  readonly within?: number;
  /** Words of which none may stand right before. */
  readonly notAfter?: readonly string[];
  /** First runs of digits it can begin with: their lengths, and the classes of the byte that follows. */
  readonly runs: Runs;
  /** Whether a letter stands right before that run. */
  readonly afterLetter?: boolean;
  /** Where the candidate begins whose first run of digits is at `run`, if not there. Asked only of a match. */
  startOf?(bytes: Uint8Array, run: number): number;
  /** End of the candidate (exclusive) whose first run of digits is `run` to `runEnd`, or -1. */
  match(bytes: Uint8Array, run: number, runEnd: number): number;
}

export interface Runs {
  readonly lengths: readonly number[];
  readonly followedBy: readonly After[];
}

/** What follows a run of digits: something that ends a number, a joiner, or a letter. */
export const AFTER = ['end', 'dash', 'dot', 'space', 'slash', 'plus', 'bracket', 'letter'] as const;
export type After = (typeof AFTER)[number];

export const JOINED: readonly After[] = ['dash', 'dot', 'space', 'slash', 'bracket'];
/** After a bare number anything may follow but a letter; whether it ends there is looked at when it matched. */
export const BARE: readonly After[] = ['end', 'plus', ...JOINED];

export function lengths(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The run's longest length that is told apart; no candidate begins with a longer one. */
export const LONGEST_RUN = 20;
