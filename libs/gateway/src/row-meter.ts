import { accepted, refused, type Outcome, type Refusal } from '@interlock/kernel';
import type { Account } from '@interlock/domain-budget';
import type { Drawn } from './purse.js';
import type { Slice, Taken } from './slice.js';
import type { SubjectList } from './subject-list.js';

/** An account of subjects, and what is known here of whom it was shown. */
export interface Listed {
  readonly account: Account;
  readonly list: SubjectList;
}

/** Whose a row is, by a budget that counts subjects. */
export interface RowSubject {
  readonly budget: string;
  readonly subject: string;
}

type Leased = NonNullable<Taken['leased']>;

/** Counts rows against budgets: on their way to the client, where a row passes once it is paid for, or as many as were written, before that is made to last. So none goes beyond. */
export class RowMeter {
  readonly #drawn: readonly Drawn[];
  readonly #listed: readonly Listed[];
  readonly #tell: (leased: Leased, command: string) => void;

  constructor(drawn: readonly Drawn[], listed: readonly Listed[], tell: (leased: Leased, command: string) => void) {
    this.#drawn = drawn;
    this.#listed = listed;
    this.#tell = tell;
  }

  /** Why nothing is sent that has to do with subjects of one of these budgets; undefined where it may be. */
  beyond(budgets: readonly string[]): Refusal | undefined {
    return this.#listed.filter(({ account }) => budgets.includes(account.budget.name)).map(({ account, list }) => list.beyond(account)).find((refusal) => refusal !== undefined);
  }

  /** Pays for a row of that many bytes, of these subjects, from what is at hand; false when that is too little: then {@link more}. */
  pass(bytes: number, subjects: readonly RowSubject[] = NOBODY): boolean {
    if (subjects.some(({ budget, subject }) => !this.#listed.some(({ account, list }) => account.budget.name === budget && list.has(account, subject)))) return false;
    const paid = new Payment();
    for (const { account, slice } of this.#drawn) {
      const taken = slice.takeNow(account, priceOf(account, bytes));
      if (!taken) return paid.undo();
      paid.add(slice, taken);
    }
    return true;
  }

  /**
   * Pays for it, or for so many rows written, once more has been leased; where `later` are the subjects of rows that come after it, for as many of those as there
   * is room for. Refuses when a budget is used up, or the bus does not say.
   */
  async more(bytes: number, command: string, subjects: readonly RowSubject[] = NOBODY, later: readonly RowSubject[] = NOBODY): Promise<Outcome<unknown>> {
    const counted = await this.#count(command, subjects, later);
    if (!counted.ok) return counted;
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

  async #count(command: string, subjects: readonly RowSubject[], later: readonly RowSubject[]): Promise<Outcome<unknown>> {
    for (const budget of new Set(subjects.map((one) => one.budget))) {
      const listed = this.#listed.find(({ account }) => account.budget.name === budget);
      if (!listed) return NO_MORE_COUNTED;
      const of = (some: readonly RowSubject[]): string[] => some.filter((one) => one.budget === budget).map(({ subject }) => subject);
      const counted = await listed.list.count(listed.account, of(subjects), of(later));
      if (!counted.ok) return counted;
      if (counted.value) this.#tell(counted.value, command);
    }
    return accepted(undefined);
  }
}

const NOBODY: readonly RowSubject[] = [];
const NO_MORE_COUNTED = refused('budget_unavailable', 'The budgets changed while the answer was under way.', { retryable: true, hint: 'Send the command again.' });

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
