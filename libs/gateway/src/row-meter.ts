import { accepted, type Outcome } from '@interlock/kernel';
import type { Account } from '@interlock/domain-budget';
import type { Drawn } from './purse.js';
import type { Slice, Taken } from './slice.js';

/** Counts rows against budgets: on their way to the client, where a row passes once it is paid for, or as many as were written, before that is made to last. So none goes beyond. */
export class RowMeter {
  readonly #drawn: readonly Drawn[];
  readonly #tell: (leased: NonNullable<Taken['leased']>, command: string) => void;

  constructor(drawn: readonly Drawn[], tell: (leased: NonNullable<Taken['leased']>, command: string) => void) {
    this.#drawn = drawn;
    this.#tell = tell;
  }

  /** Pays for a row of that many bytes from what is at hand; false when that is too little: then {@link more}. */
  pass(bytes: number): boolean {
    const paid = new Payment();
    for (const { account, slice } of this.#drawn) {
      const taken = slice.takeNow(account, priceOf(account, bytes));
      if (!taken) return paid.undo();
      paid.add(slice, taken);
    }
    return true;
  }

  /** Pays for it, or for so many rows written, once more has been leased. Refuses when a budget is used up, or the bus does not say. */
  async more(bytes: number, command: string): Promise<Outcome<unknown>> {
    const paid = new Payment();
    for (const { account, slice } of this.#drawn) {
      const taken = await slice.take(account, priceOf(account, bytes));
      if (!taken.ok) {
        paid.undo();
        return taken;
      }
      if (taken.value.leased) this.#tell(taken.value.leased, command);
      paid.add(slice, taken.value);
    }
    return accepted(undefined);
  }
}

/** What was taken for one row, of several accounts. */
class Payment {
  readonly #parts: [Slice, Taken][] = [];

  add(slice: Slice, taken: Taken): void {
    this.#parts.push([slice, taken]);
  }

  undo(): false {
    for (const [slice, taken] of this.#parts) slice.putBack(taken);
    return false;
  }
}

/** Of what is returned a row costs one, whatever its length. */
function priceOf({ budget }: Account, amount: number): number {
  return budget.what === 'rowsReturned' ? 1 : amount;
}
