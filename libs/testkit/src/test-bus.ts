import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, type Bus } from '@interlock/adapter-jetstream';
import { loadTrust, ServiceKeys } from '@interlock/adapter-sealing';
import type { Trust } from '@interlock/contracts';
import { createStreams, generateInstallation, natsConfiguration, type ServiceName } from '@interlock/deploy-local';
import { freePort, NatsProcess } from './nats-process.js';

/** A real bus with the installation's own configuration: accounts, imports, streams, keys. */
export interface TestBus {
  readonly url: string;
  /** Folder with every service's keys and trust.json, as INTERLOCK_KEYS_DIR names it. */
  readonly keysDir: string;
  readonly trust: Trust;
  keys(service: ServiceName): Promise<ServiceKeys>;
  /** A service's own connection, closed with the bus. `through` dials another address, e.g. a faulty road. */
  serviceBus(service: ServiceName, through?: { readonly url: string }): Promise<Bus>;
  /** Closes the connections made here. */
  close(): Promise<void>;
}

/** A bus of one's own, to break. */
export interface OwnTestBus extends TestBus {
  readonly port: number;
  /** The operator's connection, in the account of the streams. */
  operatorBus(): Promise<Bus>;
  /** Kills the server with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again over the same store. */
  start(): Promise<void>;
  /** Stops and continues the process (SIGSTOP, SIGCONT). */
  freeze(): Promise<void>;
  thaw(): void;
}

/** Connections to a bus that someone else runs. */
class Connections implements TestBus {
  readonly #open = new Set<Bus>();

  constructor(readonly url: string, readonly keysDir: string, readonly trust: Trust) {}

  keys(service: ServiceName): Promise<ServiceKeys> {
    return ServiceKeys.load(this.keysDir, service);
  }

  async serviceBus(service: ServiceName, through?: { readonly url: string }): Promise<Bus> {
    const { nkeySeed } = await this.keys(service);
    return this.connect(nkeySeed, service, through?.url);
  }

  async connect(nkeySeed: string, name: string, url = this.url): Promise<Bus> {
    const bus = await connectBus({ url, nkeySeed, name, firstConnectMs: 10_000 });
    this.#open.add(bus);
    return bus;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((bus) => bus.close()));
    this.#open.clear();
  }
}

/** Starts a bus in a folder of its own. `close` stops it and removes the folder. */
export async function startBus(options: { readonly sync?: 'always' | 'default' } = {}): Promise<OwnTestBus> {
  const folder = await mkdtemp(join(tmpdir(), 'interlock-bus-'));
  const port = await freePort();
  const installation = await generateInstallation(join(folder, 'keys'));
  const configFile = join(folder, 'nats.conf');
  await writeFile(configFile, natsConfiguration({ clientPort: port, storeDir: join(folder, 'store'), users: installation.users, ...options }));
  const server = new NatsProcess(configFile, port);
  await server.start();
  const connections = new Connections(`nats://127.0.0.1:${port}`, join(folder, 'keys'), installation.trust);
  const operatorBus = (): Promise<Bus> => connections.connect(installation.operatorSeed, 'operator');
  await createStreams((await operatorBus()).connection);
  return {
    url: connections.url, keysDir: connections.keysDir, trust: connections.trust, port, operatorBus,
    keys: (service) => connections.keys(service),
    serviceBus: (service, through) => connections.serviceBus(service, through),
    kill: () => server.kill(), start: () => server.start(), freeze: () => server.freeze(), thaw: () => server.thaw(),
    async close() {
      server.thaw();
      await connections.close();
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Names the bus that a whole run shares: JSON `{ url, keysDir }`. */
const SHARED = 'INTERLOCK_TEST_BUS';

/**
 * The bus of this run: the one that INTERLOCK_TEST_BUS names, else one for this process. Tests share its streams, so they
 * write under keys and instances of their own and never expect an empty stream. Closing it closes one's own connections.
 */
export async function sharedBus(): Promise<TestBus> {
  const named = process.env[SHARED];
  if (!named) return startBus();
  const { url, keysDir } = JSON.parse(named) as { readonly url: string; readonly keysDir: string };
  return new Connections(url, keysDir, await loadTrust(keysDir));
}

/** Starts the bus of a whole run and names it for the processes that follow; the result stops it. For a global set-up. */
export async function shareBus(): Promise<() => Promise<void>> {
  const bus = await startBus();
  process.env[SHARED] = JSON.stringify({ url: bus.url, keysDir: bus.keysDir });
  return async () => {
    delete process.env[SHARED];
    await bus.close();
  };
}
