import { randomBytes } from 'node:crypto';
import { JetStreamAggregate } from '@interlock/adapter-jetstream';
import { Budget, BudgetState } from '@interlock/contracts';
import { Slices } from '@interlock/gateway';
import { sharedBus } from '@interlock/testkit';
import { expect, it } from 'vitest';

/** Connectors on a real bus, each with a connection of its own, through the account of an installation. */
async function connectors(count: number, nowMs: () => number = () => Date.now()): Promise<{ readonly all: readonly Slices[]; close(): Promise<void> }> {
  const bus = await sharedBus();
  const clock = { nowMs, after: () => () => undefined };
  const all = await Promise.all(Array.from({ length: count }, async (_, index) => {
    const store = new JetStreamAggregate(await bus.serviceBus('connector-postgres'), { stream: 'BUDGETS', schema: BudgetState });
    return new Slices({ store, clock, lessee: `connector-${index}` });
  }));
  return { all, close: () => bus.close() };
}

const accountOf = (most: number) => ({ budget: Budget.parse({ name: `b-${randomBytes(4).toString('hex')}`, of: { principal: 'a' }, what: 'commands', most, windowSeconds: 31 * 86_400 }), name: 'principal a', most });

it('connectors that race on a real bus never use more than there is, one of which dies with its slice', async () => {
  const { all, close } = await connectors(3);
  const account = accountOf(60);
  const dead = await all[2]!.of(account).take(account, 1);
  const lost = dead.ok ? (dead.value.leased?.amount ?? 0) - 1 : 0;
  const done = [0, 0, dead.ok ? 1 : 0];
  await Promise.all(all.slice(0, 2).map(async (slices, index) => {
    for (let n = 0; n < 40; n += 1) if ((await slices.of(account).take(account, 1)).ok) done[index]! += 1;
  }));
  const used = done[0]! + done[1]! + done[2]!;
  expect(used).toBeLessThanOrEqual(60 - lost);
  await Promise.all(all.slice(0, 2).map((slices) => slices.giveBack()));
  for (let n = 0; n < 60; n += 1) if ((await all[0]!.of(account).take(account, 1)).ok) done[0]! += 1;
  expect(done[0]! + done[1]! + done[2]!).toBe(60 - lost);
  expect(lost).toBeGreaterThan(0);
  await close();
});

it('an account whose state changes more often than the stream keeps states is still exact', async () => {
  const { all: [one, other], close } = await connectors(2);
  const account = accountOf(200);
  let done = 0;
  for (let n = 0; n < 260; n += 1) {
    const slices = n % 2 === 0 ? one! : other!;
    if ((await slices.of(account).take(account, 1)).ok) done += 1;
    await slices.giveBack();
  }
  expect(done).toBe(200);
  await close();
});

it('of a rolling account, connectors that race on a real bus never use more in any window than there is, and all of it again in the next', async () => {
  const HOUR_MS = 3_600_000;
  let nowMs = 1_000 * HOUR_MS;
  const { all, close } = await connectors(2, () => nowMs);
  const { budget, ...whose } = accountOf(30);
  const account = { ...whose, budget: { ...budget, windowSeconds: 3_600, rolling: true as const } };
  const used: number[] = [];
  const use = async (slices: Slices): Promise<void> => {
    if ((await slices.of(account).take(account, 1)).ok) used.push(nowMs);
  };
  for (let minutes = 0; minutes < 200; minutes += 5) {
    await Promise.all(all.flatMap((slices) => [use(slices), use(slices)]));
    nowMs += 5 * 60_000;
  }
  const inWindowUntil = (end: number): number => used.filter((at) => at > end - HOUR_MS && at <= end).length;
  expect(Math.max(...used.map(inWindowUntil))).toBe(30);
  expect(used.length).toBeGreaterThan(80);
  await close();
});
