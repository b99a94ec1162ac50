import { accepted, refused, unreachable, type Decider, type Outcome } from '@interlock/kernel';
import type { BudgetState } from '@interlock/contracts';

/** A lessee takes this part of what is left, or what it needs at once: the less is left, the smaller the slices. */
const SLICE_PART = 8;
/** Lessees that the state lists; those of older leases are kept as a sum. */
export const LISTED_LEASES = 64;

/**
 * One account in one window after another:
 *
 *     (nothing) ─lease─▶ leased n ─lease─▶ leased n + m ≤ most ─return─▶ …      a lease in a later window begins at nothing
 *
 * What a lessee leased and did not give back counts as used: one that dies takes its slice along, and less than `most` is done.
 */
export type LeaseCommand =
  | { readonly kind: 'lease'; readonly budget: string; readonly account: string; readonly lessee: string; readonly need: number; readonly most: number; readonly window: number }
  | { readonly kind: 'return'; readonly lessee: string; readonly amount: number; readonly window: number };

export type LeaseEvent =
  | { readonly kind: 'leased'; readonly budget: string; readonly account: string; readonly lessee: string; readonly amount: number; readonly window: number }
  | { readonly kind: 'returned'; readonly lessee: string; readonly amount: number };

export const lease: Decider<LeaseCommand, LeaseEvent, BudgetState | undefined> = {
  initial: undefined,
  decide(command, state) {
    switch (command.kind) {
      case 'lease':
        return leaseMore(command, state);
      case 'return':
        return giveBack(command, state);
      default:
        return unreachable(command);
    }
  },
  evolve(state, event) {
    if (event.kind === 'returned') {
      if (!state) throw new Error('nothing was leased that could be returned');
      return { ...state, leases: changed(state.leases, event.lessee, -event.amount) };
    }
    const { budget, account, window, lessee, amount } = event;
    const standing = state?.window === window ? state : { leases: [], earlier: 0 };
    const leases = changed(standing.leases, lessee, amount);
    const dropped = leases.slice(0, Math.max(0, leases.length - LISTED_LEASES));
    return { budget, account, window, leases: leases.slice(dropped.length), earlier: standing.earlier + sum(dropped) };
  },
};

type Decided = Outcome<readonly LeaseEvent[]>;
type Leases = BudgetState['leases'];

function leaseMore({ budget, account, lessee, need, most, window }: Extract<LeaseCommand, { kind: 'lease' }>, state: BudgetState | undefined): Decided {
  if (state && state.window > window) return refused('budget_window_over', 'The window is over elsewhere already.', { retryable: true });
  const left = most - leasedOf(state, window);
  if (need < 1 || left < need) return refused('budget_used_up', `Of ${most}, ${most - left} are used or set aside.`, { retryable: true });
  return accepted([{ kind: 'leased', budget, account, lessee, amount: Math.max(need, Math.ceil(left / SLICE_PART)), window }]);
}

function giveBack({ lessee, amount, window }: Extract<LeaseCommand, { kind: 'return' }>, state: BudgetState | undefined): Decided {
  const held = state?.window === window ? (state.leases.find((one) => one.lessee === lessee)?.amount ?? 0) : 0;
  if (amount < 1 || amount > held) return refused('lease_not_held', 'This lessee does not hold that much.');
  return accepted([{ kind: 'returned', lessee, amount }]);
}

/** The lessee comes last: whoever is listed first leased the longest ago. */
function changed(leases: Leases, lessee: string, by: number): Leases {
  const amount = (leases.find((one) => one.lessee === lessee)?.amount ?? 0) + by;
  const others = leases.filter((one) => one.lessee !== lessee);
  return amount === 0 ? others : [...others, { lessee, amount }];
}

function sum(leases: Leases): number {
  return leases.reduce((total, { amount }) => total + amount, 0);
}

/** What all lessees hold or have used of a window. */
export function leasedOf(state: BudgetState | undefined, window: number): number {
  return state?.window === window ? state.earlier + sum(state.leases) : 0;
}
