import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { databaseAccount, dataFolder, endRemains, ensurePostgresBinaries, initialiseCluster, prepareViews, runAs, serverArguments, SUPERUSER, type Cluster } from '@interlock/deploy-local';
import { freePort } from '@interlock/testkit';
import pg from 'pg';

const READY_MS = 30_000;

/** A PostgreSQL server of one test file, as the installation runs it for the views. */
export interface ViewsDatabase {
  /** The database as audit is given it. */
  readonly url: string;
  /** The same as its superuser, for looking and for breaking. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Kills the server as a loss of power would (SIGKILL to the postmaster, its children follow). */
  kill(): Promise<void>;
  /** Starts it again over its data. */
  start(): Promise<void>;
  /** Stops it and takes its folder away. */
  close(): Promise<void>;
}

export async function startViewsDatabase(): Promise<ViewsDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'interlock-views-'));
  await chmod(folder, 0o711);
  const account = await databaseAccount(() => undefined);
  const binaries = await ensurePostgresBinaries(join(folder, 'tools'), account, () => undefined);
  const cluster: Cluster = { name: 'views', folder: join(folder, 'postgres', 'views'), port: await freePort(), binaries, account, tls: false };
  const password = randomBytes(12).toString('hex');
  await initialiseCluster(cluster, password);
  const server = new Server(cluster, password);
  await server.start();
  const url = await prepareViews({ port: cluster.port, password }, randomBytes(12).toString('hex'));
  const database = new URL(url).pathname.slice(1);
  return {
    url,
    query: (text, values = []) => server.query(database, text, values),
    kill: () => server.end('SIGKILL'),
    start: () => server.start(),
    async close() {
      await server.end('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

class Server {
  #child: ChildProcess | undefined;

  constructor(private readonly cluster: Cluster, private readonly password: string) {}

  async start(): Promise<void> {
    const folder = dataFolder(this.cluster);
    await endRemains(this.cluster.binaries.postgres, { folder, pidFile: join(folder, 'postmaster.pid') });
    this.#child = spawn(this.cluster.binaries.postgres, serverArguments(this.cluster), { ...runAs(this.cluster.account), cwd: this.cluster.folder, stdio: 'ignore' });
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await pause(50)) {
      if (await this.query('postgres', 'select 1', []).then(() => true, () => false)) return;
    }
    throw new Error('the database of the views did not start');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }

  async query<Row extends pg.QueryResultRow>(database: string, text: string, values: readonly unknown[]): Promise<Row[]> {
    const client = new pg.Client({ host: '127.0.0.1', port: this.cluster.port, user: SUPERUSER, password: this.password, database, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }
}
