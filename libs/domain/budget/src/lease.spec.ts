import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '@interlock/kernel';
import type { BudgetState } from '@interlock/contracts';
import { lease, leasedOf, LISTED_BEFORE, LISTED_LEASES, oldestOf, type LeaseCommand, type LeaseEvent } from './lease.js';

const leaseOf = (lessee: string, need: number, window = 1, most = 100, span = 0): LeaseCommand => ({ kind: 'lease', budget: 'b', account: 'a', lessee, need, most, window, span });
const returnOf = (lessee: string, amount: number, window = 1): LeaseCommand => ({ kind: 'return', lessee, amount, window });
const leased = (lessee: string, amount: number, window = 1, span = 0): LeaseEvent => ({ kind: 'leased', budget: 'b', account: 'a', lessee, amount, window, span });
const returned = (lessee: string, amount: number, window = 1): LeaseEvent => ({ kind: 'returned', lessee, amount, window });

function after(history: readonly LeaseEvent[], command: LeaseCommand): string {
  const outcome = lease.decide(command, fold(lease, history));
  return outcome.ok ? outcome.value.map(({ kind, lessee, amount }) => `${kind} ${lessee} ${amount}`).join(', ') : `refused ${outcome.refusal.reason}`;
}

describe('a budget of 100', () => {
  it.each<[string, readonly LeaseEvent[], LeaseCommand, string]>([
    ['is leased in slices', [], leaseOf('p', 1), 'leased p 13'],
    ['is leased in smaller slices the less is left', [leased('p', 92)], leaseOf('q', 1), 'leased q 1'],
    ['is leased in one piece where that is needed', [], leaseOf('p', 60), 'leased p 60'],
    ['is leased to its last', [leased('p', 99)], leaseOf('q', 1), 'leased q 1'],
    ['is not leased above its limit', [leased('p', 100)], leaseOf('p', 1), 'refused budget_used_up'],
    ['gives nothing where not all that is needed is left', [leased('p', 99)], leaseOf('q', 2), 'refused budget_used_up'],
    ['gives nothing more once its limit is lower than what is leased', [leased('p', 60)], leaseOf('q', 1, 1, 50), 'refused budget_used_up'],
    ['leases what came back', [leased('p', 100), returned('p', 1)], leaseOf('q', 1), 'leased q 1'],
    ['begins anew with its next window', [leased('p', 100)], leaseOf('p', 1, 2), 'leased p 13'],
    ['leases nothing of a window that is over', [leased('p', 1, 2)], leaseOf('q', 1, 1), 'refused budget_window_over'],
    ['takes back from who holds it', [leased('p', 13)], returnOf('p', 13), 'returned p 13'],
    ['takes back no more than was leased', [leased('p', 13)], returnOf('p', 14), 'refused lease_not_held'],
    ['takes back nothing of a window that is over', [leased('p', 13), leased('q', 13, 2)], returnOf('p', 13), 'refused lease_not_held'],
    ['takes back nothing into a window to come', [leased('p', 13)], returnOf('p', 13, 2), 'refused lease_not_held'],
    ['leases nothing for nothing', [], leaseOf('p', 0), 'refused budget_used_up'],
  ])('%s', (_what, history, command, expected) => expect(after(history, command)).toBe(expected));

  it('counts lessees that it lists no more, and takes nothing back from them', () => {
    const history = Array.from({ length: LISTED_LEASES + 2 }, (_, n) => leased(`p${n}`, 1));
    const state = fold(lease, history)!;
    expect([state.leases.length, leasedOf(state, 1)]).toEqual([LISTED_LEASES, LISTED_LEASES + 2]);
    expect(after(history, returnOf('p0', 1))).toBe('refused lease_not_held');
    expect(after(history, returnOf('p2', 1))).toBe('returned p2 1');
  });
});

describe('a rolling budget of 100, of which four windows count with each', () => {
  const SPAN = 4;
  const roll = (lessee: string, need: number, window: number): LeaseCommand => leaseOf(lessee, need, window, 100, SPAN);
  const was = (lessee: string, amount: number, window: number): LeaseEvent => leased(lessee, amount, window, SPAN);
  it.each<[string, readonly LeaseEvent[], LeaseCommand, string]>([
    ['counts what was leased four windows before', [was('p', 100, 1)], roll('p', 1, 5), 'refused budget_used_up'],
    ['counts no more what was leased before that', [was('p', 100, 1)], roll('p', 1, 6), 'leased p 13'],
    ['sums up the windows between', [was('p', 40, 1), was('p', 30, 2), was('q', 20, 4)], roll('p', 11, 5), 'refused budget_used_up'],
    ['lets go of them one by one', [was('p', 40, 1), was('p', 30, 2), was('q', 20, 4)], roll('p', 50, 6), 'leased p 50'],
    ['leases to a clock that is a little behind, of what counts with both', [was('p', 60, 1), was('p', 30, 7)], roll('q', 10, 5), 'leased q 10'],
    ['does not lease to it what counts with a window that is over', [was('p', 60, 1), was('p', 30, 7)], roll('q', 11, 5), 'refused budget_used_up'],
    ['leases nothing to a clock that is far behind', [was('p', 1, 7)], roll('q', 1, 4), 'refused budget_window_over'],
    ['takes back what was leased in a window before', [was('p', 100, 1), was('q', 0, 3)], returnOf('p', 40, 1), 'returned p 40'],
    ['takes back no more of it than was leased then', [was('p', 10, 1), was('p', 30, 2)], returnOf('p', 11, 1), 'refused lease_not_held'],
    ['takes back nothing of a window that counts no more', [was('p', 10, 1), was('p', 30, 9)], returnOf('p', 10, 1), 'refused lease_not_held'],
    ['leases what came back of a window before', [was('p', 100, 1), returned('p', 40, 1)], roll('q', 40, 4), 'leased q 40'],
  ])('%s', (_what, history, command, expected) => expect(after(history.filter((event) => event.amount > 0), command)).toBe(expected));

  it('keeps what counts, and nothing beyond', () => {
    const state = fold(lease, Array.from({ length: 20 }, (_, window) => was('p', 1, window)))!;
    expect([state.window, state.past!.map(({ window }) => window)]).toEqual([19, [18, 17, 16, 15, 14, 13]]);
    expect([leasedOf(state, 19, SPAN), oldestOf(state, 19, SPAN), oldestOf(undefined, 19, SPAN)]).toEqual([5, 15, undefined]);
  });

  it('lists fewer lessees of a window before, and counts them all', () => {
    const state = fold(lease, [...Array.from({ length: 40 }, (_, n) => was(`p${n}`, 1, 1)), was('q', 1, 2)])!;
    expect([state.past![0]!.leases.length, leasedOf(state, 2, SPAN)]).toEqual([LISTED_BEFORE, 41]);
  });
});

/** Lessees with clocks and slices of their own, and one stored state that changes by compare-and-set. */
class World {
  readonly #held = new Map<string, { window: number; left: number }>();
  readonly usedIn = new Map<number, number>();
  #state: BudgetState | undefined;
  #revision = 0;
  /** What a lessee has read and not yet written upon. */
  readonly #read = new Map<string, { state: BudgetState | undefined; revision: number }>();

  constructor(private readonly most: number) {}

  read(lessee: string): void {
    this.#read.set(lessee, { state: this.#state, revision: this.#revision });
  }

  /** Writes upon what was read; `heard`: the answer arrives. */
  write(lessee: string, command: LeaseCommand, heard: boolean): void {
    const read = this.#read.get(lessee);
    this.#read.delete(lessee);
    const decided = read && lease.decide(command, read.state);
    if (!decided?.ok || read!.revision !== this.#revision) return;
    for (const event of decided.value) {
      this.#state = lease.evolve(this.#state, event);
      if (event.kind === 'leased' && heard) this.#hold(lessee, event);
    }
    this.#revision += 1;
  }

  #hold(lessee: string, { window, amount }: { window: number; amount: number }): void {
    const held = this.#held.get(lessee);
    this.#held.set(lessee, { window, left: amount + (held?.window === window ? held.left : 0) });
  }

  use(lessee: string, window: number): boolean {
    const held = this.#held.get(lessee);
    if (held?.window !== window || held.left < 1) return false;
    held.left -= 1;
    this.usedIn.set(window, (this.usedIn.get(window) ?? 0) + 1);
    return true;
  }

  /** Gives back before the answer is known: what may come back is used no more. */
  giveBack(lessee: string, heard: boolean): boolean {
    const held = this.#held.get(lessee);
    this.#held.delete(lessee);
    if (!held || held.left < 1) return false;
    this.read(lessee);
    this.write(lessee, { kind: 'return', lessee, amount: held.left, window: held.window }, heard);
    return true;
  }

  crash(lessee: string): void {
    this.#held.delete(lessee);
    this.#read.delete(lessee);
  }

  /** Of `span + 1` windows that follow each other never more is used than there is. */
  isWithin(span = 0): boolean {
    return [...this.usedIn.keys()].every((last) => Array.from({ length: span + 1 }, (_, before) => this.usedIn.get(last - before) ?? 0).reduce((sum, used) => sum + used, 0) <= this.most);
  }
}

const lessees = ['p', 'q', 'r'];
const step = fc.record({
  lessee: fc.constantFrom(...lessees), window: fc.constantFrom(1, 1, 1, 1, 1, 2, 2), need: fc.integer({ min: 1, max: 4 }), heard: fc.boolean(),
  what: fc.constantFrom(...Array<string>(8).fill('use'), 'lease', 'lease', 'lease', 'read', 'write', 'read', 'write', 'return', 'crash'),
});

describe('any number of lessees, in any order, with lost answers, crashes and clocks that differ', () => {
  it('never use more than a window allows', () => {
    let used = 0;
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { minLength: 60, maxLength: 160, size: 'max' }), (most, steps) => {
      const world = new World(most);
      for (const { lessee, window, need, heard, what } of steps) {
        if (what === 'read' || what === 'lease') world.read(lessee);
        if (what === 'write' || what === 'lease') world.write(lessee, leaseOf(lessee, need, window, most), heard);
        if (what === 'use') world.use(lessee, window);
        if (what === 'return') world.giveBack(lessee, heard);
        if (what === 'crash') world.crash(lessee);
      }
      used += [...world.usedIn.values()].reduce((sum, one) => sum + one, 0);
      return world.isWithin();
    }), { numRuns: 500 });
    expect(used).toBeGreaterThan(100);
  });

  it('never use more in any stretch of a rolling budget, whatever came back of which window', () => {
    const SPAN = 3;
    let [used, returns] = [0, 0];
    const rolling = fc.record({
      lessee: fc.constantFrom(...lessees), later: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), behind: fc.constantFrom(0, 0, 0, 0, 1, 2), need: fc.integer({ min: 1, max: 4 }), heard: fc.boolean(),
      what: fc.constantFrom(...Array<string>(8).fill('use'), 'lease', 'lease', 'lease', 'read', 'write', 'read', 'write', 'return', 'return', 'crash'),
    });
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(rolling, { minLength: 60, maxLength: 200, size: 'max' }), (most, steps) => {
      const world = new World(most);
      let now = 10;
      for (const { lessee, later, behind, need, heard, what } of steps) {
        now += later;
        if (what === 'read' || what === 'lease') world.read(lessee);
        if (what === 'write' || what === 'lease') world.write(lessee, leaseOf(lessee, need, now - behind, most, SPAN), heard);
        if (what === 'use') world.use(lessee, now - behind);
        if (what === 'return' && world.giveBack(lessee, heard)) returns += 1;
        if (what === 'crash') world.crash(lessee);
      }
      used += [...world.usedIn.values()].reduce((sum, one) => sum + one, 0);
      return world.isWithin(SPAN);
    }), { numRuns: 500 });
    expect(used).toBeGreaterThan(100);
    expect(returns).toBeGreaterThan(100);
  });

  it('use all of it between them when nobody fails', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.constantFrom(...lessees), { minLength: 1, maxLength: 3 }), (most, turns) => {
      const world = new World(most);
      for (let n = 0; n < most; n += 1) {
        const lessee = turns[n % turns.length]!;
        if (world.use(lessee, 1)) continue;
        for (const other of lessees) world.giveBack(other, true);
        world.read(lessee);
        world.write(lessee, leaseOf(lessee, 1, 1, most), true);
        if (!world.use(lessee, 1)) return false;
      }
      return world.usedIn.get(1) === most && !world.use(turns[0]!, 1);
    }));
  });
});
