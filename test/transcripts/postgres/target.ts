import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  databaseAccount, ensureLocalTls, ensurePostgresBinaries, giveCertificate, initialiseCluster, prepareTargets, PROBE_ROLE, runAs, serverArguments, STANDING_ROLE, SUPERUSER,
  type Cluster, type LocalTls,
} from '@interlock/deploy-local';
import { freePort } from '@interlock/testkit';

const PASSWORDS = { superuser: 'super-1', standing: "stand'ing-2", probe: 'probe-3' };

/** A real PostgreSQL with the demonstration's databases: what stands behind the gateway, and the bare side of two-sided tests. */
export class TestTarget {
  readonly credentials = { standing: { user: STANDING_ROLE, password: PASSWORDS.standing }, probe: { user: PROBE_ROLE, password: PASSWORDS.probe } };

  private constructor(readonly folder: string, readonly cluster: Cluster, readonly tls: LocalTls, private readonly server: ChildProcess) {}

  static async start(): Promise<TestTarget> {
    const folder = await mkdtemp(join(tmpdir(), 'interlock-transcripts-'));
    await chmod(folder, 0o711);
    const account = await databaseAccount(() => undefined);
    const binaries = await ensurePostgresBinaries(join(folder, 'tools'), account, () => undefined);
    const cluster = { name: 'target', folder: join(folder, 'postgres', 'target'), port: await freePort(), binaries, account, tls: true };
    const tls = await ensureLocalTls(join(folder, 'tls'));
    await initialiseCluster(cluster, PASSWORDS.superuser);
    await giveCertificate(cluster, tls.certificate, tls.key);
    const server = spawn(binaries.postgres, serverArguments(cluster), { ...runAs(account), cwd: cluster.folder, stdio: 'ignore' });
    const target = new TestTarget(folder, cluster, tls, server);
    await target.#accepts();
    await prepareTargets({ port: cluster.port, password: PASSWORDS.superuser }, PASSWORDS);
    return target;
  }

  /** Runs work on the bare target, around the gateway. */
  async bare<T>(database: string, work: (client: pg.Client) => Promise<T>, as: 'superuser' | 'standing' = 'superuser'): Promise<T> {
    const who = as === 'superuser' ? { user: SUPERUSER, password: PASSWORDS.superuser } : this.credentials.standing;
    const client = new pg.Client({ host: '127.0.0.1', port: this.cluster.port, database, ...who });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    this.server.kill('SIGINT');
    if (this.server.exitCode === null) await once(this.server, 'close');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #accepts(): Promise<void> {
    const untilMs = Date.now() + 20_000;
    while (!(await this.bare('postgres', (client) => client.query('select 1')).then(() => true, () => false))) {
      if (Date.now() > untilMs) throw new Error('the target does not start');
      await sleep(50);
    }
  }
}
