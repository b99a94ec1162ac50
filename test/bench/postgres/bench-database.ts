import pg from 'pg';
import { initialise } from './pgbench.js';

/** Scale 10 of pgbench: a million accounts. */
const SCALE = 10;
export const ROWS = 1_000_000;
export const BENCH_DATABASE = 'bench';
export const MILLION_ROWS = 'select aid, bid, abalance, filler from pgbench_accounts;\n';

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Makes the database of the bench and gives the roles of the gateway what pgbench needs. */
export async function makeBenchDatabase(pgbench: string, server: Server, roles: { readonly standing: string; readonly probe: string } | undefined): Promise<void> {
  await runSql(server, 'postgres', [`drop database if exists ${BENCH_DATABASE}`, `create database ${BENCH_DATABASE}`]);
  await initialise(pgbench, { ...server, name: 'direct', database: BENCH_DATABASE, password: async () => server.password }, SCALE);
  if (roles === undefined) return;
  await runSql(server, BENCH_DATABASE, [
    `grant connect on database ${BENCH_DATABASE} to ${roles.standing}, ${roles.probe}`,
    `grant select, insert, update on all tables in schema public to ${roles.standing}`,
    'vacuum analyze',
  ]);
}

async function runSql(server: Server, database: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ ...server, database });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
