import { hash } from 'node:crypto';
import { accepted, canonicalJson, type AggregateStore, type Outcome } from '@interlock/kernel';
import type { BudgetState, EventData } from '@interlock/contracts';
import { lease, leasedOf, oldestOf, spanOf, windowOf, type Account, type LeaseCommand, type LeaseEvent } from '@interlock/domain-budget';
import { endOf, inWords } from './budget-words.js';
import type { Clock } from './ports.js';
import { stepStored, type Stepped } from './stored-step.js';

export interface SlicePorts {
  readonly store: AggregateStore<BudgetState>;
  readonly clock: Clock;
  /** This running instance: nobody else gives back what it leased. */
  readonly lessee: string;
}

/** What was taken of an account. */
export interface Taken {
  readonly amount: number;
  readonly window: number;
  /** Where it had to be leased first: for the ledger. */
  readonly leased?: EventData<'budget.leased.v1'>;
}

/** A slice on which nobody draws goes back after this long: others may need it. */
const IDLE_MS = 5_000;

/**
 * What this connector holds of one account: leased from stream BUDGETS by compare-and-set, drawn on here. It is worth nothing once its
 * window is over; of a rolling budget it then goes back. What is not known to be leased is not held, and what may have come back is held no more: lost answers cost the
 * budget's owner, and never go above the budget.
 */
export class Slice {
  readonly #ports: SlicePorts;
  readonly #key: string;
  #window = -1;
  #left = 0;
  #most = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #isDrawnOn = false;
  #stopIdle: (() => void) | undefined;

  constructor(ports: SlicePorts, key: string) {
    this.#ports = ports;
    this.#key = key;
  }

  /** Takes from what is held, or leases more first. Refuses when the budget is used up, and when the bus does not say. */
  async take(account: Account, amount: number): Promise<Outcome<Taken>> {
    const taken = this.takeNow(account, amount);
    if (taken) return accepted(taken);
    const turn = this.#turn.then(() => this.#takeLeased(account, amount));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Takes from what is held; nothing when that is too little. */
  takeNow(account: Account, amount: number): Taken | undefined {
    const window = windowOf(account.budget, this.#ports.clock.nowMs());
    return this.#draw(account, window, amount) ? { amount, window } : undefined;
  }

  /** What was taken, and not used after all. */
  putBack({ window, amount }: Taken): void {
    if (window === this.#window) this.#left += amount;
  }

  /** Gives back what is left. Never rejects. */
  giveBack(): Promise<unknown> {
    this.#stopIdle?.();
    this.#stopIdle = undefined;
    const [lessee, amount, window] = [this.#ports.lessee, this.#left, this.#window];
    this.#left = 0;
    if (amount > 0) this.#turn = this.#turn.then(() => this.#change({ kind: 'return', lessee, amount, window })).catch(() => undefined);
    return this.#turn;
  }

  #draw({ most }: Account, window: number, amount: number): boolean {
    if (most < this.#most) this.#left = 0;
    if (window !== this.#window || amount > this.#left) return false;
    this.#left -= amount;
    this.#isDrawnOn = true;
    return true;
  }

  /** What is held at this moment is put aside while more is leased: nobody else draws on it meanwhile. */
  async #takeLeased(account: Account, amount: number): Promise<Outcome<Taken>> {
    const { clock, lessee } = this.#ports;
    const window = windowOf(account.budget, clock.nowMs());
    if (this.#draw(account, window, amount)) return accepted({ amount, window });
    const [left, before, span] = [this.#left, this.#window, spanOf(account.budget)];
    const held = window === before ? left : 0;
    this.#left = 0;
    this.#window = window;
    if (span > 0 && left > held) await this.#change({ kind: 'return', lessee, amount: left, window: before });
    const { budget: { name: budget, rolling }, name, most } = account;
    const changed = await this.#change({ kind: 'lease', budget, account: name, lessee, need: amount - held, most, window, span });
    if (!changed.ok) {
      this.#left += held;
      return { ok: false, refusal: inWords(changed.refusal, account, oldestOf(changed.state, window, span) ?? window) };
    }
    const { state } = changed;
    const gained = changed.events[0]!.amount;
    this.#left += held + gained - amount;
    this.#most = most;
    this.#watchIdle();
    const leased = { budget, account: name, lessee, amount: gained, leased: leasedOf(state, window, span), most, windowEndsAt: endOf(account, window), ...(rolling && { rolling }) };
    return accepted({ amount, window, leased });
  }

  #change(command: LeaseCommand): Promise<Stepped<LeaseEvent, BudgetState>> {
    return stepStored({ store: this.#ports.store, key: this.#key, decider: lease }, command);
  }

  #watchIdle(): void {
    if (this.#stopIdle) return;
    this.#isDrawnOn = false;
    this.#stopIdle = this.#ports.clock.after(IDLE_MS, () => {
      this.#stopIdle = undefined;
      if (this.#left === 0) return;
      if (this.#isDrawnOn) this.#watchIdle();
      else void this.giveBack();
    });
  }
}

/** Where the state of an account lies. A budget that counts something else, elsewhere or over another length begins at nothing. */
export function keyOf({ budget: { name, what, target, windowSeconds, rolling }, name: account }: Account): string {
  return hash('sha256', canonicalJson([name, what, target ?? null, windowSeconds, account, ...(rolling ? ['rolling'] : [])]), 'hex');
}
