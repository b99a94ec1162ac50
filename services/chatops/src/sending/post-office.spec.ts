import { describe, expect, it } from 'vitest';
import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import type { ChatDelivery, ChatNotice } from '@interlock/contracts';
import { FakeClock } from '@interlock/testkit';
import { chatWith, notice } from '../../spec/given.js';
import type { Channel } from '../channels/channel.js';
import type { Sent } from './delivery.js';
import { PostOffice } from './post-office.js';

const chat = chatWith({});
const FAILED: Sent = { kind: 'failed', detail: 'the destination answered 503', doubtful: false };

interface Told { readonly status: string; readonly revision: number; readonly at: string | undefined; readonly wasDoubtful: boolean }

function setUp(answers: readonly (Sent | 'crash')[], showsLatest = true) {
  const [clock, deliveries, ledger] = [new FakeClock(), new MemoryAggregate<ChatDelivery>(), new MemoryLedger()];
  const told: Told[] = [];
  const left = [...answers];
  const hooks: { during?: () => Promise<void> } = {};
  const channel: Channel = {
    name: 'slack', showsLatest, keyOf: ({ id, status }: ChatNotice) => (showsLatest ? `${id}.slack` : `${id}.webhook-x.${status}`),
    deliver: async ({ notice: of, message }, _chat, wasDoubtful) => {
      told.push({ status: of.status, revision: of.revision, at: message, wasDoubtful });
      await hooks.during?.();
      const answer = left.shift() ?? { kind: 'delivered', message: 'ts' };
      if (answer === 'crash') throw new Error('crash');
      return answer;
    },
  };
  const office = () => new PostOffice({ deliveries, ledger, nowMs: clock.nowMs, warn: () => undefined });
  const one = office();
  const states = async () => (await deliveries.list()).map(({ value }) => value.state);
  return { clock, deliveries, ledger, told, channel, office, hooks, states, take: (of: ChatNotice) => one.take(of, [channel]), turn: () => one.turn(chat, [channel]) };
}

describe('what is to be told', () => {
  it('is told once, however often it is handed in', async () => {
    const { take, turn, told, states } = setUp([]);
    for (let time = 0; time < 3; time += 1) {
      await take(notice());
      await turn();
    }
    expect([told.length, await states()]).toEqual([1, ['delivered']]);
  });

  it('is tried again at growing distances, given up in the end, and that is recorded once', async () => {
    const { take, turn, told, clock, ledger, states } = setUp(Array.from({ length: 20 }, () => FAILED));
    await take(notice({ status: 'denied' }));
    expect(told).toEqual([]);
    await take(notice({ expiresAt: '2026-01-03T00:00:00.000Z' }));
    const distances: number[] = [];
    let lastMs = clock.nowMs();
    for (let second = 0; second < 90_000 && (await states())[0] !== 'abandoned'; second += 5) {
      const before = told.length;
      await turn();
      if (told.length > before) {
        distances.push((clock.nowMs() - lastMs) / 1_000);
        lastMs = clock.nowMs();
      }
      clock.advance(5_000);
    }
    expect(distances).toEqual([0, 5, 30, 300, 1_800, 7_200, 18_000, 36_000]);
    await turn();
    expect(ledger.events.map(({ type, data }) => [type, data])).toEqual([['notification.abandoned.v1', { grant: 'g1', channel: 'slack', about: 'pending', attempts: 8, reason: 'the destination answered 503' }]]);
  });

  it('waits as long as the destination asks', async () => {
    const { take, turn, told, clock } = setUp([{ ...FAILED, retryAfterMs: 60_000 }]);
    await take(notice());
    await turn();
    clock.advance(59_000);
    await turn();
    expect(told).toHaveLength(1);
    clock.advance(1_000);
    await turn();
    expect(told).toHaveLength(2);
  });

  it('is given up when nobody can decide any more, and at once when it is of no use', async () => {
    const late = setUp([FAILED]);
    await late.take(notice({ expiresAt: '2026-01-01T00:00:04.000Z' }));
    await late.turn();
    const gone = setUp([{ ...FAILED, isFinal: true }]);
    await gone.take(notice());
    await gone.turn();
    expect([await late.states(), await gone.states(), late.ledger.events.length, gone.ledger.events.length]).toEqual([['abandoned'], ['abandoned'], 1, 1]);
  });

  it('is not given up unrecorded', async () => {
    const { take, turn, ledger, clock, states } = setUp([{ ...FAILED, isFinal: true }, { ...FAILED, isFinal: true }]);
    await take(notice());
    ledger.failWith('away');
    await expect(turn()).rejects.toThrow();
    expect(await states()).toEqual(['sending']);
    ledger.failWith(undefined);
    clock.advance(60_000);
    await turn();
    expect([await states(), ledger.events.length]).toEqual([['abandoned'], 1]);
  });
});

describe('after a crash', () => {
  it('while sending, it is tried again when its lease is over, as one that may have arrived', async () => {
    const { take, turn, told, clock, office, channel, states } = setUp(['crash']);
    await take(notice());
    await expect(turn()).rejects.toThrow('crash');
    await office().turn(chat, [channel]);
    expect(told).toHaveLength(1);
    clock.advance(60_000);
    await office().turn(chat, [channel]);
    expect([told.map(({ wasDoubtful }) => wasDoubtful), await states()]).toEqual([[false, true], ['delivered']]);
  });

  it('an attempt that surely did not arrive leaves no doubt; one that may have leaves it', async () => {
    const { take, turn, told, clock } = setUp([FAILED, { ...FAILED, doubtful: true }, FAILED]);
    await take(notice());
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await turn();
      clock.advance(400_000);
    }
    expect(told.map(({ wasDoubtful }) => wasDoubtful)).toEqual([false, false, true]);
  });

  it('two that are at work send it once', async () => {
    const { take, told, office, channel } = setUp([]);
    await take(notice());
    await Promise.all([office().turn(chat, [channel]), office().turn(chat, [channel])]);
    expect(told).toHaveLength(1);
  });
});

describe('a message that shows each state in place of the one before', () => {
  it('stands where it stood, with what is newest', async () => {
    const { take, turn, told } = setUp([]);
    await take(notice());
    await turn();
    await take(notice({ status: 'approved', revision: 2 }));
    await take(notice({ status: 'consumed', revision: 3 }));
    await take(notice({ status: 'approved', revision: 2 }));
    await turn();
    await turn();
    expect(told).toEqual([{ status: 'pending', revision: 1, at: undefined, wasDoubtful: false }, { status: 'consumed', revision: 3, at: 'ts', wasDoubtful: false }]);
  });

  it('is brought up to date when something came while it was being sent', async () => {
    const { take, turn, told, hooks } = setUp([]);
    await take(notice());
    hooks.during = async () => {
      delete hooks.during;
      await take(notice({ status: 'denied', revision: 2 }));
    };
    await turn();
    await turn();
    expect(told.map(({ status, at }) => [status, at])).toEqual([['pending', undefined], ['denied', 'ts']]);
  });

  it('is not begun for what is over already', async () => {
    const { take, states } = setUp([]);
    await take(notice({ status: 'expired' }));
    expect(await states()).toEqual([]);
  });
});

describe('messages of their own', () => {
  it('tell every state that was seen, in order, and wait behind one that fails', async () => {
    const { take, turn, told, clock } = setUp([FAILED], false);
    await take(notice());
    await take(notice({ status: 'approved', revision: 2 }));
    await turn();
    expect(told.map(({ status }) => status)).toEqual(['pending']);
    clock.advance(5_000);
    await turn();
    expect(told.map(({ status }) => status)).toEqual(['pending', 'pending', 'approved']);
  });
});
