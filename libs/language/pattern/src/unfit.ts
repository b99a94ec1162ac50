import type { Refusal } from '@interlock/kernel';

/** Why a pattern cannot be used, and where in its text, in UTF-16 units. */
export interface PatternRefusal extends Refusal {
  /** `pattern_malformed`: it cannot be read. `pattern_not_linear`: it asks for what no automaton has. `pattern_too_large`: it goes beyond `PATTERN_LIMITS`. */
  readonly reason: 'pattern_malformed' | 'pattern_not_linear' | 'pattern_too_large';
  readonly at: number;
}

/** Ends the compilation of a pattern; never leaves this package. */
export class Unfit extends Error {
  constructor(readonly reason: PatternRefusal['reason'], readonly at: number, detail: string) {
    super(detail);
  }

  get refusal(): PatternRefusal {
    return { reason: this.reason, at: this.at, detail: this.message };
  }
}
