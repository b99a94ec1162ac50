import { MemoryAggregate } from '@interlock/adapter-memory-log';
import { refused } from '@interlock/kernel';
import type { PartyActs } from '@interlock/contracts';
import type { WindowSeparation } from '@interlock/domain-policy';
import { describe, expect, it } from 'vitest';
import { PartyActsBook, type Exercise } from './party-acts.js';

const NOW = Date.parse('2026-01-07T12:00:00Z');
const DAY_MS = 86_400_000;
const RULE: WindowSeparation = { name: 'enter-or-pay', kind: 'window', windowSeconds: 86_400, between: [{ verb: 'insert' }, { verb: 'update' }] };
const ANN = ['human ann', 'principal agent-a'];

let commands = 0;
function exercise(side: 0 | 1, nowMs = NOW): Exercise {
  commands += 1;
  return { acts: [{ separation: RULE.name, side, act: `side ${side}`, by: 'agent-a', command: `c.${commands}` }], nowMs };
}

/** Counts what is asked of it, and fails when it is told to. */
class Store extends MemoryAggregate<PartyActs> {
  gets = 0;
  puts = 0;
  isAway = false;

  override get(key: string) {
    this.gets += 1;
    return this.isAway ? Promise.reject(new Error('away')) : super.get(key);
  }

  override put(key: string, value: PartyActs, revision: number) {
    this.puts += 1;
    return this.isAway ? Promise.resolve(refused('unavailable', 'away')) : super.put(key, value, revision);
  }
}

async function reasonOf(done: Promise<{ readonly ok: boolean; readonly refusal?: { readonly reason: string } }>): Promise<string> {
  const { ok, refusal } = await done;
  return ok ? 'done' : refusal!.reason;
}

describe('acts of one party at several connectors', () => {
  it('exclude each other for the window, by every human and every principal they share', async () => {
    const store = new Store();
    const [one, other] = [new PartyActsBook(store), new PartyActsBook(store)];
    expect(await reasonOf(one.exercise(RULE, ANN, exercise(0)))).toBe('done');
    expect(await other.exercise(RULE, ['human ann', 'principal agent-b'], exercise(1))).toMatchObject({ ok: false, refusal: { reason: 'kept_apart', rule: 'enter-or-pay', detail: expect.stringContaining('side 0 by agent-a (command c.1), and human ann stands behind both') as string } });
    expect(await reasonOf(other.exercise(RULE, ['human bob', 'principal agent-a'], exercise(1)))).toBe('kept_apart');
    expect(await reasonOf(other.exercise(RULE, ['human eve', 'principal agent-c'], exercise(1)))).toBe('done');
    expect(await reasonOf(other.exercise(RULE, ANN, exercise(1, NOW + DAY_MS + DAY_MS / 50)))).toBe('done');
  });

  it('of which two are tried at once at two connectors, exactly one is done', async () => {
    const store = new Store();
    for (let round = 0; round < 50; round += 1) {
      const came = await Promise.all(([0, 1] as const).map((side) => reasonOf(new PartyActsBook(store).exercise(RULE, [`human ${round}`], exercise(side)))));
      expect(came.toSorted()).toEqual(['done', 'kept_apart']);
    }
  });

  it('are told, each once, whoever stands behind them', async () => {
    const book = new PartyActsBook(new Store());
    await book.exercise(RULE, ANN, exercise(0));
    const told = await book.done({ ...RULE, name: 'renamed', windowSeconds: 60 }, ANN, NOW);
    expect(told).toMatchObject({ ok: true, value: [{ separation: 'renamed', side: 0, by: 'agent-a', behind: 'human ann' }] });
    expect(await book.done({ ...RULE, between: [{ verb: 'insert' }, { verb: 'delete' }] }, ANN, NOW)).toEqual({ ok: true, value: [] });
  });

  it('done again while they count are neither read nor written, and later they are', async () => {
    const store = new Store();
    const book = new PartyActsBook(store);
    await book.exercise(RULE, ANN, exercise(0));
    const before = [store.gets, store.puts];
    for (let n = 0; n < 10; n += 1) {
      await book.done(RULE, ANN, NOW + n);
      expect(await reasonOf(book.exercise(RULE, ANN, exercise(0, NOW + n)))).toBe('done');
    }
    expect([store.gets, store.puts]).toEqual(before);
    await book.exercise(RULE, ANN, exercise(0, NOW + DAY_MS / 2));
    expect([store.gets, store.puts]).toEqual([before[0]! + 2, before[1]! + 2]);
  });

  it('are refused, retryably, while the bus does not say', async () => {
    const store = new Store();
    const book = new PartyActsBook(store);
    store.isAway = true;
    expect(await book.done(RULE, ANN, NOW)).toMatchObject({ ok: false, refusal: { reason: 'acts_unavailable', retryable: true } });
    expect(await reasonOf(book.exercise(RULE, ANN, exercise(0)))).toBe('acts_unavailable');
    store.isAway = false;
    expect(await reasonOf(book.exercise(RULE, ANN, exercise(1)))).toBe('done');
  });
});
