import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { giveCertificate, initialiseCluster, type Cluster } from '../cluster/cluster.js';
import { ensurePrincipals, type PrincipalsFile } from '../issuer/principals.js';
import { ensureNatsServer, type Tell } from '../provision/nats-server.js';
import { ensurePostgresBinaries } from '../provision/postgres-binaries.js';
import type { Ports } from '../settings.js';
import type { Account } from '../state/account.js';
import { keptSecret, writePrivate } from '../state/secret-file.js';
import { ensureLocalTls, type LocalTls } from '../tls/authority.js';
import { prepareBus, type PreparedBus } from './bus.js';
import type { Layout } from './layout.js';

/** Everything that must lie on disk before the first process starts. */
export interface Prepared {
  readonly natsServer: string;
  readonly bus: PreparedBus;
  readonly views: Cluster;
  readonly target: Cluster;
  readonly passwords: Passwords;
  readonly tls: LocalTls;
  readonly principals: PrincipalsFile;
}

export interface Passwords {
  readonly viewsSuperuser: string;
  readonly views: string;
  /** Owner of the demonstration's schema. It never leaves the state folder. */
  readonly targetSuperuser: string;
  readonly standing: string;
  readonly probe: string;
}

export interface Circumstances {
  readonly layout: Layout;
  readonly ports: Ports;
  readonly account: Account | undefined;
  readonly path: string;
  /** That the demonstration target takes. */
  readonly targetConnections: number;
  readonly tell: Tell;
}

/** Fetches programs, makes keys, passwords, certificates and data folders: once; a later start finds them. */
export async function prepare({ layout, ports, account, path, targetConnections, tell }: Circumstances): Promise<Prepared> {
  for (const folder of [layout.secrets, layout.services, layout.logs, layout.bus, layout.demo, join(layout.secrets, 'chat', 'approval'), join(layout.secrets, 'chat', 'chatops')]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const passwords = await keepPasswords(layout);
  const fetching = ensureNatsServer(layout.tools, { path, tell });
  const [natsServer, tls, bus, principals, clusters] = await Promise.all([
    fetching, ensureLocalTls(layout.tls), prepareBus(layout, { clientPort: ports.nats, monitorPort: ports.natsMonitor }),
    ensurePrincipals(join(layout.demo, 'principals.json'), `http://127.0.0.1:${ports.issuer}`, ports.api), makeClusters({ layout, ports, account, targetConnections, tell }, passwords),
  ]);
  await giveCertificate(clusters.target, tls.certificate, tls.key);
  return { natsServer, bus, ...clusters, passwords, tls, principals };
}

/** Ports of the last start, which are the defaults of the next one. */
export async function rememberedPorts(layout: Layout): Promise<Partial<Ports>> {
  return JSON.parse(await readFile(layout.portsFile, 'utf8').catch(() => '{}')) as Partial<Ports>;
}

export function rememberPorts(layout: Layout, ports: Ports): Promise<void> {
  return writePrivate(layout.portsFile, `${JSON.stringify(ports, null, 2)}\n`);
}

async function keepPasswords(layout: Layout): Promise<Passwords> {
  const kept = (name: string): Promise<string> => keptSecret(join(layout.secrets, name), 'base64url');
  for (const service of ['vault', 'recorder', 'masking']) await keptSecret(join(layout.secrets, `${service}.kek`), 'base64');
  const [viewsSuperuser, views, targetSuperuser, standing, probe] = await Promise.all(
    ['views-superuser', 'views', 'target-superuser', 'target-standing', 'target-probe'].map(kept),
  ) as [string, string, string, string, string];
  return { viewsSuperuser, views, targetSuperuser, standing, probe };
}

async function makeClusters({ layout, ports, account, targetConnections, tell }: Omit<Circumstances, 'path'>, passwords: Passwords): Promise<{ views: Cluster; target: Cluster }> {
  await mkdir(layout.tools, { recursive: true, mode: 0o711 });
  const binaries = await ensurePostgresBinaries(layout.tools, account, tell);
  const common = { binaries, account };
  const views: Cluster = { ...common, name: 'views', folder: join(layout.databases, 'views'), port: ports.views, tls: false };
  const target: Cluster = { ...common, name: 'target', folder: join(layout.databases, 'target'), port: ports.target, tls: true, connections: targetConnections };
  await Promise.all([initialiseCluster(views, passwords.viewsSuperuser), initialiseCluster(target, passwords.targetSuperuser)]);
  return { views, target };
}
