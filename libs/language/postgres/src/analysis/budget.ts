import { SQL_LIMITS } from '../limits.js';

/** Code units of a text that are parsed for the price of looking at one node. */
const CODE_UNITS_PER_STEP = 4;

/** What the interpretation of one text may still do; its statements, and the views and functions they lead to, share it. */
export class Budget {
  #used = 0;

  constructor(private readonly steps: number = SQL_LIMITS.analysisSteps) {}

  /** Steps taken so far: the work that a text has made, whatever machine it is done on. */
  get used(): number {
    return this.#used;
  }

  get isSpent(): boolean {
    return this.#used > this.steps;
  }

  take(steps: number): void {
    this.#used += steps;
  }

  /** A text that is parsed. */
  parse(text: string): void {
    this.take(text.length / CODE_UNITS_PER_STEP);
  }
}
