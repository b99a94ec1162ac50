import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { dataFolder, runAs, serverArguments, SUPERUSER, type Cluster } from '../cluster/cluster.js';
import type { ServiceName } from '../services.js';
import type { Layout } from './layout.js';
import type { PartSpec } from './part.js';

/**
 * Sealing, projecting and deciding a second time follow what the ledger already holds, so they give way to commands on a busy machine, and catch up after.
 * The number is as nice(1) counts: about a tenth of the weight of the others.
 */
const FOLLOWING = 10;
const FOLLOWERS: ReadonlySet<ServiceName> = new Set(['recorder', 'audit', 'policy']);
const VIEWS = 'views';

/** The bus, ready when JetStream has recovered its streams. */
export function busPart(program: string, configFile: string, monitorPort: number, layout: Layout): PartSpec {
  return {
    name: 'bus', program, args: ['--config', configFile], env: {}, logFile: logOf(layout, 'bus'), stopSignal: 'SIGTERM',
    ready: async () => (await fetch(`http://127.0.0.1:${monitorPort}/healthz`, { signal: AbortSignal.timeout(1_000) })).ok,
  };
}

/** A database server, ready when it answers its superuser. */
export function databasePart(cluster: Cluster, password: string, layout: Layout): PartSpec {
  return {
    name: `database ${cluster.name}`, program: cluster.binaries.postgres, args: serverArguments(cluster), env: { LC_ALL: 'C.UTF-8' }, cwd: cluster.folder,
    ...runAs(cluster.account), logFile: logOf(layout, `database-${cluster.name}`),
    // Fast shutdown: sessions are ended, data is consistent (PostgreSQL manual, "Shutting Down the Server").
    stopSignal: 'SIGINT',
    ready: () => answers(cluster.port, password),
    niceness: cluster.name === VIEWS ? FOLLOWING : 0,
    remains: { folder: dataFolder(cluster), pidFile: join(dataFolder(cluster), 'postmaster.pid') },
  };
}

export function issuerPart(port: number, layout: Layout): PartSpec {
  return { ...nodePart('issuer', '../issuer/main.js', [layout.demo, String(port)], process.env, layout) };
}

/** Services in one process, ready when all of them are. */
export function hostPart(name: string, services: readonly ServiceName[], env: NodeJS.ProcessEnv, layout: Layout): PartSpec {
  return { ...nodePart(name, '../host-main.js', services, env, layout), niceness: services.every((service) => FOLLOWERS.has(service)) ? FOLLOWING : 0 };
}

function nodePart(name: string, entry: string, args: readonly string[], env: NodeJS.ProcessEnv, layout: Layout): PartSpec {
  return {
    name, program: process.execPath, args: ['--enable-source-maps', fileURLToPath(new URL(entry, import.meta.url)), ...args], env,
    logFile: logOf(layout, name), stopSignal: 'SIGTERM', ready: 'message',
  };
}

function logOf(layout: Layout, name: string): string {
  return join(layout.logs, `${name}.log`);
}

async function answers(port: number, password: string): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: SUPERUSER, password, database: 'postgres', connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query('select 1')).rowCount === 1;
  } finally {
    await client.end().catch(() => undefined);
  }
}
