import { accepted, refused, unreachable, type Decider, type Outcome } from '@interlock/kernel';
import type { BudgetState, LeasedWindow } from '@interlock/contracts';

/** A lessee takes this part of what is left, or what it needs at once: the less is left, the smaller the slices. */
const SLICE_PART = 8;
/** Lessees that the state lists; those of older leases are kept as a sum. */
export const LISTED_LEASES = 64;
/** The same of each window before, where those count, too. */
export const LISTED_BEFORE = 12;
/** So many windows a lessee's clock may be behind another's where earlier windows count, too. */
export const BEHIND = 2;

/**
 * One account in one window after another:
 *
 *     (nothing) ─lease─▶ leased n ─lease─▶ leased n + m ≤ most ─return─▶ …      a lease in a later window begins at nothing
 *
 * What a lessee leased and did not give back counts as used: one that dies takes its slice along, and less than `most` is done.
 *
 * Of a rolling budget windows are short, and what was leased in `span` of them before counts, too: in no `span + 1` that follow each other is more
 * leased than `most`, and every stretch of `span` windows' length lies in so many.
 */
export type LeaseCommand =
  | { readonly kind: 'lease'; readonly budget: string; readonly account: string; readonly lessee: string; readonly need: number; readonly most: number; readonly window: number; readonly span: number }
  | { readonly kind: 'return'; readonly lessee: string; readonly amount: number; readonly window: number };

export type LeaseEvent =
  | { readonly kind: 'leased'; readonly budget: string; readonly account: string; readonly lessee: string; readonly amount: number; readonly window: number; readonly span: number }
  | { readonly kind: 'returned'; readonly lessee: string; readonly amount: number; readonly window: number };

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
    if (event.kind === 'leased') return afterLease(state, event);
    if (!state) throw new Error('nothing was leased that could be returned');
    const { budget, account } = state;
    return stateOf({ budget, account }, windowsOf(state).map((one) => (one.window === event.window ? { ...one, leases: changed(one.leases, event.lessee, -event.amount) } : one)));
  },
};

type Decided = Outcome<readonly LeaseEvent[]>;
type Leases = LeasedWindow['leases'];

function leaseMore({ budget, account, lessee, need, most, window, span }: Extract<LeaseCommand, { kind: 'lease' }>, state: BudgetState | undefined): Decided {
  if (state && state.window > window + (span > 0 ? BEHIND : 0)) return refused('budget_window_over', 'The window is over elsewhere already.', { retryable: true });
  const left = most - leasedOf(state, window, span);
  if (need < 1 || left < need) return refused('budget_used_up', `Of ${most}, ${most - left} are used or set aside.`, { retryable: true });
  return accepted([{ kind: 'leased', budget, account, lessee, amount: Math.max(need, Math.ceil(left / SLICE_PART)), window, span }]);
}

function giveBack({ lessee, amount, window }: Extract<LeaseCommand, { kind: 'return' }>, state: BudgetState | undefined): Decided {
  const leases = windowsOf(state).find((one) => one.window === window)?.leases ?? [];
  const held = leases.find((one) => one.lessee === lessee)?.amount ?? 0;
  if (amount < 1 || amount > held) return refused('lease_not_held', 'This lessee does not hold that much.');
  return accepted([{ kind: 'returned', lessee, amount, window }]);
}

/** What counts no more is let go of; of windows that may still be leased in, everything is kept that counts with them. */
function afterLease(state: BudgetState | undefined, { budget, account, lessee, amount, window, span }: Extract<LeaseEvent, { kind: 'leased' }>): BudgetState {
  const known = windowsOf(state);
  const own = known.find((one) => one.window === window) ?? { window, leases: [], earlier: 0 };
  const windows = [{ ...own, leases: changed(own.leases, lessee, amount) }, ...known.filter((one) => one !== own)].toSorted((one, other) => other.window - one.window);
  const oldest = windows[0]!.window - (span > 0 ? span + BEHIND : 0);
  return stateOf({ budget, account }, windows.filter((one) => one.window >= oldest));
}

/** The newest window first. */
function windowsOf(state: BudgetState | undefined): readonly LeasedWindow[] {
  if (!state) return [];
  const { window, leases, earlier, past = [] } = state;
  return [{ window, leases, earlier }, ...past];
}

function stateOf(whose: Pick<BudgetState, 'budget' | 'account'>, [newest, ...past]: readonly LeasedWindow[]): BudgetState {
  const before = past.map((one) => shortened(one, LISTED_BEFORE)).filter(({ leases, earlier }) => leases.length > 0 || earlier > 0);
  return { ...whose, ...shortened(newest!, LISTED_LEASES), ...(before.length > 0 && { past: before }) };
}

function shortened({ window, leases, earlier }: LeasedWindow, most: number): LeasedWindow {
  const dropped = leases.slice(0, Math.max(0, leases.length - most));
  return { window, leases: leases.slice(dropped.length), earlier: earlier + sum(dropped) };
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

/** What all lessees hold or have used that counts with a window: of that window, of `span` before it, and of those since. */
export function leasedOf(state: BudgetState | undefined, window: number, span = 0): number {
  return windowsOf(state).filter((one) => one.window >= window - span).reduce((total, { leases, earlier }) => total + earlier + sum(leases), 0);
}

/** The oldest window that counts with this one and of which something is leased: it is the first to count no more. */
export function oldestOf(state: BudgetState | undefined, window: number, span: number): number | undefined {
  return windowsOf(state).findLast((one) => one.window >= window - span && one.earlier + sum(one.leases) > 0)?.window;
}
