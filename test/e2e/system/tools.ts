import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureNatsServer, ensurePgbench, ensurePgbouncer, ensurePostgresClient, type Program } from '@interlock/deploy-local';

export const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Programs fetched once for all test runs of this checkout. */
const TOOLS = join(CHECKOUT, 'node_modules', '.cache', 'interlock-tools');
const PATH = [process.env['PATH'] ?? '', '/usr/sbin', '/usr/lib/postgresql/15/bin'].join(':');
const tell = (line: string): void => console.error(line);

export async function postgresClient(): Promise<{ readonly psql: Program; readonly pgDump: Program }> {
  return ensurePostgresClient(TOOLS, { path: PATH, tell });
}

export async function pgbench(): Promise<Program> {
  return ensurePgbench(TOOLS, { path: PATH, tell });
}

export async function pgbouncer(): Promise<Program> {
  return ensurePgbouncer(TOOLS, { path: PATH, tell });
}

export async function natsServer(): Promise<string> {
  return ensureNatsServer(TOOLS, { path: PATH, tell });
}

/** A PATH with which an installation in a fresh folder finds the bus's server and does not fetch it again. */
export async function pathWithTools(): Promise<string> {
  return `${dirname(await natsServer())}:${process.env['PATH'] ?? ''}`;
}
