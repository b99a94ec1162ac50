import { MemoryLedger } from '@interlock/adapter-memory-log';
import { describe, expect, it } from 'vitest';
import type { EventDraft } from '@interlock/kernel';
import { Outbox } from './outbox.js';
import type { GateEntry } from './permit.js';

const event = (n: number): EventDraft => ({ type: 'command.outcome.v1', data: { n } });
const entry: GateEntry = { draft: { type: 'command.decided.v1', data: {} }, principal: 'agent', target: 'shop', digest: 'd', outcome: 'allow' };

/** A ledger that answers when it is told to. */
function slowLedger() {
  const memory = new MemoryLedger();
  const doors: (() => void)[] = [];
  return {
    memory, doors,
    append: async (drafts: readonly EventDraft[]) => {
      await new Promise<void>((open) => doors.push(open));
      return memory.append(drafts);
    },
  };
}

describe('an outbox', () => {
  it('leaves no outcome behind a permit, however many wait', async () => {
    const ledger = new MemoryLedger();
    const outbox = new Outbox(ledger, () => 0);
    outbox.add(Array.from({ length: 1_000 }, (_, n) => event(n)));
    expect(await outbox.pass([entry])).toMatchObject({ ok: true });
    expect(ledger.events.slice(0, -1).map(({ data }) => (data as { n: number }).n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    expect(ledger.events.at(-1)!.type).toBe('command.decided.v1');
  });

  it('is flushed only once what is under way is acknowledged', async () => {
    const ledger = slowLedger();
    const outbox = new Outbox(ledger, () => 0);
    outbox.add([event(1)]);
    const sending = outbox.send();
    let flushed: boolean | undefined;
    const flushing = outbox.flushed().then((value) => { flushed = value; });
    await new Promise(setImmediate);
    expect(flushed).toBeUndefined();
    ledger.doors[0]!();
    await Promise.all([sending, flushing]);
    expect(flushed).toBe(true);
    expect(ledger.memory.events).toHaveLength(1);
  });

  it('keeps what the ledger does not take, says for how long, and permits nothing', async () => {
    const ledger = new MemoryLedger();
    let now = 1_000;
    const outbox = new Outbox(ledger, () => now);
    outbox.add([event(1)]);
    ledger.failWith('away');
    expect(await outbox.pass([entry])).toMatchObject({ ok: false, refusal: { reason: 'ledger_unavailable', retryable: true } });
    now = 4_000;
    expect([await outbox.flushed(), outbox.isEmpty, outbox.failingForMs(now)]).toEqual([false, false, 3_000]);
    ledger.failWith(undefined);
    expect([await outbox.flushed(), outbox.isEmpty, outbox.failingForMs(now)]).toEqual([true, true, 0]);
  });

  it('does not say twice what was acknowledged before the ledger went away', async () => {
    const memory = new MemoryLedger();
    const ledger = { append: (drafts: readonly EventDraft[]) => { const receipt = memory.append(drafts); memory.failWith('away'); return receipt; } };
    const outbox = new Outbox(ledger, () => 0);
    outbox.add([event(1)]);
    expect(await outbox.pass(Array.from({ length: 600 }, () => entry))).toMatchObject({ ok: false, refusal: { reason: 'ledger_unavailable' } });
    expect([outbox.isEmpty, memory.events.filter(({ type }) => type === 'command.outcome.v1')]).toEqual([true, [event(1)]]);
  });
});
