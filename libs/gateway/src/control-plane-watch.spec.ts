import { MemoryLedger } from '@interlock/adapter-memory-log';
import { LIMITS } from '@interlock/kernel';
import { describe, expect, it } from 'vitest';
import { bundle, Given } from '../spec/given.js';

describe('the word of the control plane', () => {
  it('is fresh for a second after a beacon, and where everything that it names was followed', async () => {
    const given = new Given(new MemoryLedger());
    expect(given.watch.isFresh()).toBe(false);
    given.beat();
    expect(given.watch.isFresh()).toBe(true);
    await given.time.advance(LIMITS.beaconWaitMs);
    expect(given.watch.isFresh()).toBe(true);
    await given.time.advance(1);
    expect(given.watch.isFresh()).toBe(false);
    given.beat(given.control.state.sequence + 1);
    expect(given.watch.isFresh()).toBe(false);
    given.change({});
    expect(given.watch.isFresh()).toBe(true);
  });

  it('is waited for, and taken as soon as it comes', async () => {
    const given = new Given(new MemoryLedger());
    let heard: unknown;
    void given.watch.whenFresh().then((outcome) => { heard = outcome; });
    await given.time.advance(3_000);
    expect(heard).toBeUndefined();
    given.beat();
    await given.time.advance(0);
    expect(heard).toMatchObject({ ok: true, value: { bundle: { version: 1 } } });
  });

  it('is missed after five seconds of silence, and at once after a longer one', async () => {
    const given = new Given(new MemoryLedger());
    given.beat();
    let heard: unknown;
    await given.time.advance(2_000);
    void given.watch.whenFresh().then((outcome) => { heard = outcome; });
    await given.time.advance(LIMITS.beaconRefuseMs - 2_001);
    expect(heard).toBeUndefined();
    await given.time.advance(1);
    expect(heard).toMatchObject({ ok: false, refusal: { reason: 'control_plane_silent', retryable: true } });
    expect(await given.watch.whenFresh()).toMatchObject({ ok: false, refusal: { reason: 'control_plane_silent' } });
  });

  it('decides by no bundle when the newest does not compile', async () => {
    const given = new Given(new MemoryLedger());
    given.beat();
    given.change({ bundle: bundle(2, { author: 'broken' }), bundleHash: '2' });
    given.beat();
    expect(await given.watch.whenFresh()).toMatchObject({ ok: false, refusal: { reason: 'not_configured' } });
    expect(given.problems).toEqual(['Bundle 2 does not compile: It is broken.']);
    given.change({ bundle: bundle(3), bundleHash: '3' });
    given.beat();
    expect(await given.watch.whenFresh()).toMatchObject({ ok: true, value: { judge: { bundleVersion: 3 } } });
  });
});
