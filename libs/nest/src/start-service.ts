import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DynamicModule, INestApplicationContext, InjectionToken, Provider, Type } from '@nestjs/common';
import { Controller, Module } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import type { RpcName } from '@interlock/contracts';
import type { z } from 'zod';
import { rpcNameOf } from './answer.js';
import { busRequests } from './bus-requests.js';
import { loadConfig, serviceSettings } from './configuration.js';
import { Health } from './health.js';
import { openHealthPort } from './health-port.js';
import { openApplication } from './application.js';
import { createLogger } from './logger.js';
import { nestLinesTo } from './nest-logger.js';
import { openPorts, type KeyRegistrar, type Ports } from './ports.js';
import { Presence } from './presence.js';
import { Rpc, rpcSubject } from './rpc.js';
import { RpcStrategy } from './rpc-strategy.js';
import type { Running } from './running.js';
import { closeInOrder, type ClosingStep } from './shutdown.js';
import { BUS, CLOCK, CONFIG, CONTROL, HEALTH, KEYS, LEDGER, LOGGER, RPC_CLIENT, SERVICE, TRACING, TRUST, type Clock } from './tokens.js';

/** What a service is made of. */
export interface ServiceDefinition<Settings extends typeof serviceSettings = typeof serviceSettings> {
  /** Its name on the bus, in the ledger and in `<name>.json`. */
  readonly name: string;
  /** The service's Nest module: controllers with `@Rpc` handlers and providers, which ask for the injection tokens. */
  readonly module: Type | DynamicModule;
  readonly env: NodeJS.ProcessEnv;
  /** `serviceSettings.extend({ ... })`; CONFIG holds what it reads. */
  readonly settings?: Settings;
  /** False for a service that does not obey the control plane; CONTROL is then undefined. */
  readonly followControl?: boolean;
  /** Token of the provider that stores this service's own event key without the bus. For the recorder alone. */
  readonly keyRegistrar?: InjectionToken<KeyRegistrar>;
  /** Where log lines go; standard output when absent. */
  readonly write?: (line: string) => void;
  readonly clock?: Clock;
}

/** A started service, with a way to what lives in it. */
export interface RunningService extends Running {
  /** A provider of the service's module, by token. */
  get<T>(token: InjectionToken<T>): T;
}

const CLOSE_RPC_MS = 4_000;
const CLOSE_APPLICATION_MS = 5_000;
const CLOSE_PRESENCE_MS = 2_000;
const systemClock: Clock = { nowMs: () => Date.now() };

/**
 * Starts a service: checks the environment, opens its ports, serves its requests, and tells the ledger. Several services
 * may live in one process; nothing of one is seen by another.
 *
 * Closing drains in order, each step within a named time: requests, the application, `service.stopped`, the control
 * plane, the ledger, traces, the bus.
 *
 * @throws ConfigurationError, KeysUnusable, BusUnreachable, BusNotSynced, or the fault of the service's own module.
 */
export async function startService<Settings extends typeof serviceSettings>(definition: ServiceDefinition<Settings>): Promise<RunningService> {
  const settings = loadConfig(definition.settings ?? serviceSettings, definition.env) as z.output<Settings>;
  const opened: ClosingStep[] = [];
  let application: INestApplicationContext | undefined;
  const { keyRegistrar } = definition;
  const ports = await orClose(opened, undefined, () =>
    openPorts({
      name: definition.name, settings, followControl: definition.followControl ?? true, clock: definition.clock ?? systemClock, write: definition.write,
      registrar: keyRegistrar === undefined ? undefined : (() => application?.get<KeyRegistrar>(keyRegistrar, { strict: false })),
    }, opened));
  nestLinesTo(createLogger({ service: 'nest', level: settings.INTERLOCK_LOG_LEVEL, nowMs: ports.clock.nowMs, ...(definition.write ? { write: definition.write } : {}) }));
  return orClose(opened, ports, async () => {
    const health = new Health(randomUUID());
    health.add('bus', () => (ports.bus.connected ? undefined : 'the bus is away'));
    const strategy = new RpcStrategy(definition.name, busRequests(ports.bus, ports.logger), ports.logger, ports.tracing);
    const presence = new Presence(ports.ledger, ports.service, await version(), ports.logger);
    health.add('ledger', () => presence.problem);
    const { control } = ports;
    if (control) health.warn('bundle', () => control.state.problem);
    opened.push({ name: 'presence', withinMs: CLOSE_PRESENCE_MS, close: () => presence.leave() });
    const root = rootModule(definition.module, ports, settings, health);
    application = await openApplication(root, strategy, (close) => opened.push({ name: 'application', withinMs: CLOSE_APPLICATION_MS, close }));
    opened.push({ name: 'requests', withinMs: CLOSE_RPC_MS, close: () => strategy.close() });
    await openHealthDoor(settings.INTERLOCK_HEALTH_PORT, health, opened);
    presence.announce();
    return running(definition.name, application, ports, opened);
  });
}

function running(name: string, application: INestApplicationContext, ports: Ports, opened: ClosingStep[]): RunningService {
  let closing: Promise<void> | undefined;
  ports.logger.info('the service is up');
  return {
    name,
    get: (token) => application.get(token, { strict: false }),
    close: () => (closing ??= closeInOrder([...opened].reverse(), ports.logger).then(() => ports.logger.info('the service is down'))),
  };
}

/** What was opened before a failure is closed again, newest first. */
async function orClose<T>(opened: ClosingStep[], ports: Ports | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => quiet };
    await closeInOrder([...opened].reverse(), ports?.logger ?? quiet);
    throw fault;
  }
}

function rootModule(module: Type | DynamicModule, ports: Ports, settings: unknown, health: Health): DynamicModule {
  const values: readonly (readonly [symbol, unknown])[] = [
    [LEDGER, ports.ledger], [RPC_CLIENT, ports.rpc], [CLOCK, ports.clock], [KEYS, ports.keys], [TRUST, ports.trust], [CONTROL, ports.control],
    [LOGGER, ports.logger], [CONFIG, settings], [BUS, ports.bus], [TRACING, ports.tracing], [HEALTH, health], [SERVICE, ports.service],
  ];
  const providers: Provider[] = values.map(([provide, useValue]) => ({ provide, useValue }));
  @Module({})
  class PortsModule {}
  @Module({})
  class ServiceModule {}
  return {
    module: ServiceModule,
    imports: [{ module: PortsModule, global: true, providers, exports: values.map(([token]) => token) }, module],
    controllers: healthControllers(ports.service.name, health),
  };
}

/** Every service that has a health contract answers it. */
function healthControllers(service: string, health: Health): Type[] {
  const name = rpcNameOf(rpcSubject(`${service}.health`)) as Extract<RpcName, `${string}.health`> | undefined;
  if (!name) return [];
  @Controller()
  class HealthController {
    @Rpc(name!)
    async report() {
      return accepted(await health.report());
    }
  }
  return [HealthController];
}

async function openHealthDoor(port: number | undefined, health: Health, opened: ClosingStep[]): Promise<void> {
  if (port === undefined) return;
  const door = await openHealthPort(port, health);
  opened.push({ name: 'health port', withinMs: CLOSE_PRESENCE_MS, close: () => door.close() });
}

async function version(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return manifest.version;
}
