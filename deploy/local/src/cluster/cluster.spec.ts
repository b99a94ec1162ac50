import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareTargets, prepareViews, PROBE_ROLE, STANDING_ROLE } from '../demo/databases.js';
import { ensurePostgresBinaries } from '../provision/postgres-binaries.js';
import { databaseAccount } from '../state/account.js';
import { ensureLocalTls } from '../tls/authority.js';
import { giveCertificate, initialiseCluster, runAs, serverArguments, SUPERUSER, type Cluster } from './cluster.js';

const PASSWORDS = { superuser: 'super-1', standing: "stand'ing-2", probe: 'probe-3', views: 'views-4' };
let folder: string;
let cluster: Cluster;
let server: ChildProcess;

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}

async function query(user: string, password: string, database: string, text: string, ssl: pg.ClientConfig['ssl'] = false): Promise<pg.QueryResult> {
  const client = new pg.Client({ host: '127.0.0.1', port: cluster.port, user, password, database, ssl });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

const standing = (text: string, database = 'shop'): Promise<pg.QueryResult> => query(STANDING_ROLE, PASSWORDS.standing, database, text);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-cluster-'));
  await chmod(folder, 0o711);
  const account = await databaseAccount(() => undefined);
  const binaries = await ensurePostgresBinaries(join(folder, 'tools'), account, () => undefined);
  cluster = { name: 'target', folder: join(folder, 'postgres', 'target'), port: await freePort(), binaries, account, tls: true };
  const tls = await ensureLocalTls(join(folder, 'tls'));
  await initialiseCluster(cluster, PASSWORDS.superuser);
  await giveCertificate(cluster, tls.certificate, tls.key);
  server = spawn(binaries.postgres, serverArguments(cluster), { ...runAs(account), cwd: cluster.folder, stdio: 'ignore' });
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && !(await query(SUPERUSER, PASSWORDS.superuser, 'postgres', 'select 1').then(() => true, () => false))) await sleep(50);
  await prepareTargets({ port: cluster.port, password: PASSWORDS.superuser }, PASSWORDS);
});

afterAll(async () => {
  server.kill('SIGINT');
  await once(server, 'close');
  await rm(folder, { recursive: true, force: true });
});

describe('the demonstration target', () => {
  it('keeps its data when it is prepared again', async () => {
    await standing(`insert into orders (customer_id, status) values (1, 'placed')`);
    await prepareTargets({ port: cluster.port, password: PASSWORDS.superuser }, PASSWORDS);
    const { rows } = await standing('select count(*)::int as orders, max(id) as last from orders');
    expect(rows).toEqual([{ orders: 601, last: 601 }]);
  });

  it('loses exactly one row when order 7 is deleted', async () => {
    expect((await standing('delete from orders where id = 7')).rowCount).toBe(1);
  });

  it.each([
    'drop table customers', 'truncate orders', 'alter table orders add column x int', 'create table t (x int)', 'create temp table t (x int)',
    'update customers set name = name', 'delete from customers', 'create role x', `copy orders to program 'cat'`, `select pg_read_file('/etc/passwd')`,
  ])('does not let the standing role: %s', async (text) => {
    await expect(standing(text)).rejects.toMatchObject({ code: '42501' });
  });

  it('lets the standing role do everything inside the sandbox', async () => {
    await standing('create table t (x int); insert into t values (1); alter table t add y int; drop table t; create schema s; drop schema s', 'sandbox');
  });

  it('lets the probe read the catalog and no table', async () => {
    const probe = (text: string): Promise<pg.QueryResult> => query(PROBE_ROLE, PASSWORDS.probe, 'shop', text);
    expect((await probe(`select attname from pg_attribute where attrelid = 'public.customers'::regclass and attnum > 0`)).rowCount).toBe(9);
    await expect(probe('select * from customers')).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses a wrong password', async () => {
    await expect(query(STANDING_ROLE, 'wrong', 'shop', 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('shows a certificate that its authority vouches for', async () => {
    const tls = await ensureLocalTls(join(folder, 'tls'));
    const { rows } = await query(STANDING_ROLE, PASSWORDS.standing, 'shop', 'select ssl from pg_stat_ssl where pid = pg_backend_pid()', { ca: tls.authority });
    expect(rows).toEqual([{ ssl: true }]);
  });

  it('has views of its own cluster reachable by the answered URL', async () => {
    const url = await prepareViews({ port: cluster.port, password: PASSWORDS.superuser }, PASSWORDS.views);
    expect(await prepareViews({ port: cluster.port, password: PASSWORDS.superuser }, PASSWORDS.views)).toBe(url);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('create table v (x int)');
    await client.end();
  });
});
