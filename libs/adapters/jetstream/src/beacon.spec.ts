import { setTimeout as pause } from 'node:timers/promises';
import { verifySignature } from '@interlock/adapter-sealing';
import { LIMITS } from '@interlock/kernel';
import { FakeClock, startBus, type OwnTestBus } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BEACON_SKEW_MS, BeaconPublisher, BeaconSubscriber, type HeardBeacon } from './beacon.js';

let bus: OwnTestBus;
beforeAll(async () => void (bus = await startBus()));
afterAll(() => bus.close());

async function publisher(nowMs: () => number, controlSequence = () => 0, signer: 'identity' | 'api' = 'identity') {
  const keys = await bus.keys(signer);
  return new BeaconPublisher(await bus.serviceBus('identity'), { sign: (text) => keys.sign(text), nowMs, controlSequence });
}

async function subscriber(nowMs: () => number, problems: string[] = []) {
  const on = await bus.serviceBus('connector-postgres');
  const listening = new BeaconSubscriber(on, { trust: bus.trust, verify: verifySignature, nowMs, onProblem: (problem) => void problems.push(problem) });
  await on.connection.flush();
  return listening;
}

describe('the beacon', () => {
  it('comes four times a second, says how far control is, and when it came', async () => {
    let sequence = 7;
    const clock = new FakeClock();
    const listening = await subscriber(clock.nowMs);
    const heard: HeardBeacon[] = [];
    listening.onBeacon((beacon) => void heard.push(beacon));
    expect(listening.latest).toBeUndefined();
    const sending = await publisher(clock.nowMs, () => sequence);
    await expect.poll(() => heard.length, { timeout: 5_000 }).toBe(2);
    clock.advance(1_234);
    sequence = 8;
    await expect.poll(() => listening.latest?.beacon.controlSequence, { timeout: 5_000 }).toBe(8);
    expect(listening.latest).toMatchObject({ arrivedAtMs: clock.nowMs(), beacon: { at: clock.nowMs() } });
    expect(heard[1]!.beacon.counter).toBe(heard[0]!.beacon.counter + 1);
    sending.close();
    const before = heard.length;
    await pause(LIMITS.beaconEveryMs * 2);
    expect(heard.length).toBe(before);
    listening.close();
  });

  it('is not believed when identity did not sign it, and that is said once', async () => {
    const problems: string[] = [];
    const listening = await subscriber(Date.now, problems);
    const sending = await publisher(Date.now, () => 0, 'api');
    await pause(LIMITS.beaconEveryMs * 4);
    expect(listening.latest).toBeUndefined();
    expect(problems).toEqual(['A beacon is not believed: it is not signed by identity.']);
    sending.close();
    listening.close();
  });

  it('is not believed when it is played again, or when its time is far from ours', async () => {
    const clock = new FakeClock();
    const problems: string[] = [];
    const identity = await bus.serviceBus('identity');
    const listening = await subscriber(clock.nowMs, problems);
    const recorded: string[] = [];
    identity.connection.subscribe('beacon', { max: 1, callback: (_fault, message) => void recorded.push(message.string()) });
    const sending = await publisher(clock.nowMs);
    await expect.poll(() => listening.latest !== undefined && recorded.length > 0, { timeout: 5_000 }).toBe(true);
    sending.close();
    const heard = listening.latest;
    identity.connection.publish('beacon', recorded[0]!);
    await identity.connection.flush();
    await pause(50);
    expect(listening.latest).toBe(heard);
    expect(problems.at(-1)).toContain('heard before');
    clock.advance(BEACON_SKEW_MS + 1);
    const late = await subscriber(clock.nowMs, problems);
    identity.connection.publish('beacon', recorded[0]!);
    await identity.connection.flush();
    await expect.poll(() => problems.at(-1), { timeout: 2_000 }).toContain('from this service');
    expect(late.latest).toBeUndefined();
    listening.close();
    late.close();
  });

  it.each(['', 'no json', '{}', '{"beacon":"{}","signature":"AAAA"}'])('survives %j', async (message) => {
    const listening = await subscriber(Date.now);
    const identity = await bus.serviceBus('identity');
    identity.connection.publish('beacon', message);
    await identity.connection.flush();
    await pause(30);
    expect(listening.latest).toBeUndefined();
    listening.close();
  });

  it('is silent while the bus is away, and keeps none for later', async () => {
    const listening = await subscriber(Date.now);
    const sending = await publisher(Date.now);
    await expect.poll(() => listening.latest !== undefined, { timeout: 5_000 }).toBe(true);
    await bus.kill();
    await pause(1_000);
    const away = listening.latest!.beacon.counter;
    await bus.start();
    await expect.poll(() => listening.latest!.beacon.counter, { timeout: 10_000 }).toBeGreaterThan(away);
    expect(Date.now() - listening.latest!.beacon.at).toBeLessThan(900);
    sending.close();
    listening.close();
  });
});
