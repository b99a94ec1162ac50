import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@interlock/testkit';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataFolder, initialiseCluster, SUPERUSER, type Cluster } from '../cluster/cluster.js';
import { ensurePostgresBinaries } from '../provision/postgres-binaries.js';
import { databaseAccount } from '../state/account.js';
import { layoutOf } from './layout.js';
import { Part } from './part.js';
import { databasePart } from './parts.js';

const PASSWORD = 'super-1';
const lines: string[] = [];
let folder: string;
let port: number;
let cluster: Cluster;
let database: Part;

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: SUPERUSER, password: PASSWORD, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-parts-'));
  await chmod(folder, 0o711);
  port = await freePort();
  const account = await databaseAccount(() => undefined);
  const binaries = await ensurePostgresBinaries(join(folder, 'tools'), account, () => undefined);
  cluster = { name: 'views', folder: join(folder, 'postgres', 'views'), port, binaries, account, tls: false };
  await initialiseCluster(cluster, PASSWORD);
  database = new Part(databasePart(cluster, PASSWORD, { ...layoutOf(folder), logs: folder }), { tell: (line) => lines.push(line), process: async () => undefined });
  await database.start();
});
afterAll(async () => {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
});

it('a database is back although a backend of it could not notice that it was killed', async () => {
  const client = await connect();
  const backend = (await client.query<{ backend: number }>('select pg_backend_pid() as backend')).rows[0]!.backend;
  process.kill(backend, 'SIGSTOP');
  process.kill(Number.parseInt(readFileSync(join(dataFolder(cluster), 'postmaster.pid'), 'utf8'), 10), 'SIGKILL');
  for (const deadline = Date.now() + 15_000; !lines.some((line) => line.includes('is back')) && Date.now() < deadline;) await sleep(20);
  expect(lines).toEqual([expect.stringContaining('database views ended (SIGKILL)'), expect.stringContaining('left'), expect.stringContaining('is back')]);
  const again = await connect();
  expect((await again.query('select 1')).rowCount).toBe(1);
  await Promise.all([client, again].map((one) => one.end().catch(() => undefined)));
}, 40_000);
