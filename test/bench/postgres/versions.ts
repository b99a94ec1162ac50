import { execFileSync } from 'node:child_process';
import pg from 'pg';
import type { Server } from './bench-database.js';

/** What ran, for the head of the report. */
export async function programVersions(pgbench: string, pgbouncer: string, nats: string, server: Server): Promise<string[]> {
  return [`Node ${process.versions.node}`, `PostgreSQL ${await serverVersion(server)}`, versionOf(pgbench), versionOf(pgbouncer), versionOf(nats)];
}

function versionOf(program: string): string {
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0]!.replaceAll(/\s*\([^)]*\)/g, '').replace(': ', ' ');
}

async function serverVersion(server: Server): Promise<string> {
  const client = new pg.Client({ ...server, database: 'postgres' });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  return rows[0]?.server_version.split(' ')[0] ?? '';
}
