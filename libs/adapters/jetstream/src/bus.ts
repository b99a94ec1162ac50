import { setTimeout as pause } from 'node:timers/promises';
import { nkeyAuthenticator, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';

export interface BusOptions {
  /** `nats://host:port`, several separated by commas. */
  readonly url: string;
  /** The service's own user key, `SU...`. */
  readonly nkeySeed: string;
  /** Shown in the server's connection list, e.g. `connector-postgres/1`. */
  readonly name: string;
  /** How long the first connection may take before {@link BusUnreachable} is thrown; 30,000 by default. */
  readonly firstConnectMs?: number;
}

/** The bus did not accept a first connection in time, or refused this service's key. */
export class BusUnreachable extends Error {
  override readonly name = 'BusUnreachable';
}

/** No answer came from the bus in time. What was asked for may or may not have happened. */
export class BusUnavailable extends Error {
  override readonly name = 'BusUnavailable';
}

/** One service's connection to the bus. It reconnects for ever; who needs to know listens. */
export interface Bus {
  readonly name: string;
  /** For what this package does not offer, e.g. serving `rpc.<service>.<verb>`. */
  readonly connection: NatsConnection;
  readonly connected: boolean;
  /** Calls `listener` at every loss and return of the connection; the result ends that. */
  onConnectedChange(listener: (connected: boolean) => void): () => void;
  /** True once connected, at once if it is; false when that did not happen within `timeoutMs`. */
  whenConnected(timeoutMs: number): Promise<boolean>;
  /** Sends what waits and closes. */
  close(): Promise<void>;
}

const FIRST_CONNECT_MS = 30_000;
const RETRY_MS = 200;
/** A server that dies in the middle of a handshake is noticed after this time only. */
const HANDSHAKE_MS = 2_000;
/** A connection that hangs without a word is given up after two unanswered pings. */
const PING_MS = 2_000;
const UNANSWERED_PINGS = 2;

/**
 * Connects as one service. Later losses are repaired for ever, every 100 to 200 ms.
 *
 * @throws BusUnreachable when there is no connection within `firstConnectMs`, at once when the bus refuses the key.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const deadline = performance.now() + (options.firstConnectMs ?? FIRST_CONNECT_MS);
  for (;;) {
    try {
      return new Connection(options.name, await dial(options, deadline - performance.now()));
    } catch (fault) {
      if (isRefused(fault)) throw new BusUnreachable(`The bus at ${options.url} refuses the key of ${options.name}. Start the operator step again, or take the keys of the same installation.`);
      if (performance.now() + RETRY_MS >= deadline) throw new BusUnreachable(`The bus at ${options.url} does not answer: ${(fault as Error).message}. Start it, or correct INTERLOCK_NATS_URL.`);
      await pause(RETRY_MS);
    }
  }
}

function dial(options: BusOptions, timeoutMs: number): Promise<NatsConnection> {
  return connect({
    servers: options.url.split(',').map((server) => server.trim()),
    authenticator: nkeyAuthenticator(Buffer.from(options.nkeySeed, 'latin1')),
    name: options.name,
    timeout: Math.max(1, Math.min(timeoutMs, HANDSHAKE_MS)),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 100,
    ignoreAuthErrorAbort: true,
    pingInterval: PING_MS,
    maxPingOut: UNANSWERED_PINGS,
    noAsyncTraces: true,
  });
}

function isRefused(fault: unknown): boolean {
  return fault instanceof Error && /authorization/i.test(`${fault.name} ${fault.message}`);
}

class Connection implements Bus {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly #listeners = new Set<(connected: boolean) => void>();
  #connected = true;

  constructor(name: string, connection: NatsConnection) {
    this.name = name;
    this.connection = connection;
    void this.#watch();
  }

  get connected(): boolean {
    return this.#connected && !this.connection.isClosed() && !this.connection.isDraining();
  }

  onConnectedChange(listener: (connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  whenConnected(timeoutMs: number): Promise<boolean> {
    if (this.connected) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (connected: boolean): void => {
        clearTimeout(timer);
        end();
        resolve(connected);
      };
      const timer = setTimeout(settle, timeoutMs, false);
      const end = this.onConnectedChange((connected) => {
        if (connected) settle(true);
      });
    });
  }

  async close(): Promise<void> {
    if (this.connection.isClosed()) return;
    await (this.#connected ? this.connection.drain().catch(() => this.connection.close()) : this.connection.close());
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') this.#tell(false);
      if (status.type === 'reconnect') this.#tell(true);
    }
    this.#tell(false);
  }

  #tell(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    for (const listener of this.#listeners) listener(connected);
  }
}
