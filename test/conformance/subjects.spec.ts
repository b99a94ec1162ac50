import { randomBytes } from 'node:crypto';
import { JetStreamAggregate } from '@interlock/adapter-jetstream';
import { keyedDigest } from '@interlock/adapter-sealing';
import { Budget, SUBJECTS_MOST, SubjectsState } from '@interlock/contracts';
import { SubjectLists } from '@interlock/gateway';
import { sharedBus } from '@interlock/testkit';
import { expect, it } from 'vitest';

/** Connectors on a real bus, each with a connection of its own and the key of their installation. */
async function connectors(count: number): Promise<{ readonly all: readonly SubjectLists[]; readonly store: JetStreamAggregate<SubjectsState>; close(): Promise<void> }> {
  const bus = await sharedBus();
  const [clock, digest] = [{ nowMs: () => Date.now(), after: () => () => undefined }, keyedDigest(randomBytes(32))];
  const stores = await Promise.all(Array.from({ length: count }, async () => new JetStreamAggregate(await bus.serviceBus('connector-postgres'), { stream: 'BUDGETS', schema: SubjectsState })));
  return { all: stores.map((store, index) => new SubjectLists({ store, clock, digest, lessee: `connector-${index}` })), store: stores[0]!, close: () => bus.close() };
}

const accountOf = (most: number) => ({
  budget: Budget.parse({ name: `b-${randomBytes(4).toString('hex')}`, of: { principal: 'a' }, target: 'shop', what: 'subjects', subjects: ['public.people.id'], most, windowSeconds: 31 * 86_400 }), name: 'principal a', most,
});
const people = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => `person ${from + index}`);

it('connectors that race on a real bus show no more people together than there may be, and one that dies takes nobody along', async () => {
  const { all: [one, other, third], close } = await connectors(3);
  const account = accountOf(30);
  const shown = new Set<string>();
  const show = async (lists: SubjectLists, person: string): Promise<void> => {
    if ((await lists.of(account).count(account, [person])).ok) shown.add(person);
  };
  await Promise.all([one!, other!].map(async (lists, index) => {
    for (const person of people(index * 15, 40)) await show(lists, person);
  }));
  expect(shown.size).toBe(30);
  // Neither of the two is heard of any more.
  const again = await Promise.all([...shown].map((person) => third!.of(account).count(account, [person])));
  expect(again.every(({ ok }) => ok)).toBe(true);
  expect(await third!.of(account).count(account, ['somebody else'])).toMatchObject({ ok: false, refusal: { reason: 'budget_used_up' } });
  await close();
});

it('as many people as a budget may allow fit into one message of the stream, and no value of theirs is in it', async () => {
  const { all: [one, other], store, close } = await connectors(2);
  const account = accountOf(SUBJECTS_MOST);
  expect(await one!.of(account).count(account, people(0, 1), people(1, 2 * SUBJECTS_MOST))).toMatchObject({ ok: true, value: { amount: SUBJECTS_MOST, leased: SUBJECTS_MOST } });
  expect((await other!.of(account).count(account, people(SUBJECTS_MOST - 2, 2))).ok).toBe(true);
  expect((await other!.of(account).count(account, people(SUBJECTS_MOST, 1))).ok).toBe(false);
  const stored = (await store.list()).find(({ value }) => value.budget === account.budget.name)!.value;
  expect(JSON.stringify(stored)).not.toContain('person');
  // Of a rolling budget as many again are kept, which count with a connector whose clock is behind.
  const { subjects } = stored.windows[0]!;
  expect((await store.put(`subjects.${randomBytes(4).toString('hex')}`, { ...stored, windows: [{ window: 9_999_999, subjects }, { window: 9_999_974, subjects }] }, 0)).ok).toBe(true);
  await close();
});
