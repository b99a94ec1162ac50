import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createEventSeal, verifySignature } from '@interlock/adapter-sealing';
import { LedgerChain, LedgerUnavailable, LIMITS, type Batch, type BatchHeader, type Receipt } from '@interlock/kernel';
import { FaultyRoad, startBus, type OwnTestBus } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { JetStreamLedger } from './ledger.js';
import { JetStreamLedgerReader } from './ledger-reader.js';

let bus: OwnTestBus;
beforeAll(async () => void (bus = await startBus()));
afterAll(() => bus.close());

async function ledgerOn(connection: Bus, instance: string, more: { readonly ackMs?: number; readonly onProblem?: (problem: string) => void } = {}) {
  const keys = await bus.keys('connector-postgres');
  return new JetStreamLedger(connection, {
    service: 'connector-postgres', instance, seal: createEventSeal('k', randomBytes(32)), sign: (text) => keys.sign(text), nowMs: Date.now, ...more,
  });
}

const event = (n: number) => ({ type: 'probe.ran.v1', session: `s${n}`, data: { n } });

/** The whole ledger, checked as its keeper checks it: no gap, every signature, every run unbroken. */
async function everything(): Promise<readonly { readonly sequence: number; readonly batch: Batch }[]> {
  const reader = new JetStreamLedgerReader(await bus.serviceBus('recorder'));
  const chain = new LedgerChain((producer, text, signature) => verifySignature(bus.trust.services[producer]!.signingKey, text, signature));
  const found: { sequence: number; batch: Batch }[] = [];
  for (let sequence = 1, last = await reader.lastSequence(); sequence <= last; sequence += 1) {
    const accepted = chain.advance((await reader.read(sequence))!);
    if (!accepted.ok) throw new Error(`${sequence}: ${accepted.refusal.detail}`);
    found.push({ sequence, batch: accepted.value });
  }
  return found;
}

async function requireExactlyOnce(instance: string, receipts: readonly Receipt[]): Promise<readonly BatchHeader[]> {
  const stored = (await everything()).filter(({ batch }) => batch.header.instance.startsWith(`${instance}-`));
  const places = new Map<string, number[]>();
  for (const { sequence, batch } of stored) for (const record of batch.records) places.set(record.metadata.id, [...(places.get(record.metadata.id) ?? []), sequence]);
  for (const receipt of receipts) for (const id of receipt.ids) expect(places.get(id)).toEqual([receipt.sequence]);
  for (const sequences of places.values()) expect(sequences).toHaveLength(1);
  return stored.map(({ batch }) => batch.header);
}

describe('group commit', () => {
  it('puts what waits into one batch: thousands of appends need few acknowledgements', async () => {
    const ledger = await ledgerOn(await bus.serviceBus('connector-postgres'), 'load');
    const receipts = await Promise.all(Array.from({ length: 3_000 }, (_, n) => ledger.append([event(n)])));
    const headers = await requireExactlyOnce('load', receipts);
    expect(headers.length).toBeLessThan(20);
    expect(Math.max(...headers.map((header) => header.count))).toBe(LIMITS.batchEvents);
    await ledger.close();
  });

  it('splits a batch before the bus would refuse it', async () => {
    const ledger = await ledgerOn(await bus.serviceBus('connector-postgres'), 'large');
    const large = { type: 'probe.ran.v1', data: { text: 'x'.repeat(400 * 1024) } };
    const receipts = await Promise.all(Array.from({ length: 5 }, () => ledger.append([large])));
    expect(new Set(receipts.map((receipt) => receipt.sequence)).size).toBe(3);
    await expect(ledger.append([large, large, large])).rejects.toThrow(RangeError);
    await ledger.close();
  });

  it('refuses at once what it could not send in time anyway', async () => {
    const ledger = await ledgerOn(await bus.serviceBus('connector-postgres'), 'busy');
    const outcomes = await Promise.allSettled(Array.from({ length: 10_000 }, (_, n) => ledger.append([event(n)])));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBe(10_000 - 8_192);
    expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(LedgerUnavailable);
    expect(String((refused[0] as PromiseRejectedResult).reason)).toContain('busy');
    await requireExactlyOnce('busy', outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])));
    await ledger.close();
  });
});

describe('lost answers', () => {
  it('a batch whose acknowledgement is lost is found by reading back, and stored once', async () => {
    const road = await FaultyRoad.to(bus.port);
    const ledger = await ledgerOn(await bus.serviceBus('connector-postgres', road), 'lost');
    const before = await ledger.append([event(0)]);
    road.loseAnswers(true);
    const during = Promise.all(Array.from({ length: 10 }, (_, n) => ledger.append([event(n)])));
    await pause(300);
    road.loseAnswers(false);
    road.cut();
    const receipts = [before, ...(await during), await ledger.append([event(99)])];
    const headers = await requireExactlyOnce('lost', receipts);
    expect(new Set(headers.map((header) => header.instance)).size).toBe(1);
    await ledger.close();
    await road.close();
  });

  it('an append is rejected in time though the road swallows every answer, and the chain goes on afterwards', async () => {
    const road = await FaultyRoad.to(bus.port);
    const ledger = await ledgerOn(await bus.serviceBus('connector-postgres', road), 'mute', { ackMs: 1_500 });
    const before = await ledger.append([event(0)]);
    road.loseAnswers(true);
    const started = performance.now();
    await expect(Promise.all([ledger.append([event(1)]), ledger.append([event(2)])])).rejects.toThrow(LedgerUnavailable);
    expect(performance.now() - started).toBeLessThan(4_000);
    road.loseAnswers(false);
    road.cut();
    const after = await eventually(() => ledger.append([event(3)]));
    const headers = await requireExactlyOnce('mute', [before, after]);
    expect(new Set(headers.map((header) => header.instance)).size).toBe(1);
    await ledger.close();
    await road.close();
  });
});

describe('two processes with one instance name', () => {
  it('lose nothing that was acknowledged, keep their own chains, and say so', async () => {
    const problems: string[] = [];
    const onProblem = (problem: string): void => void problems.push(problem);
    const [one, other] = [await ledgerOn(await bus.serviceBus('connector-postgres'), 'twin', { onProblem }), await ledgerOn(await bus.serviceBus('connector-postgres'), 'twin', { onProblem })];
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? one : other)).map(async (ledger, n) => {
      await pause(n * 3);
      return ledger.append([event(n)]);
    }));
    await requireExactlyOnce('twin', outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled').length).toBeGreaterThan(20);
    expect(problems.join()).toContain('name of its own');
    await Promise.all([one.close(), other.close()]);
  });
});

describe('a bus that dies', () => {
  it('killed with SIGKILL in the middle of batches, it has everything it acknowledged, and nobody waits longer than promised', { timeout: 60_000 }, async () => {
    const ledger = await ledgerOn(await bus.serviceBus('connector-postgres'), 'killed');
    const receipts: Receipt[] = [];
    let longestMs = 0;
    let stop = false;
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let n = 0; !stop; n += 1) {
        const started = performance.now();
        await ledger.append([event(client * 1_000 + n)]).then((receipt) => receipts.push(receipt), (fault: unknown) => {
          expect(fault).toBeInstanceOf(LedgerUnavailable);
        });
        longestMs = Math.max(longestMs, performance.now() - started);
      }
    });
    for (const aliveMs of [400, 250, 600, 150]) {
      await pause(aliveMs);
      await bus.kill();
      await pause(150);
      await bus.start();
    }
    await eventually(() => ledger.append([event(-1)]));
    stop = true;
    await Promise.all(clients);
    expect(receipts.length).toBeGreaterThan(100);
    expect(longestMs).toBeLessThan(LIMITS.ledgerAckMs + 500);
    const headers = await requireExactlyOnce('killed', receipts);
    expect(new Set(headers.map((header) => header.instance)).size).toBe(1);
    await ledger.close();
  });

  it('gone for longer than an append may wait, it makes appends fail in time, and works again when it is back', { timeout: 60_000 }, async () => {
    const ledger = await ledgerOn(await bus.serviceBus('connector-postgres'), 'gone', { ackMs: 1_000 });
    await ledger.append([event(0)]);
    await bus.kill();
    const started = performance.now();
    await expect(ledger.append([event(1)])).rejects.toThrow('within 1000 ms');
    expect(performance.now() - started).toBeLessThan(4_000);
    await bus.start();
    const receipt = await eventually(() => ledger.append([event(2)]));
    await requireExactlyOnce('gone', [receipt]);
    await ledger.close();
  });

  it('frozen, it makes appends fail in time, and afterwards holds each batch once', { timeout: 60_000 }, async () => {
    const ledger = await ledgerOn(await bus.serviceBus('connector-postgres'), 'frozen', { ackMs: 1_000 });
    const before = await ledger.append([event(0)]);
    await bus.freeze();
    await expect(ledger.append([event(1)])).rejects.toThrow(LedgerUnavailable);
    await pause(2_000);
    bus.thaw();
    const receipt = await eventually(() => ledger.append([event(2)]));
    const headers = await requireExactlyOnce('frozen', [before, receipt]);
    expect(new Set(headers.map((header) => header.instance)).size).toBe(1);
    await ledger.close();
  });
});

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    try {
      return await attempt();
    } catch (fault) {
      if (performance.now() > deadline) throw fault;
    }
  }
}
