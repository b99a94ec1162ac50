import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ledger, Outcome } from '@interlock/kernel';
import { RUN_KEY, type RpcClient, type Trust } from '@interlock/contracts';
import { checkSyncAlways, connectBus, ControlFollower, JetStreamLedger, NatsRpcClient, type Bus } from '@interlock/adapter-jetstream';
import { createEventSeal, KEY_BYTES, loadTrust, sealFor, ServiceKeys, verifySignature } from '@interlock/adapter-sealing';
import { startTracing, type Tracing } from '@interlock/adapter-telemetry';
import type { ServiceSettings } from './configuration.js';
import { createLogger, type Logger } from './logger.js';
import { OwnKeyLedger } from './own-key-ledger.js';
import type { ClosingStep } from './shutdown.js';
import type { Clock, ServiceIdentity } from './tokens.js';

/** Stores a service's own event key without the bus: the recorder's road to itself. */
export interface KeyRegistrar {
  register(keyId: string, session: string, key: Uint8Array): Promise<Outcome<unknown>>;
}

/** Everything of the outside that a service is given. */
export interface Ports {
  readonly service: ServiceIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keys: ServiceKeys;
  readonly trust: Trust;
  readonly tracing: Tracing;
  readonly bus: Bus;
  readonly rpc: RpcClient;
  readonly control: ControlFollower | undefined;
  readonly ledger: Ledger;
}

export interface PortOptions {
  readonly name: string;
  readonly settings: ServiceSettings;
  readonly followControl: boolean;
  readonly clock: Clock;
  readonly write: ((line: string) => void) | undefined;
  /** The service's own registrar, once there is one. */
  readonly registrar: (() => KeyRegistrar | undefined) | undefined;
}

const CLOSE_MS = 3_000;

/**
 * Opens the ports in order; `opened` receives how to close each, so that a failed start leaves nothing open.
 *
 * @throws whatever says why the service must not start: keys unusable, bus unreachable, bus not synced.
 */
export async function openPorts(options: PortOptions, opened: ClosingStep[]): Promise<Ports> {
  const { name, settings, clock } = options;
  const instance = settings.INTERLOCK_INSTANCE;
  const logger = createLogger({ service: name, instance, level: settings.INTERLOCK_LOG_LEVEL, nowMs: clock.nowMs, ...(options.write ? { write: options.write } : {}) });
  const keys = await ServiceKeys.load(settings.INTERLOCK_KEYS_DIR, name);
  const trust = await loadTrust(settings.INTERLOCK_KEYS_DIR);
  const stateDir = join(settings.INTERLOCK_STATE_DIR, name);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const bus = await connectBus({ url: settings.INTERLOCK_NATS_URL, nkeySeed: keys.nkeySeed, name: `${name}/${instance}` });
  const hush = bus.onConnectedChange((connected) => (connected ? logger.info('the bus is back') : logger.warn('the bus is away')));
  opened.push({ name: 'bus', withinMs: CLOSE_MS, close: () => (hush(), bus.close()) });
  const { synced } = await checkSyncAlways(bus, { allowUnsynced: settings.INTERLOCK_DEV_UNSYNCED });
  if (!synced) logger.warn('the bus acknowledges before its disk has it: for development only');
  const tracing = await startTracing({ service: name, instance, endpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT });
  opened.push({ name: 'traces', withinMs: CLOSE_MS, close: () => tracing.close() });
  const rpc = new NatsRpcClient(bus, { inject: (set) => tracing.inject({ get: () => undefined, set }) });
  const outside = { clock, logger, keys, trust, tracing, bus, rpc, service: { name, instance, stateDir, busSynced: synced } };
  const ledger = openLedger(outside, options, opened);
  const control = options.followControl ? await openControl(outside, opened) : undefined;
  return { ...outside, ledger, control };
}

type Outside = Omit<Ports, 'ledger' | 'control'>;

/** Every run has an event key of its own: one key stream must never be used by two runs. */
function openLedger(outside: Outside, options: PortOptions, opened: ClosingStep[]): Ledger {
  const { service, keys, clock, logger, bus } = outside;
  const keyId = `${service.name}.${service.instance}.${randomUUID()}`;
  const key = randomBytes(KEY_BYTES);
  const eventSeal = createEventSeal(keyId, key);
  const onProblem = (problem: string) => logger.warn('the ledger has a problem', { problem });
  const ledger = new JetStreamLedger(bus, { service: service.name, instance: service.instance, seal: eventSeal, sign: (text) => keys.sign(text), nowMs: clock.nowMs, onProblem });
  opened.push({ name: 'ledger', withinMs: CLOSE_MS, close: () => ledger.close() });
  return new OwnKeyLedger(ledger, () => registerKey(outside, options, keyId, key), logger, clock.nowMs);
}

async function registerKey(outside: Outside, options: PortOptions, keyId: string, key: Buffer): Promise<Outcome<unknown>> {
  const session = `${RUN_KEY}${keyId}`;
  if (options.registrar) {
    const own = options.registrar();
    if (!own) throw new Error('the registrar is not there yet');
    return own.register(keyId, session, key);
  }
  const sealed = sealFor(outside.trust, 'recorder', 'event-key', Buffer.from(key.toString('base64')));
  return outside.rpc.call('recorder.registerKey', { keyId, session, key: sealed }, { timeoutMs: REGISTER_MS });
}

/** Shorter than the ledger's own patience, so that a recorder that is just starting is asked again in time. */
const REGISTER_MS = 1_000;

async function openControl(outside: Outside, opened: ClosingStep[]): Promise<ControlFollower> {
  const onProblem = (problem: string) => outside.logger.error('the control plane said something that does not verify', { problem });
  const control = await ControlFollower.start(outside.bus, { trust: outside.trust, verify: verifySignature, onProblem });
  opened.push({ name: 'control', withinMs: CLOSE_MS, close: () => control.close() });
  return control;
}
