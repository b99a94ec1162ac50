import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InstallationFault } from '../fault.js';
import type { PostgresBinaries } from '../provision/postgres-binaries.js';
import { runProgram } from '../provision/run-program.js';
import type { Account } from '../state/account.js';

/** One PostgreSQL server with a data folder of its own, on loopback. */
export interface Cluster {
  readonly name: string;
  /** Holds `data`, and what the server must be able to read. */
  readonly folder: string;
  readonly port: number;
  readonly binaries: PostgresBinaries;
  /** Runs the server; the starting user otherwise. */
  readonly account: Account | undefined;
  /** Certificate and key in `folder` for TLS; none otherwise. */
  readonly tls: boolean;
  /** That it takes at a time; {@link USUAL_CONNECTIONS} when absent. */
  readonly connections?: number;
}

const USUAL_CONNECTIONS = 120;

/** Superuser of every cluster. Its password lies in the state folder. */
export const SUPERUSER = 'postgres';

/** Where the server keeps its files, and where each of its processes works. */
export function dataFolder(cluster: Pick<Cluster, 'folder'>): string {
  return join(cluster.folder, 'data');
}

/** Makes the data folder once. An interrupted run leaves nothing that a next one would take for finished. */
export async function initialiseCluster(cluster: Cluster, password: string): Promise<void> {
  const data = dataFolder(cluster);
  if (existsSync(data)) return;
  await makeOwnFolder(cluster.folder, cluster.account);
  const fresh = join(cluster.folder, 'data.new');
  const passwordFile = join(cluster.folder, 'password');
  await rm(fresh, { recursive: true, force: true });
  await giveFile(passwordFile, password, cluster.account);
  const result = await runProgram(cluster.binaries.initdb, [
    '--pgdata', fresh, '--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C.UTF-8',
  ], { ...runAs(cluster.account), cwd: cluster.folder });
  await rm(passwordFile);
  if (result.code !== 0) {
    throw new InstallationFault(`The database ${cluster.name} could not be initialised: ${result.stderr.trim()}`, 'See the message above; `npm run clean` removes what was begun.');
  }
  await rename(fresh, data);
}

/** Arguments of the `postgres` program. Small memory, full durability: `fsync` and `synchronous_commit` stay on. */
export function serverArguments(cluster: Cluster): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1', port: String(cluster.port), unix_socket_directories: '',
    shared_buffers: '64MB', max_connections: String(cluster.connections ?? USUAL_CONNECTIONS), max_wal_size: '512MB', fsync: 'on', log_min_messages: 'warning', cluster_name: cluster.name,
    ...(cluster.tls ? { ssl: 'on', ssl_cert_file: '../server.pem', ssl_key_file: '../server.key' } : {}),
  };
  return ['-D', dataFolder(cluster), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Lays down the certificate that the server shows, readable by its account only. */
export async function giveCertificate(cluster: Cluster, certificate: string, key: string): Promise<void> {
  await makeOwnFolder(cluster.folder, cluster.account);
  await giveFile(join(cluster.folder, 'server.pem'), certificate, cluster.account);
  await giveFile(join(cluster.folder, 'server.key'), key, cluster.account);
}

/** User and group for a child process, where they differ from the starting user's. */
export function runAs(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

async function makeOwnFolder(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o711 });
  await chmod(dirname(folder), account === undefined ? 0o700 : 0o711);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (account !== undefined) await chown(folder, account.uid, account.gid);
}

async function giveFile(file: string, text: string, account: Account | undefined): Promise<void> {
  await rm(file, { force: true });
  const handle = await open(file, 'wx', 0o600);
  await handle.writeFile(text);
  if (account !== undefined) await handle.chown(account.uid, account.gid);
  await handle.close();
}
