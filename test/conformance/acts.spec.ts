import { randomBytes } from 'node:crypto';
import { JetStreamAggregate } from '@interlock/adapter-jetstream';
import { PartyActs } from '@interlock/contracts';
import type { WindowSeparation } from '@interlock/domain-policy';
import { PartyActsBook } from '@interlock/gateway';
import { sharedBus } from '@interlock/testkit';
import { expect, it } from 'vitest';

const RULE: WindowSeparation = { name: 'apart', kind: 'window', windowSeconds: 86_400, between: [{ verb: 'insert' }, { verb: 'update' }] };

it('of two acts that exclude each other, tried at once by connectors on a real bus, exactly one is done, and stays the one', async () => {
  const bus = await sharedBus();
  const books = await Promise.all([0, 1, 2].map(async () => new PartyActsBook(new JetStreamAggregate(await bus.serviceBus('connector-postgres'), { stream: 'ACTS', schema: PartyActs }))));
  const run = randomBytes(4).toString('hex');
  const exercise = async (book: PartyActsBook, human: string, side: 0 | 1): Promise<string> => {
    const acts = [{ separation: RULE.name, side, act: `side ${side}`, by: 'agent-a', command: `${human}.${side}` }];
    const done = await book.exercise(RULE, [human], { acts, nowMs: Date.now() });
    return done.ok ? 'done' : done.refusal.reason;
  };
  for (let round = 0; round < 20; round += 1) {
    const human = `human ${run}-${round}`;
    const came = await Promise.all([exercise(books[0]!, human, 0), exercise(books[1]!, human, 1)]);
    expect(came.toSorted()).toEqual(['done', 'kept_apart']);
    const won = came.indexOf('done') as 0 | 1;
    expect(await exercise(books[2]!, human, won === 0 ? 1 : 0)).toBe('kept_apart');
    expect(await exercise(books[2]!, human, won)).toBe('done');
  }
  await bus.close();
});
