import { spawn, type ChildProcess } from 'node:child_process';
import type { Place } from './installation.js';
import { token, type Name } from './people.js';
import type { Login } from './server.js';
import { testPrograms } from './tools.js';

export interface PsqlResult {
  /** Standard output and error as they came, in one text. */
  readonly said: string;
  /** 0 done, 1 a fault of psql's own, 2 no connection, 3 an error in a script. */
  readonly code: number | null;
  readonly ms: number;
}

export interface PsqlOptions {
  readonly args?: readonly string[];
  /** Standard input. */
  readonly script?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** An agent or person at the gateway: the name as user, a fresh token as password. */
export async function gatewayLogin(place: Place, as: Name): Promise<Login> {
  return { host: '127.0.0.1', port: place.ports.connector, user: as, password: await token(place, as) };
}

/** A psql under way, for what has to be done while it waits. */
export interface RunningPsql {
  readonly child: ChildProcess;
  readonly result: Promise<PsqlResult>;
}

/** Starts the real psql, encrypted, without anyone's .psqlrc. */
export async function startPsql(login: Login, database: string, { args = [], script = '', env = {}, timeoutMs = 120_000 }: PsqlOptions): Promise<RunningPsql> {
  const { psql } = await testPrograms();
  const begun = performance.now();
  // A shell joins the two streams, so that errors stand between the results where they happened.
  const child = spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', psql, '--no-psqlrc', ...args], {
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', PGHOST: login.host, PGPORT: String(login.port), PGUSER: login.user, PGPASSWORD: login.password, PGDATABASE: database, PGSSLMODE: 'require', PGCONNECT_TIMEOUT: '15', PGAPPNAME: 'psql', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said: Buffer[] = [];
  child.stdout!.on('data', (chunk: Buffer) => said.push(chunk));
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(script);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const result = new Promise<PsqlResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ said: Buffer.concat(said).toString(), code, ms: performance.now() - begun });
    });
  });
  return { child, result };
}

export async function psql(login: Login, database: string, options: PsqlOptions): Promise<PsqlResult> {
  return (await startPsql(login, database, options)).result;
}
