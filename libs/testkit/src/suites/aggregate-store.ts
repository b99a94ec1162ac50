import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AggregateStore } from '@interlock/kernel';

export interface AggregateStoreFixture<T> {
  readonly store: AggregateStore<T>;
  /** The n-th of a row of different values. */
  value(n: number): T;
  /** A key that nothing else uses. */
  freshKey(): string;
  close(): Promise<void>;
}

/** The promises of the kernel's AggregateStore. The store may hold others' keys. */
export function aggregateStoreSuite<T>(name: string, open: () => Promise<AggregateStoreFixture<T>>): void {
  describe(`${name} keeps the promises of an AggregateStore:`, () => {
    let fixture: AggregateStoreFixture<T>;
    beforeAll(async () => void (fixture = await open()));
    afterAll(() => fixture.close());

    const put = async (key: string, n: number, expected: number): Promise<number> => {
      const outcome = await fixture.store.put(key, fixture.value(n), expected);
      if (!outcome.ok) throw new Error(outcome.refusal.detail);
      return outcome.value.revision;
    };

    it('an unknown key has no state', async () => {
      expect(await fixture.store.get(fixture.freshKey())).toBeUndefined();
    });

    it('what was put is read with its revision, and a later state replaces it', async () => {
      const key = fixture.freshKey();
      const first = await put(key, 1, 0);
      expect(await fixture.store.get(key)).toEqual({ value: fixture.value(1), revision: first });
      const second = await put(key, 2, first);
      expect(second).toBeGreaterThan(first);
      expect(await fixture.store.get(key)).toEqual({ value: fixture.value(2), revision: second });
    });

    it('a put on another revision than the newest is a conflict and changes nothing', async () => {
      const key = fixture.freshKey();
      const first = await put(key, 1, 0);
      const second = await put(key, 2, first);
      for (const stale of [0, first, second + 1_000]) {
        expect(await fixture.store.put(key, fixture.value(3), stale)).toMatchObject({ ok: false, refusal: { reason: 'conflict' } });
      }
      expect(await fixture.store.put(fixture.freshKey(), fixture.value(3), 7)).toMatchObject({ ok: false, refusal: { reason: 'conflict' } });
      expect(await fixture.store.get(key)).toEqual({ value: fixture.value(2), revision: second });
    });

    it('of many writers at once exactly one wins', async () => {
      const key = fixture.freshKey();
      const first = await put(key, 0, 0);
      const outcomes = await Promise.all(Array.from({ length: 8 }, (_, n) => fixture.store.put(key, fixture.value(n + 1), first)));
      const winners = outcomes.flatMap((outcome, n) => (outcome.ok ? [n + 1] : []));
      expect(winners).toHaveLength(1);
      expect((await fixture.store.get(key))?.value).toEqual(fixture.value(winners[0]!));
    });

    it('of many writers of one and the same state exactly one wins', async () => {
      const key = fixture.freshKey();
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => fixture.store.put(key, fixture.value(1), 0)));
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    });

    it('keys do not touch each other', async () => {
      const [one, other] = [fixture.freshKey(), fixture.freshKey()];
      const first = await put(one, 1, 0);
      await put(other, 2, 0);
      await put(one, 3, first);
      expect((await fixture.store.get(other))?.value).toEqual(fixture.value(2));
    });

    it('the list holds the newest state of each key', async () => {
      const [one, other] = [fixture.freshKey(), fixture.freshKey()];
      const first = await put(one, 1, 0);
      const otherRevision = await put(other, 2, 0);
      expect((await fixture.store.list()).filter((entry) => entry.key === one)).toEqual([{ key: one, value: fixture.value(1), revision: first }]);
      const second = await put(one, 3, first);
      const mine = (await fixture.store.list()).filter((entry) => entry.key === one || entry.key === other);
      expect(mine).toHaveLength(2);
      expect(mine).toContainEqual({ key: one, value: fixture.value(3), revision: second });
      expect(mine).toContainEqual({ key: other, value: fixture.value(2), revision: otherRevision });
    });

    it('a follower hears every change from then on, in order, and nothing after its end', async () => {
      const key = fixture.freshKey();
      const first = await put(key, 1, 0);
      const heard: [unknown, number][] = [];
      const end = new AbortController();
      const following = fixture.store.follow((changed, current) => {
        if (changed === key) heard.push([current.value, current.revision]);
      }, end.signal);
      await pause(100);
      const second = await put(key, 2, first);
      const third = await put(key, 3, second);
      await expect.poll(() => heard.length, { timeout: 5_000 }).toBe(2);
      end.abort();
      await following;
      await put(key, 4, third);
      await pause(50);
      expect(heard).toEqual([[fixture.value(2), second], [fixture.value(3), third]]);
    });
  });
}
