import 'reflect-metadata';
import { Controller, Inject } from '@nestjs/common';
import { accepted, refused } from '@interlock/kernel';
import { noTracing } from '@interlock/adapter-telemetry';
import { describe, expect, it } from 'vitest';
import { openApplication } from './application.js';
import { createLogger, type Logger } from './logger.js';
import { Rpc, type RpcAnswer, type RpcParsed } from './rpc.js';
import { RPC_LIMITS, RpcStrategy, type RequestBus } from './rpc-strategy.js';
import { LOGGER } from './tokens.js';

let release: (() => void) | undefined;

class DemoController {
  constructor(private readonly logger: Logger) {}

  async sessions(request: RpcParsed<'audit.sessions'>): Promise<RpcAnswer<'audit.sessions'>> {
    this.logger.info('asked', { limit: request.limit });
    return accepted({ sessions: [{ limit: request.limit }] });
  }

  checkpoint(): RpcAnswer<'recorder.checkpoint'> {
    return refused('no_checkpoint', 'There is none yet.', { retryable: true });
  }

  verify(): Promise<RpcAnswer<'audit.verify'>> {
    throw new RangeError('needle');
  }

  async status(): Promise<RpcAnswer<'audit.status'>> {
    await new Promise<void>((resolve) => (release = resolve));
    return accepted({ views: [] });
  }
}

/** Decorators by hand: the test transform leaves decorator syntax of specs alone. */
function decorate(): void {
  const methodOf = (name: keyof typeof DemoController.prototype) => Object.getOwnPropertyDescriptor(DemoController.prototype, name) as TypedPropertyDescriptor<never>;
  Controller()(DemoController);
  Inject(LOGGER)(DemoController, undefined, 0);
  Rpc('audit.sessions')(DemoController.prototype, 'sessions', methodOf('sessions'));
  Rpc('recorder.checkpoint')(DemoController.prototype, 'checkpoint', methodOf('checkpoint'));
  Rpc('audit.verify')(DemoController.prototype, 'verify', methodOf('verify'));
  Rpc('audit.status')(DemoController.prototype, 'status', methodOf('status'));
}
decorate();

/** The bus of one process: requests go straight to whoever serves the subject. */
class DirectBus implements RequestBus {
  readonly served = new Map<string, (data: unknown) => Promise<unknown>>();
  readonly queues = new Set<string>();

  serve(subject: string, queue: string, respond: Parameters<RequestBus['serve']>[2]) {
    this.queues.add(queue);
    this.served.set(subject, async (data) => JSON.parse(Buffer.from(await respond({ data: Buffer.from(JSON.stringify(data)), headers: { get: () => undefined, set: () => undefined } })).toString()) as unknown);
    return { stop: () => (this.served.delete(subject), Promise.resolve()) };
  }

  ask(subject: string, data: unknown = {}): Promise<unknown> {
    return this.served.get(subject)!(data);
  }
}

async function open() {
  const lines: string[] = [];
  const logger = createLogger({ service: 'demo', level: 'debug', write: (line) => lines.push(line), nowMs: () => 0 });
  const bus = new DirectBus();
  const strategy = new RpcStrategy('demo', bus, logger, noTracing);
  class DemoModule {}
  const module = { module: DemoModule, controllers: [DemoController], providers: [{ provide: LOGGER, useValue: logger }] };
  const app = await openApplication(module, strategy, () => undefined);
  return { app, bus, strategy, lines };
}

const token = { box: 'x', purpose: 'token' };

describe('requests through Nest', () => {
  it('reach their handler validated, with defaults, and come back as outcomes', async () => {
    const { app, bus, lines } = await open();
    expect(await bus.ask('rpc.audit.sessions', { token })).toEqual(accepted({ sessions: [{ limit: 50 }] }));
    expect(await bus.ask('rpc.audit.sessions', { token, limit: 9_999 })).toMatchObject({ ok: false, refusal: { reason: 'request_invalid' } });
    expect(await bus.ask('rpc.recorder.checkpoint')).toEqual({ ok: false, refusal: { reason: 'no_checkpoint', detail: 'There is none yet.', retryable: true } });
    expect([...bus.queues]).toEqual(['demo']);
    expect(lines.join()).toContain('"limit":50');
    await app.close();
  });

  it('turn a throw into a named fault that the log explains', async () => {
    const { app, bus, lines } = await open();
    const reply = (await bus.ask('rpc.audit.verify', { token })) as { refusal: { reason: string; detail: string } };
    expect(reply.refusal.reason).toBe('internal_fault');
    expect(reply.refusal.detail).not.toContain('needle');
    const line = lines.find((one) => one.includes('"fault"'))!;
    expect(reply.refusal.detail).toContain((JSON.parse(line) as { fault: string }).fault);
    expect(line).toContain('RangeError');
    await app.close();
  });

  it('are finished before the strategy is closed, and no new one is taken', async () => {
    const { app, bus, strategy } = await open();
    const reply = bus.ask('rpc.audit.status');
    await new Promise((resolve) => setImmediate(resolve));
    let closed = false;
    const closing = strategy.close().then(() => (closed = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect([closed, bus.served.size]).toEqual([false, 0]);
    release!();
    expect(await reply).toEqual(accepted({ views: [] }));
    await closing;
    await app.close();
  });

  it('beyond all places are refused as busy', async () => {
    const { app, bus } = await open();
    const ask = () => bus.ask('rpc.audit.status');
    const waiting = Array.from({ length: RPC_LIMITS.atOnce + RPC_LIMITS.inLine }, ask);
    expect(await bus.ask('rpc.audit.status')).toMatchObject({ refusal: { reason: 'busy', retryable: true } });
    const pump = setInterval(() => release?.(), 0);
    const first = await Promise.race(waiting);
    clearInterval(pump);
    expect(first).toEqual(accepted({ views: [] }));
    void app;
  });
});
