import { delimiter } from 'node:path';
import { databaseAccount } from '../state/account.js';
import { openStateFolder } from '../state/folder.js';
import { layoutOf } from '../supervisor/layout.js';
import { ensureChromium, ensurePgbench, ensurePgbouncer, ensurePostgresClient, type Program } from './debian-tools.js';
import { ensureNatsServer, type Tell } from './nats-server.js';
import { layScript } from './program-folder.js';

export interface TestPrograms {
  readonly natsServer: string;
  readonly psql: string;
  readonly pgDump: string;
  /** PATH with a folder in front that holds what this machine lacks. */
  readonly path: string;
}

/** Programs that tests need, found on PATH or fetched into the state folder of this checkout. */
export async function ensureTestPrograms(checkout: string, env: NodeJS.ProcessEnv, tell: Tell): Promise<TestPrograms> {
  const { layout, path } = await toolsOf(checkout, env, tell);
  const natsServer = await ensureNatsServer(layout.tools, { path, tell });
  const { psql, pgDump } = await ensurePostgresClient(layout.tools, { path, tell });
  await layScript(layout.programs, 'nats-server', { path: natsServer, env: {} });
  return { natsServer, psql: await callable('psql', psql, layout.programs), pgDump: await callable('pg_dump', pgDump, layout.programs), path: `${layout.programs}${delimiter}${path}` };
}

/** The browser that shows pages to tests; apart from the others, because of its size and because benches need none. */
export async function ensureTestBrowser(checkout: string, env: NodeJS.ProcessEnv, tell: Tell): Promise<string> {
  const { layout, path } = await toolsOf(checkout, env, tell);
  return callable('chromium', await ensureChromium(layout.tools, { path, tell }), layout.programs);
}

/** The same for the benches, with pgbench and pgbouncer. */
export async function ensureBenchPrograms(checkout: string, env: NodeJS.ProcessEnv, tell: Tell): Promise<TestPrograms & { readonly pgbench: string; readonly pgbouncer: string }> {
  const { layout, path } = await toolsOf(checkout, env, tell);
  const programs = await ensureTestPrograms(checkout, env, tell);
  const pgbench = await callable('pgbench', await ensurePgbench(layout.tools, { path, tell }), layout.programs);
  const pgbouncer = await callable('pgbouncer', await ensurePgbouncer(layout.tools, { path, tell }), layout.programs);
  return { ...programs, pgbench, pgbouncer };
}

async function toolsOf(checkout: string, env: NodeJS.ProcessEnv, tell: Tell): Promise<{ layout: ReturnType<typeof layoutOf>; path: string }> {
  const state = await openStateFolder({ checkout, override: env['INTERLOCK_STATE_DIR'], account: await databaseAccount(tell), tell });
  return { layout: layoutOf(state), path: env['PATH'] ?? '' };
}

async function callable(name: string, program: Program, folder: string): Promise<string> {
  return Object.keys(program.env).length === 0 ? program.path : layScript(folder, name, program);
}
