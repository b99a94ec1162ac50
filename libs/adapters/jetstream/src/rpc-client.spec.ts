import type { Msg } from '@nats-io/nats-core';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '@interlock/kernel';
import { startBus, type OwnTestBus } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import { NatsRpcClient } from './rpc-client.js';

let bus: OwnTestBus;
let policy: Bus;
let masking: Bus;
beforeAll(async () => {
  bus = await startBus();
  policy = await bus.serviceBus('policy');
  masking = await bus.serviceBus('masking');
});
afterAll(() => bus.close());

async function serving(answer: (message: Msg) => object | string | undefined, work: (client: NatsRpcClient) => Promise<void>, client = new NatsRpcClient(policy)): Promise<void> {
  const subscription = masking.connection.subscribe('rpc.masking.compile', {
    callback: (_fault, message) => {
      const reply = answer(message);
      if (reply !== undefined) message.respond(typeof reply === 'string' ? reply : JSON.stringify(reply));
    },
  });
  await masking.connection.flush();
  await work(client);
  subscription.unsubscribe();
  await masking.connection.flush();
}

describe('a request between services', () => {
  it('carries the request and brings the value back', () => serving((message) => {
    expect(message.json()).toEqual({ configuration: { version: 1 } });
    return { ok: true, value: { problems: [{ path: 'a', detail: 'b' }] } };
  }, async (client) => {
    expect(await client.call('masking.compile', { configuration: { version: 1 } })).toEqual({ ok: true, value: { problems: [{ path: 'a', detail: 'b' }] } });
  }));

  it('brings a refusal back as it is', () => serving(() => ({ ok: false, refusal: { reason: 'too_large', detail: 'It is too large.', hint: 'Cut it.', retryable: false } }), async (client) => {
    expect(await client.call('masking.compile', { configuration: 1 })).toEqual({ ok: false, refusal: { reason: 'too_large', detail: 'It is too large.', hint: 'Cut it.', retryable: false } });
  }));

  it('is not sent when it does not fit its contract', async () => {
    await expect(new NatsRpcClient(policy).call('recorder.registerKey', { keyId: 1 } as never)).rejects.toThrow('recorder.registerKey does not fit its contract: keyId, session, key');
  });

  it.each<[string, object | string]>([
    ['no JSON', 'rubbish'], ['no outcome', { value: 1 }], ['a value of another shape', { ok: true, value: { problems: 'none' } }],
    ['a refusal without a reason', { ok: false, refusal: {} }], ['null', 'null'], ['neither yes nor no', { ok: 'true', value: { problems: [] } }],
  ])('answered with %s is refused as malformed', (_what, reply) => serving(() => reply, async (client) => {
    expect(await client.call('masking.compile', { configuration: 1 })).toMatchObject({ ok: false, refusal: { reason: 'malformed_answer' } });
  }));

  it('without an answer is unavailable after its time, and can be tried again', () => serving(() => undefined, async (client) => {
    const started = performance.now();
    expect(await client.call('masking.compile', { configuration: 1 }, { timeoutMs: 300 })).toMatchObject({ ok: false, refusal: { reason: 'unavailable', retryable: true } });
    expect(performance.now() - started).toBeLessThan(LIMITS.rpcMs);
  }));

  it('waits for a service that is starting', async () => {
    const asked = new NatsRpcClient(policy).call('masking.compile', { configuration: 1 }, { timeoutMs: 3_000 });
    await pause(250);
    await serving(() => ({ ok: true, value: { problems: [] } }), async () => {
      expect(await asked).toEqual({ ok: true, value: { problems: [] } });
    });
  });

  it('to nobody is unavailable', async () => {
    expect(await new NatsRpcClient(policy).call('masking.compile', { configuration: 1 }, { timeoutMs: 250 })).toMatchObject({ ok: false, refusal: { reason: 'unavailable' } });
  });

  it('takes trace headers along', () => serving((message) => {
    expect(message.headers?.get('traceparent')).toBe('00-abc-def-01');
    return { ok: true, value: { problems: [] } };
  }, async (client) => {
    expect((await client.call('masking.compile', { configuration: 1 })).ok).toBe(true);
  }, new NatsRpcClient(policy, { inject: (set) => set('traceparent', '00-abc-def-01') })));

  it('while the bus is away is unavailable within its time, and works when it is back', { timeout: 30_000 }, async () => {
    await bus.kill();
    const started = performance.now();
    expect(await new NatsRpcClient(policy).call('masking.compile', { configuration: 1 }, { timeoutMs: 400 })).toMatchObject({ ok: false, refusal: { reason: 'unavailable' } });
    expect(performance.now() - started).toBeLessThan(LIMITS.rpcMs);
    await bus.start();
    expect(await policy.whenConnected(10_000) && await masking.whenConnected(10_000)).toBe(true);
    await serving(() => ({ ok: true, value: { problems: [] } }), async (client) => {
      expect((await client.call('masking.compile', { configuration: 1 })).ok).toBe(true);
    });
  });
});
