import { spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'node:net';
import type { Account, LocalTls } from '@interlock/deploy-local';
import { eventually } from '../../e2e/system/eventually.js';

export interface PgbouncerOptions {
  readonly folder: string;
  readonly port: number;
  readonly database: string;
  readonly target: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
  /** Certificate and key that it shows to clients. */
  readonly tls: LocalTls;
  /** It refuses to run as root. */
  readonly account: Account | undefined;
}

export interface RunningPgbouncer {
  readonly pid: number;
  stop(): Promise<void>;
}

/** The peer: session pooling, encrypted towards both sides, as Interlock is. It asks its clients for nothing. */
export async function startPgbouncer(program: string, options: PgbouncerOptions): Promise<RunningPgbouncer> {
  const file = layOut(options);
  const log: string[] = [];
  const child = spawn(program, [file, ...(options.account === undefined ? [] : ['-u', options.account.name])], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => log.push(chunk.toString()));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await eventually('pgbouncer listens', async () => {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended:\n${log.join('')}`);
    return accepts(options.port);
  });
  return { pid: child.pid!, stop: async () => { child.kill('SIGKILL'); await ended; } };
}

function layOut({ folder, port, database, target, tls, account }: PgbouncerOptions): string {
  const own = join(folder, 'pgbouncer');
  mkdirSync(own, { mode: 0o700, recursive: true });
  copyFileSync(tls.certificateFile, join(own, 'server.pem'));
  copyFileSync(tls.keyFile, join(own, 'server.key'));
  const file = join(own, 'pgbouncer.ini');
  writeFileSync(file, [
    '[databases]', `${database} = host=${target.host} port=${target.port} dbname=${database} user=${target.user} password=${target.password}`,
    '[pgbouncer]', 'listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir =', 'auth_type = any', 'pool_mode = session', 'max_client_conn = 200', 'default_pool_size = 64',
    'client_tls_sslmode = require', `client_tls_cert_file = ${own}/server.pem`, `client_tls_key_file = ${own}/server.key`, 'server_tls_sslmode = require',
    'ignore_startup_parameters = extra_float_digits', 'log_connections = 0', 'log_disconnections = 0', '',
  ].join('\n'), { mode: 0o600 });
  chmodSync(join(own, 'server.key'), 0o600);
  if (account !== undefined) for (const path of [own, file, join(own, 'server.pem'), join(own, 'server.key')]) chownSync(path, account.uid, account.gid);
  return file;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

