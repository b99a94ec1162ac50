import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareTargets, prepareViews, PROBE_ROLE, STANDING_ROLE } from '../demo/databases.js';
import { effectiveConfiguration } from '../demo/effective-configuration.js';
import { applyFirstConfiguration, type TargetSecret } from '../demo/first-configuration.js';
import { InstallationFault } from '../fault.js';
import { HOSTS, ISOLATED_HOSTS } from '../services.js';
import { portsFrom, targetConnectionsFrom, type Ports } from '../settings.js';
import { databaseAccount } from '../state/account.js';
import { openStateFolder } from '../state/folder.js';
import { takeStateLock } from '../state/lock-file.js';
import { ensureStreams } from './bus.js';
import { hostEnvironment, type EnvironmentFacts } from './environment.js';
import { firstClient } from './first-client.js';
import { refuseTakenPorts } from './free-ports.js';
import { layoutOf, type Layout } from './layout.js';
import { Part, type PartSpec } from './part.js';
import { busPart, databasePart, hostPart, issuerPart } from './parts.js';
import { prepare, rememberedPorts, rememberPorts, type Passwords, type Prepared } from './preparation.js';
import { endLeftovers, ProcessList } from './process-list.js';

/** How long the API has to say that every part is ready. */
const READY_MS = 60_000;
const READY_POLL_MS = 100;

export interface SupervisorOptions {
  /** Root of the repository. */
  readonly checkout: string;
  readonly env: NodeJS.ProcessEnv;
  /** One process per service. */
  readonly isolate: boolean;
  tell(line: string): void;
}

/** A running installation. */
export interface RunningInstallation {
  readonly ports: Ports;
  readonly layout: Layout;
  /** True when this start applied the demonstration's configuration. */
  readonly first: boolean;
  /** How to call psql on this machine. */
  readonly psql: string;
}

/** Brings up everything on one machine, in order, each part gated by its health; keeps it up; stops it in the opposite order. */
export class Supervisor {
  readonly #parts: Part[] = [];
  #release: () => Promise<void> = async () => undefined;
  #processes: ProcessList | undefined;
  #stopping: Promise<void> | undefined;

  constructor(private readonly options: SupervisorOptions) {}

  /** Resolves when every part accepts connections. Faults with InstallationFault when something is in the way; `stop` still has to be called. */
  async start(): Promise<RunningInstallation> {
    const { env, tell } = this.options;
    const account = await databaseAccount(tell);
    const state = await openStateFolder({ checkout: this.options.checkout, override: env['INTERLOCK_STATE_DIR'], account, tell });
    const layout = layoutOf(state);
    this.#release = (await takeStateLock(layout.lockFile)).release;
    await endLeftovers(layout.processesFile, tell);
    const [ports, targetConnections] = [portsFrom(env, await rememberedPorts(layout)), targetConnectionsFrom(env)];
    await refuseTakenPorts(ports);
    this.#processes = new ProcessList(layout.processesFile);
    const prepared = await prepare({ layout, ports, account, path: env['PATH'] ?? '', targetConnections, tell });
    await refuseTakenPorts(ports); // Preparing may have taken a while, and what is remembered binds later starts.
    await rememberPorts(layout, ports);
    const viewsUrl = await this.#startInfrastructure(prepared, layout, ports);
    const psql = firstClient(layout, env['PATH'] ?? '', tell);
    await this.#startServices({ layout, ports, tls: prepared.tls, viewsUrl, inherited: env });
    const applied = await this.#configure(prepared, layout, ports);
    await this.#everythingReady(ports);
    return { ports, layout, first: applied === 'done', psql: await psql };
  }

  /** Stops in the opposite order of starting. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const part of this.#parts.toReversed()) {
      await part.stop();
      this.options.tell(`${part.name} has stopped`);
    }
    await this.#release();
  }

  /** Answers the URL of the views' database. */
  async #startInfrastructure(prepared: Prepared, layout: Layout, ports: Ports): Promise<string> {
    const { passwords, views, target } = prepared;
    const bus = this.#part(busPart(prepared.natsServer, prepared.bus.configFile, ports.natsMonitor, layout));
    const databases = [this.#part(databasePart(views, passwords.viewsSuperuser, layout)), this.#part(databasePart(target, passwords.targetSuperuser, layout))];
    const issuer = this.#part(issuerPart(ports.issuer, layout));
    this.options.tell('starting the bus, two databases and the demonstration issuer');
    await Promise.all([bus, ...databases, issuer].map((part) => part.start()));
    this.#refuseWhenStopping();
    const created = await ensureStreams(`nats://127.0.0.1:${ports.nats}`, prepared.bus.operatorSeed, layout.bus);
    if (created.length > 0) this.options.tell(`created the streams ${created.join(', ')}`);
    await prepareTargets({ port: ports.target, password: passwords.targetSuperuser }, passwords);
    return prepareViews({ port: ports.views, password: passwords.viewsSuperuser }, passwords.views);
  }

  /** All at once: a service does not wait for another to start, and the API says when all of them are ready. */
  async #startServices(facts: EnvironmentFacts): Promise<void> {
    this.#refuseWhenStopping();
    const hosts = Object.entries(this.options.isolate ? ISOLATED_HOSTS : HOSTS);
    this.options.tell(`starting ${hosts.map(([, services]) => services.join(' + ')).join(', ')}`);
    await Promise.all(hosts.map(([name, services]) => this.#part(hostPart(name, services, hostEnvironment(services, facts), facts.layout)).start()));
    this.#refuseWhenStopping();
  }

  async #configure(prepared: Prepared, layout: Layout, ports: Ports): Promise<'done' | 'was done'> {
    this.#refuseWhenStopping();
    const surroundings = { issuer: prepared.principals.issuer, targetPort: ports.target, authority: prepared.tls.authority };
    const files = await effectiveConfiguration(join(this.options.checkout, 'deploy', 'local', 'demo'), join(layout.demo, 'configuration'), surroundings);
    const applied = await applyFirstConfiguration({
      api: `http://127.0.0.1:${ports.api}`, principals: prepared.principals, files, secrets: targetSecrets(prepared.passwords), doneFile: join(layout.demo, 'applied.json'),
    });
    if (applied === 'done') this.options.tell('applied the demonstration configuration as the recorded bootstrap, and handed the vault the targets\' credentials');
    return applied;
  }

  async #everythingReady(ports: Ports): Promise<void> {
    for (const deadline = Date.now() + READY_MS; ; await sleep(READY_POLL_MS)) {
      this.#refuseWhenStopping();
      const response = await fetch(`http://127.0.0.1:${ports.api}/health/ready`).catch(() => undefined);
      if (response?.ok === true) return;
      if (Date.now() > deadline) {
        const said = response === undefined ? 'it does not answer' : (await response.text()).slice(0, 2_000);
        throw new InstallationFault(`The API does not report everything ready after ${READY_MS / 1000} s: ${said}`, 'See the logs folder of the state.');
      }
    }
  }

  #part(spec: PartSpec): Part {
    this.#refuseWhenStopping();
    const part = new Part(spec, { tell: (line) => this.options.tell(line), process: async (name, pid) => this.#processes?.note(name, pid) });
    this.#parts.push(part);
    return part;
  }

  #refuseWhenStopping(): void {
    if (this.#stopping !== undefined) throw new InstallationFault('The start was interrupted.', 'Start again: what was made so far is kept.');
  }
}

function targetSecrets({ standing, probe }: Passwords): TargetSecret[] {
  return ['shop', 'sandbox'].flatMap((target): TargetSecret[] => [
    { target, kind: 'standing', user: STANDING_ROLE, password: standing }, { target, kind: 'probe', user: PROBE_ROLE, password: probe },
  ]);
}
