import fc from 'fast-check';
import { MemoryAggregate } from '@interlock/adapter-memory-log';
import { Budget, type BudgetState } from '@interlock/contracts';
import type { Account } from '@interlock/domain-budget';
import { refused, type AggregateStore, type Outcome } from '@interlock/kernel';
import { describe, expect, it } from 'vitest';
import { FakeTime, settle } from '../spec/fake-time.js';
import { keyOf, Slice, type Taken } from './slice.js';

const WINDOW_MS = 60_000;
const budget = Budget.parse({ name: 'b', of: { principal: 'a' }, what: 'commands', most: 1_000, windowSeconds: WINDOW_MS / 1_000 });
const account = (most: number): Account => ({ budget, name: 'principal a', most });

/** A store whose answers can be lost or late, each in its own way. */
class Unsteady implements AggregateStore<BudgetState> {
  readonly #inner = new MemoryAggregate<BudgetState>();
  next: ('lost' | 'refused' | 'silent')[] = [];
  puts = 0;
  list = () => this.#inner.list();
  follow: AggregateStore<BudgetState>['follow'] = (onChange, signal) => this.#inner.follow(onChange, signal);

  async get(key: string) {
    if (this.next[0] === 'silent') {
      this.next.shift();
      throw new Error('no answer');
    }
    await settle();
    return this.#inner.get(key);
  }

  async put(key: string, value: BudgetState, revision: number): Promise<Outcome<{ readonly revision: number }>> {
    this.puts += 1;
    const how = this.next.shift();
    if (how === 'refused') return refused('unavailable', 'away');
    await settle();
    const stored = await this.#inner.put(key, value, revision);
    return how === 'lost' && stored.ok ? refused('unavailable', 'the answer was lost') : stored;
  }
}

class Scene {
  readonly time = new FakeTime();
  readonly store = new Unsteady();
  connector(lessee: string): Slice {
    return new Slice({ store: this.store, clock: this.time, lessee }, keyOf(account(1)));
  }
}

const told = (outcome: Outcome<Taken>): string => (outcome.ok ? (outcome.value.leased ? `leased ${outcome.value.leased.amount}` : 'at hand') : outcome.refusal.reason);
const times = async (n: number, run: () => Promise<Outcome<Taken>>): Promise<number> => (await Promise.all(Array.from({ length: n }, run))).filter(({ ok }) => ok).length;

describe('a slice of an account', () => {
  it('is leased once, and drawn on at hand while it lasts', async () => {
    const { store, ...scene } = new Scene();
    const slice = new Slice({ store, clock: scene.time, lessee: 'p' }, 'k');
    expect([told(await slice.take(account(16), 1)), told(await slice.take(account(16), 1)), told(await slice.take(account(16), 1))]).toEqual(['leased 2', 'at hand', 'leased 2']);
    expect(store.puts).toBe(2);
  });

  it('says in whose words it is used up, and until when', async () => {
    const slice = new Scene().connector('p');
    await slice.take(account(1), 1);
    expect(await slice.take(account(1), 1)).toEqual({ ok: false, refusal: {
      reason: 'budget_used_up', retryable: true, hint: 'Send the command again after 2026-01-01T00:01:00.000Z.',
      detail: 'Budget b limits the commands of principal a in 60 s. Of 1, 1 are used or set aside. Its window ends at 2026-01-01T00:01:00.000Z.',
    } });
  });

  it('is worth nothing in the next window, which begins at nothing', async () => {
    const scene = new Scene();
    const slice = scene.connector('p');
    expect(await times(1, () => slice.take(account(16), 1))).toBe(1);
    await scene.time.advance(WINDOW_MS - 1);
    expect(await times(20, () => slice.take(account(16), 1))).toBe(15);
    await scene.time.advance(1);
    expect(await times(20, () => slice.take(account(16), 1))).toBe(16);
  });

  it('is used up together by two connectors that race', async () => {
    const scene = new Scene();
    const [one, other] = [scene.connector('p'), scene.connector('q')];
    let taken = 0;
    for (let round = 0; round < 30; round += 1) taken += await times(2, () => one.take(account(20), 1)) + await times(2, () => other.take(account(20), 1));
    expect(taken).toBeLessThanOrEqual(20);
    expect(taken).toBeGreaterThan(16);
  });

  it('takes what a connector held along when it dies: others are refused early', async () => {
    const scene = new Scene();
    await scene.connector('dies').take(account(16), 1);
    const slice = scene.connector('q');
    expect(await times(30, () => slice.take(account(16), 1))).toBe(14);
  });

  it('is not drawn on twice while more of it is leased', async () => {
    const slice = new Scene().connector('p');
    expect(told(await slice.take(account(16), 1))).toBe('leased 2');
    const leasing = slice.take(account(16), 2);
    await Promise.resolve().then(() => undefined);
    const crossing = slice.take(account(16), 1);
    expect([told(await leasing), told(await crossing)]).toEqual(['leased 2', 'at hand']);
    expect(await times(30, () => slice.take(account(16), 1))).toBe(12);
  });

  it('goes back when it is not drawn on, and at the end', async () => {
    const scene = new Scene();
    await scene.connector('p').take(account(16), 1);
    await scene.time.advance(5_000);
    const ends = scene.connector('ends');
    await ends.take(account(16), 1);
    await ends.giveBack();
    const slice = scene.connector('q');
    expect(await times(30, () => slice.take(account(16), 1))).toBe(14);
  });

  it('is let go of when the limit is lowered', async () => {
    const slice = new Scene().connector('p');
    await slice.take(account(1_000), 1);
    expect(told(await slice.take(account(100), 1))).toBe('budget_used_up');
  });

  it.each(['lost', 'refused', 'silent'] as const)('is not held when the bus\'s answer is %s, and the command is refused, retryably', async (how) => {
    const scene = new Scene();
    const slice = scene.connector('p');
    scene.store.next = how === 'silent' ? ['silent'] : [how];
    expect(await slice.take(account(2), 1)).toMatchObject({ ok: false, refusal: { reason: 'budget_unavailable', retryable: true } });
    expect(await times(3, () => slice.take(account(2), 1))).toBe(how === 'lost' ? 1 : 2);
  });

  it('that may have come back is held no more', async () => {
    const scene = new Scene();
    const slice = scene.connector('p');
    await slice.take(account(16), 1);
    scene.store.next = ['lost'];
    await slice.giveBack();
    const [one, other] = [await times(30, () => slice.take(account(16), 1)), await times(30, () => scene.connector('q').take(account(16), 1))];
    expect(1 + one + other).toBe(16);
  });

  it('is refused by a clock that lags behind another\'s window', async () => {
    const scene = new Scene();
    const ahead = new Scene();
    await ahead.time.advance(WINDOW_MS);
    await new Slice({ store: scene.store, clock: ahead.time, lessee: 'q' }, keyOf(account(1))).take(account(16), 1);
    expect(told(await scene.connector('p').take(account(16), 1))).toBe('budget_window_over');
  });

  it('never gives more than there is, however takings, returns, lost answers and other connectors cross', async () => {
    const act = fc.record({ who: fc.nat(2), amount: fc.integer({ min: 1, max: 3 }), what: fc.constantFrom(...Array<string>(6).fill('take'), 'undo', 'return', 'lost', 'wait') });
    let sum = 0;
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 25 }), fc.array(act, { minLength: 20, maxLength: 60, size: 'max' }), async (most, acts) => {
      const scene = new Scene();
      const connectors = ['p', 'q', 'r'].map((name) => scene.connector(name));
      let used = 0;
      const under: Promise<unknown>[] = [];
      for (const { who, amount, what } of acts) {
        const slice = connectors[who]!;
        if (what === 'lost') scene.store.next.push('lost');
        if (what === 'return') under.push(slice.giveBack());
        if (what === 'wait') await settle();
        if (what !== 'take' && what !== 'undo') continue;
        under.push(slice.take(account(most), amount).then((outcome) => {
          if (outcome.ok && what === 'undo') slice.putBack(outcome.value);
          else if (outcome.ok) used += amount;
        }));
      }
      await Promise.all(under);
      sum += used;
      return used <= most;
    }), { numRuns: 200 });
    expect(sum).toBeGreaterThan(500);
  });
});

describe('a slice of a rolling account', () => {
  const rolling = (most: number): Account => ({ ...account(most), budget: { ...budget, rolling: true } });
  const connector = (scene: Scene, lessee: string, clock = scene.time): Slice => new Slice({ store: scene.store, clock, lessee }, keyOf(rolling(1)));
  const PART_MS = WINDOW_MS / 24;

  it('counts for a whole window, wherever that begins, and is had again after it', async () => {
    const scene = new Scene();
    await scene.time.advance(WINDOW_MS - PART_MS);
    const slice = connector(scene, 'p');
    expect(await times(20, () => slice.take(rolling(16), 1))).toBe(16);
    await scene.time.advance(WINDOW_MS);
    expect(await times(20, () => slice.take(rolling(16), 1))).toBe(0);
    await scene.time.advance(PART_MS);
    expect(await times(20, () => slice.take(rolling(16), 1))).toBe(16);
  });

  it('says in whose words it is used up, and from when on some of it is had again', async () => {
    const scene = new Scene();
    const slice = connector(scene, 'p');
    expect(await slice.take(rolling(2), 1)).toMatchObject({ value: { leased: { amount: 1, leased: 1, windowEndsAt: '2026-01-01T00:01:02.500Z', rolling: true } } });
    await scene.time.advance(2 * PART_MS);
    await slice.take(rolling(2), 1);
    expect(await slice.take(rolling(2), 1)).toEqual({ ok: false, refusal: {
      reason: 'budget_used_up', retryable: true, hint: 'Send the command again after 2026-01-01T00:01:02.500Z.',
      detail: 'Budget b limits the commands of principal a in any 60 s. Of 2, 2 are used or set aside. Some of it counts no more from 2026-01-01T00:01:02.500Z on.',
    } });
  });

  it('gives back what is left of it when its part is over, and leases anew', async () => {
    const scene = new Scene();
    const slice = connector(scene, 'p');
    let taken = 0;
    for (let part = 0; part < 20; part += 1) {
      taken += await times(1, () => slice.take(rolling(24), 1));
      await scene.time.advance(PART_MS);
    }
    expect(taken).toBe(20);
    await slice.giveBack();
    const other = connector(scene, 'q');
    expect(await times(9, () => other.take(rolling(24), 1))).toBe(4);
  });

  it('is leased to a clock that lags a little behind another\'s', async () => {
    const scene = new Scene();
    const ahead = new Scene();
    await ahead.time.advance(2 * PART_MS);
    const leader = connector(scene, 'q', ahead.time);
    expect(await times(20, () => leader.take(rolling(16), 1))).toBe(16);
    expect(told(await connector(scene, 'p').take(rolling(16), 1))).toBe('budget_used_up');
    expect(told(await connector(scene, 'p').take(rolling(17), 1))).toBe('leased 1');
  });

  it('never gives more within any window\'s length than there is, by however many connectors', async () => {
    const act = fc.record({ who: fc.nat(2), amount: fc.integer({ min: 1, max: 3 }), what: fc.constantFrom(...Array<string>(8).fill('take'), 'return', 'lost', 'pass', 'pass'), ms: fc.constantFrom(1, PART_MS / 2, PART_MS, 5 * PART_MS, 12 * PART_MS) });
    let sum = 0;
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.array(act, { minLength: 30, maxLength: 90, size: 'max' }), async (most, acts) => {
      const scene = new Scene();
      const connectors = ['p', 'q', 'r'].map((name) => connector(scene, name));
      const used: { readonly atMs: number; readonly amount: number }[] = [];
      for (const { who, amount, what, ms } of acts) {
        if (what === 'lost') scene.store.next = ['lost'];
        if (what === 'return') await connectors[who]!.giveBack();
        if (what === 'pass') await scene.time.advance(ms);
        if (what !== 'take') continue;
        const atMs = scene.time.nowMs();
        if ((await connectors[who]!.take(rolling(most), amount)).ok) used.push({ atMs, amount });
      }
      sum += used.reduce((before, { amount }) => before + amount, 0);
      return used.every((last) => used.filter(({ atMs }) => atMs > last.atMs - WINDOW_MS && atMs <= last.atMs).reduce((before, { amount }) => before + amount, 0) <= most);
    }), { numRuns: 150 });
    expect(sum).toBeGreaterThan(500);
  });
});
