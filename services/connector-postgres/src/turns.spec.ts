import { beforeEach, describe, expect, it } from 'vitest';
import { POSTGRES_LIMITS } from './limits.js';
import { Turns } from './turns.js';

const { understandingMs, understandingShare, segmentFreeMs } = POSTGRES_LIMITS;

/** Time that passes only when it is told to. */
class Hand {
  #nowMs = 1_000;
  readonly #alarms: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const alarm = { atMs: this.#nowMs + ms, run };
    this.#alarms.push(alarm);
    return () => void this.#alarms.splice(this.#alarms.indexOf(alarm), 1);
  }

  /** What is woken runs before time goes on. */
  async pass(ms: number): Promise<void> {
    for (const end = this.#nowMs + ms; ;) {
      const next = this.#alarms.filter(({ atMs }) => atMs <= end).sort((left, right) => left.atMs - right.atMs)[0];
      this.#nowMs = Math.max(this.#nowMs, next?.atMs ?? end);
      if (!next) return;
      this.#alarms.splice(this.#alarms.indexOf(next), 1);
      next.run();
      await new Promise(setImmediate);
    }
  }
}

let hand: Hand;
let turns: Turns;
beforeEach(() => {
  hand = new Hand();
  turns = new Turns(hand);
});

/** A session that has segments understood one after the other, each of so many milliseconds of work. */
async function session(principal: string, costMs: number, work: Record<string, number>): Promise<void> {
  for (;;) {
    await turns.of(principal);
    work[principal] = (work[principal] ?? 0) + costMs;
    turns.spent(principal, costMs + segmentFreeMs);
    await new Promise<void>((resolve) => void hand.after(1, resolve));
  }
}

describe('turns', () => {
  it('leave a principal its share of the thread, with however many sessions it comes, and others alone', async () => {
    const work: Record<string, number> = {};
    for (let index = 0; index < 40; index += 1) void session('hostile', 200, work);
    void session('other', 0, work);
    await hand.pass(10_000);
    expect(work['hostile']).toBeGreaterThan(10_000 * understandingShare * 0.9);
    // Those forty that knocked at once before anything was known of them are understood once each.
    expect(work['hostile']).toBeLessThan(10_000 * understandingShare + understandingMs + 41 * 200);
    expect(turns.of('other')).toBeUndefined();
    expect(turns.of('hostile')).toBeDefined();
  });

  it('come in the order in which they were asked for, one at a time', async () => {
    turns.spent('agent', understandingMs + 100 + segmentFreeMs);
    const order: number[] = [];
    for (const index of [1, 2, 3]) {
      void turns.of('agent')!.then(() => {
        order.push(index);
        turns.spent('agent', 100 + segmentFreeMs);
      });
    }
    await hand.pass(100 / understandingShare);
    expect(order).toEqual([1]);
    await hand.pass(100 / understandingShare);
    expect(order).toEqual([1, 2]);
    await hand.pass(100 / understandingShare);
    expect(order).toEqual([1, 2, 3]);
  });

  it('are free for what is short, however much of it there is', () => {
    for (let index = 0; index < 100_000; index += 1) turns.spent('agent', segmentFreeMs);
    expect(turns.of('agent')).toBeUndefined();
  });

  it('wait for nobody once all is made up for', async () => {
    turns.spent('agent', understandingMs + 1_000 + segmentFreeMs);
    expect(turns.of('agent')).toBeDefined();
    await hand.pass(1_000 / understandingShare + 1);
    expect(turns.of('agent')).toBeUndefined();
  });
});
