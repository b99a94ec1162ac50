import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '@interlock/kernel';
import type { NatsConnection } from '@nats-io/nats-core';
import { FaultyRoad, startBus, type OwnTestBus } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JetStreamAggregate } from './aggregate.js';
import { BusUnavailable, BusUnreachable, connectBus, type Bus } from './bus.js';
import { followStream, StreamDamaged } from './follow-stream.js';
import { RecordingReader, RecordingUnavailable, RecordingWriter } from './recording.js';

let bus: OwnTestBus;
beforeAll(async () => void (bus = await startBus()));
afterAll(() => bus.close());

const schema = {
  parse(value: unknown): { readonly n: number } {
    const n = (value as { n?: unknown } | null)?.n;
    if (typeof n !== 'number') throw new TypeError('not a number');
    return { n };
  },
};
const grants = async (through?: FaultyRoad) => new JetStreamAggregate(await bus.serviceBus('approval', through), { stream: 'GRANTS', schema });

describe('recordings', () => {
  it('are read as they were written, by the sequence of their receipt', async () => {
    const writer = new RecordingWriter(await bus.serviceBus('connector-postgres'), 'connector-postgres');
    const reader = new RecordingReader(await bus.serviceBus('audit'));
    const chunks = Array.from({ length: 8 }, () => randomBytes(LIMITS.recordingChunkBytes));
    const receipts = await Promise.all(chunks.map((chunk) => writer.append(chunk)));
    for (const [index, { sequence }] of receipts.entries()) expect(Buffer.compare((await reader.read(sequence))!, chunks[index]!)).toBe(0);
    expect(await reader.read(1_000_000)).toBeUndefined();
    await expect(writer.append(Buffer.alloc(LIMITS.recordingChunkBytes + 1))).rejects.toThrow(RangeError);
  });

  it('are stored once, though the acknowledgement was lost', async () => {
    const road = await FaultyRoad.to(bus.port);
    const writer = new RecordingWriter(await bus.serviceBus('connector-postgres', road), 'connector-postgres');
    const reader = new RecordingReader(await bus.serviceBus('audit'));
    const { sequence: before } = await writer.append(Buffer.from('before'));
    road.loseAnswers(true);
    const lost = writer.append(Buffer.from('lost'));
    await pause(200);
    road.loseAnswers(false);
    road.cut();
    expect((await lost).sequence).toBe(before + 1);
    expect((await writer.append(Buffer.from('after'))).sequence).toBe(before + 2);
    expect(Buffer.from((await reader.read(before + 1))!).toString()).toBe('lost');
    await road.close();
  });

  it('fail in time when nothing takes them', { timeout: 15_000 }, async () => {
    const writer = new RecordingWriter(await bus.serviceBus('connector-postgres'), 'nobody');
    const started = performance.now();
    await expect(writer.append(Buffer.from('x'))).rejects.toThrow(RecordingUnavailable);
    expect(performance.now() - started).toBeLessThan(LIMITS.ledgerAckMs + 3_000);
  });
});

describe('aggregates', () => {
  it('a put whose answer was lost is found by reading back, even when another change followed it', async () => {
    const road = await FaultyRoad.to(bus.port);
    const [hurt, well] = [await grants(road), await grants()];
    await hurt.get('warm');
    road.loseAnswers(true);
    const lost = hurt.put('lost', { n: 1 }, 0);
    await expect.poll(() => well.get('lost'), { timeout: 5_000 }).toMatchObject({ value: { n: 1 } });
    const first = (await well.get('lost'))!.revision;
    expect((await well.put('lost', { n: 2 }, first)).ok).toBe(true);
    road.loseAnswers(false);
    road.cut();
    expect(await lost).toEqual({ ok: true, value: { revision: first } });
    await road.close();
  });

  it('of two who consume one grant while answers are lost, exactly one hears yes', { timeout: 30_000 }, async () => {
    const road = await FaultyRoad.to(bus.port);
    const [hurt, well] = [await grants(road), await grants()];
    for (let round = 0; round < 5; round += 1) {
      const key = `race-${round}`;
      const made = await well.put(key, { n: 0 }, 0);
      if (!made.ok) throw new Error('not stored');
      road.loseAnswers(true);
      const both = Promise.all([hurt.put(key, { n: 1 }, made.value.revision), well.put(key, { n: round % 2 === 0 ? 1 : 2 }, made.value.revision)]);
      await pause(50);
      road.loseAnswers(false);
      road.cut();
      const outcomes = await both;
      expect(outcomes.map((outcome) => (outcome.ok ? 'yes' : outcome.refusal.reason)).sort()).toEqual(['conflict', 'yes']);
      if (round % 2 === 1) expect((await well.get(key))?.value.n).toBe(outcomes[0].ok ? 1 : 2);
    }
    await road.close();
  });

  it('a stored state that does not fit is a fault to get, and no older state stands in for it', async () => {
    const store = await grants();
    expect((await store.put('bad', { n: 1 }, 0)).ok).toBe(true);
    expect((await store.list()).some((entry) => entry.key === 'bad')).toBe(true);
    await (await bus.serviceBus('approval')).connection.request('grants.bad', '{"n":"one"}');
    await expect(store.get('bad')).rejects.toThrow('not a number');
    expect((await store.list()).some((entry) => entry.key === 'bad')).toBe(false);
  });

  it.each(['', '.', 'a..b', 'a.', '*', '>', 'a b', 'a.*', 'ä'])('%j is no key', async (key) => {
    await expect((await grants()).put(key, { n: 1 }, 0)).rejects.toThrow(RangeError);
    await expect((await grants()).get(key)).rejects.toThrow(RangeError);
  });

  it('say unavailable, and whether it may be stored, when the bus does not answer', { timeout: 20_000 }, async () => {
    const road = await FaultyRoad.to(bus.port);
    const store = await grants(road);
    await store.get('warm');
    road.loseAnswers(true);
    const [put, get] = await Promise.all([store.put('mute', { n: 1 }, 0), store.get('mute').catch((fault: unknown) => fault)]);
    expect(put).toMatchObject({ ok: false, refusal: { reason: 'unavailable', retryable: true, detail: expect.stringContaining('may or may not') as string } });
    expect(get).toBeInstanceOf(BusUnavailable);
    await road.close();
  });

  it('a list that could not be read whole is unavailable, not shorter; the next one is whole', { timeout: 20_000 }, async () => {
    const keys = ['whole-1', 'whole-2', 'whole-3'];
    for (const key of keys) await (await grants()).put(key, { n: 1 }, 0);
    const approval = await bus.serviceBus('approval');
    const deaf = deafTo(approval, (payload) => payload.includes('"seq"'));
    const store = new JetStreamAggregate(deaf.bus, { stream: 'GRANTS', schema });
    await expect(store.list()).rejects.toThrow(BusUnavailable);
    deaf.hear();
    expect((await store.list()).map((entry) => entry.key)).toEqual(expect.arrayContaining(keys));
  });
});

/** A bus on which some questions are lost, until it hears again. */
function deafTo(bus: Bus, isLost: (payload: string) => boolean): { readonly bus: Bus; hear(): void } {
  let isDeaf = true;
  const publish: NatsConnection['publish'] = (subject, payload, options) => {
    if (!isDeaf || !isLost(String(payload))) bus.connection.publish(subject, payload, options);
  };
  const connection = new Proxy(bus.connection, { get: (target, name) => (name === 'publish' ? publish : bound(target, name)) });
  return { bus: new Proxy(bus, { get: (target, name) => (name === 'connection' ? connection : bound(target, name)) }), hear: () => (isDeaf = false) };
}

function bound(target: object, name: string | symbol): unknown {
  const member: unknown = Reflect.get(target, name, target);
  return typeof member === 'function' ? (member as (...all: unknown[]) => unknown).bind(target) : member;
}

describe('a follower of a stream', () => {
  it('stops when the stream became shorter than what it read', { timeout: 20_000 }, async () => {
    const other = await startBus();
    const policy = await other.serviceBus('policy');
    const put = (n: number) => policy.connection.request(`changes.c${n}`, '{}');
    for (let n = 0; n < 3; n += 1) await put(n);
    const read: number[] = [];
    const following = followStream(policy, 'CHANGES', 1, (message) => void read.push(message.sequence), AbortSignal.timeout(15_000));
    await expect.poll(() => read).toEqual([1, 2, 3]);
    const { connection } = await other.operatorBus();
    const { config } = (await connection.request('$JS.API.STREAM.INFO.CHANGES')).json<{ config: object }>();
    await connection.request('$JS.API.STREAM.DELETE.CHANGES');
    await connection.request('$JS.API.STREAM.CREATE.CHANGES', JSON.stringify(config));
    await put(9);
    await expect(following).rejects.toThrow(StreamDamaged);
    await other.close();
  });

  it('stops at a hole', { timeout: 20_000 }, async () => {
    const other = await startBus();
    const policy = await other.serviceBus('policy');
    const { connection } = await other.operatorBus();
    const { config } = (await connection.request('$JS.API.STREAM.INFO.CHANGES')).json<{ config: object }>();
    await connection.request('$JS.API.STREAM.DELETE.CHANGES');
    await connection.request('$JS.API.STREAM.CREATE.CHANGES', JSON.stringify({ ...config, deny_delete: false }));
    for (let n = 0; n < 3; n += 1) await policy.connection.request(`changes.c${n}`, '{}');
    await connection.request('$JS.API.STREAM.MSG.DELETE.CHANGES', '{"seq":2}');
    const read: number[] = [];
    await expect(followStream(policy, 'CHANGES', 1, (message) => void read.push(message.sequence), AbortSignal.timeout(15_000))).rejects.toThrow('has no sequence 2');
    expect(read).toEqual([1]);
    await other.close();
  });
});

describe('a connection', () => {
  it('that nobody answers is a clear fault in time', async () => {
    const { nkeySeed } = await bus.keys('api');
    const started = performance.now();
    await expect(connectBus({ url: 'nats://127.0.0.1:1', nkeySeed, name: 'api', firstConnectMs: 600 })).rejects.toThrow(BusUnreachable);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('says when it is lost and when it is back', async () => {
    const road = await FaultyRoad.to(bus.port);
    const api = await bus.serviceBus('api', road);
    const told: boolean[] = [];
    api.onConnectedChange((connected) => void told.push(connected));
    road.cut();
    await expect.poll(() => told, { timeout: 10_000 }).toEqual([false, true]);
    expect(api.connected).toBe(true);
    await api.close();
    expect(api.connected).toBe(false);
    await road.close();
  });
});
