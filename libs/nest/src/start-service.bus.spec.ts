import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import { BusNotSynced, NatsRpcClient } from '@interlock/adapter-jetstream';
import { startTracing } from '@interlock/adapter-telemetry';
import { freePort, startBus, type OwnTestBus } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rpc, type RpcAnswer } from './rpc.js';
import { startService, type RunningService } from './start-service.js';
import { LEDGER, SERVICE, type ServiceIdentity } from './tokens.js';
import type { KeyRegistrar } from './ports.js';

const registered: string[] = [];
let work: Promise<void> = Promise.resolve();
let begun = 0;

class DemoController {
  async list(): Promise<RpcAnswer<'approval.list'>> {
    begun += 1;
    await work;
    return accepted({ approvals: [] });
  }
}
Controller()(DemoController);
Rpc('approval.list')(DemoController.prototype, 'list', Object.getOwnPropertyDescriptor(DemoController.prototype, 'list') as TypedPropertyDescriptor<never>);

/** In place of the recorder: keys are taken without the bus. */
const REGISTRAR = Symbol('REGISTRAR');
const registrar: KeyRegistrar = { register: (keyId) => (registered.push(keyId), Promise.resolve(accepted({}))) };
class DemoModule {}
const demoModule = { module: DemoModule, controllers: [DemoController], providers: [{ provide: REGISTRAR, useValue: registrar }], exports: [REGISTRAR] };

let bus: OwnTestBus;
let stateDir: string;
const env = (more: NodeJS.ProcessEnv = {}) => ({ INTERLOCK_NATS_URL: bus.url, INTERLOCK_KEYS_DIR: bus.keysDir, INTERLOCK_STATE_DIR: stateDir, ...more });
const token = { box: 'x', purpose: 'token' };

function start(name: string, more: NodeJS.ProcessEnv = {}, lines: string[] = []): Promise<RunningService> {
  return startService({ name, module: demoModule, env: env(more), keyRegistrar: REGISTRAR, write: (line) => lines.push(line) });
}

beforeAll(async () => {
  bus = await startBus();
  stateDir = await mkdtemp(join(tmpdir(), 'interlock-nest-'));
});
afterAll(async () => {
  await bus.close();
  await rm(stateDir, { recursive: true, force: true });
});

async function ask() {
  const api = await bus.serviceBus('api');
  return new NatsRpcClient(api).call('approval.list', { token });
}

describe('startService', () => {
  it('serves requests, tells health, registers its key once, and drains what is at work', async () => {
    const lines: string[] = [];
    const healthPort = await freePort();
    const service = await start('approval', { INTERLOCK_HEALTH_PORT: String(healthPort) }, lines);
    expect(await ask()).toEqual(accepted({ approvals: [] }));
    expect(service.get<ServiceIdentity>(SERVICE)).toEqual({ name: 'approval', instance: '1', stateDir: join(stateDir, 'approval'), busSynced: true });
    await expect.poll(async () => (await fetch(`http://127.0.0.1:${healthPort}/health/ready`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${healthPort}/health/live`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${healthPort}/other`)).status).toBe(404);
    expect(registered).toHaveLength(1);

    let release!: () => void;
    work = new Promise((resolve) => (release = resolve));
    const before = begun;
    const pending = ask();
    await expect.poll(() => begun, { timeout: 5_000 }).toBe(before + 1);
    const closing = Promise.all([service.close(), service.close()]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    release();
    expect(await pending).toEqual(accepted({ approvals: [] }));
    await closing;
    work = Promise.resolve();
    await expect(fetch(`http://127.0.0.1:${healthPort}/health/live`)).rejects.toThrow();
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['the service is up', 'the service is down']);
  });

  it('keeps several services of one process apart', async () => {
    const [first, second] = [[] as string[], [] as string[]];
    const services = await Promise.all([start('approval', { INTERLOCK_LOG_LEVEL: 'debug' }, first), start('masking', { INTERLOCK_LOG_LEVEL: 'debug' }, second)]);
    for (const [lines, name] of [[first, 'approval'], [second, 'masking']] as const) {
      expect(lines.length).toBeGreaterThan(0);
      expect(new Set(lines.map((line) => (JSON.parse(line) as { service: string }).service))).toEqual(new Set([name]));
    }
    expect(services[0]!.get(LEDGER)).not.toBe(services[1]!.get(LEDGER));
    await Promise.all(services.map((service) => service.close()));
  });

  it('starts without the recorder, and is not well until the ledger knows it', async () => {
    const service = await startService({ name: 'policy', module: DemoModule, env: env(), write: () => undefined });
    const api = new NatsRpcClient(await bus.serviceBus('api'));
    expect(await api.call('policy.health', {})).toMatchObject({ value: { ok: false, checks: [{ name: 'bus', ok: true }, { name: 'ledger', ok: false }, { name: 'bundle', ok: true }] } });
    await service.close();
  });

  it('tells of a bundle that is not to be believed, and goes on', async () => {
    const service = await start('approval');
    const api = new NatsRpcClient(await bus.serviceBus('api'));
    const forger = await bus.serviceBus('policy');
    await forger.connection.request('control.bundle', '{}');
    const bundle = { name: 'bundle', ok: false, detail: expect.stringContaining('it is no bundle signed by policy') };
    await expect.poll(() => api.call('approval.health', {})).toMatchObject({ value: { ok: true, checks: [{ name: 'bus' }, { name: 'ledger' }, bundle] } });
    await service.close();
  });

  it('continues the trace of its caller', async () => {
    const spans: { readonly traceId: string; readonly spanId: string; readonly parentSpanId?: string; readonly name: string }[] = [];
    const collector = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { resourceSpans: { scopeSpans: { spans: typeof spans }[] }[] };
      for (const resource of body.resourceSpans) for (const scope of resource.scopeSpans) spans.push(...scope.spans);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const service = await start('approval', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const tracing = await startTracing({ service: 'api', instance: '1', endpoint });
    const client = new NatsRpcClient(await bus.serviceBus('api'), { inject: (set) => tracing.inject({ get: () => undefined, set }) });
    await tracing.span('door', {}, () => client.call('approval.list', { token }));
    await Promise.all([tracing.close(), service.close()]);
    collector.close();
    const door = spans.find((span) => span.name === 'door')!;
    expect(spans.find((span) => span.name === 'rpc approval.list')).toMatchObject({ traceId: door.traceId, parentSpanId: door.spanId });
  });

  it('refuses a bus that does not sync, unless told to, and then says so', async () => {
    const unsynced = await startBus({ sync: 'default' });
    const own = { INTERLOCK_NATS_URL: unsynced.url, INTERLOCK_KEYS_DIR: unsynced.keysDir };
    await expect(start('approval', own)).rejects.toThrow(BusNotSynced);
    const lines: string[] = [];
    const service = await start('approval', { ...own, INTERLOCK_DEV_UNSYNCED: '1' }, lines);
    expect(service.get<ServiceIdentity>(SERVICE).busSynced).toBe(false);
    expect(lines.join()).toContain('for development only');
    await service.close();
    await unsynced.close();
  });

  it('closes what it opened when the module fails', async () => {
    const failing = { module: DemoModule, providers: [{ provide: 'X', useFactory: () => Promise.reject(new RangeError('no')) }] };
    await expect(startService({ name: 'masking', module: failing, env: env(), write: () => undefined })).rejects.toThrow(RangeError);
    const service = await start('masking');
    await service.close();
  });
});
