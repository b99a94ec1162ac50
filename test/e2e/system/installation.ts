import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';
import { freePorts } from './free-ports.js';
import { testPrograms } from './tools.js';

export const PORT_VARIABLES = {
  api: 'INTERLOCK_API_PORT', issuer: 'INTERLOCK_ISSUER_PORT', connector: 'INTERLOCK_POSTGRES_PORT', target: 'INTERLOCK_TARGET_PORT',
  views: 'INTERLOCK_VIEWS_PORT', nats: 'INTERLOCK_NATS_PORT', natsMonitor: 'INTERLOCK_NATS_MONITOR_PORT',
} as const;

export type Ports = Readonly<Record<keyof typeof PORT_VARIABLES, number>>;

/** Where a running installation is. Everything else is asked of it from outside, as a user would. */
export interface Place {
  /** Folder of the test; holds `state` and `start.log`. */
  readonly folder: string;
  readonly state: string;
  readonly ports: Ports;
}

const KEEPER = fileURLToPath(new URL('./keeper.mjs', import.meta.url));
/** A cold start compiles, fetches programs and initialises two databases. */
const START_MS = 300_000;
const STOP_MS = 90_000;

/** A folder that the account of the databases can enter. */
export function makeFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `interlock-${name}-`));
  chmodSync(folder, 0o711);
  return folder;
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Those of an earlier start; free ones when absent. */
  readonly ports?: Ports;
  /** Of `npm start`. */
  readonly args?: readonly string[];
}

/** Starts an installation that ends with process `runPid` at the latest. Resolves when it says that it is ready. */
export async function startInstallation(folder: string, runPid: number, { env = {}, ports, args = [] }: StartOptions = {}): Promise<Place> {
  const place = { folder, state: join(folder, 'state'), ports: ports ?? (await somePorts()) };
  mkdirSync(place.state, { recursive: true, mode: 0o711 });
  rmSync(join(folder, 'ended'), { force: true });
  rmSync(join(folder, 'start.log'), { force: true });
  const portEnv = Object.fromEntries(Object.entries(PORT_VARIABLES).map(([name, variable]) => [variable, String(place.ports[name as keyof Ports])]));
  spawn(process.execPath, [KEEPER, String(runPid), folder, ...args], {
    env: { ...process.env, PATH: (await testPrograms()).path, INTERLOCK_STATE_DIR: place.state, ...portEnv, ...env }, stdio: 'ignore', detached: true,
  }).unref();
  await waitUntilReady(place);
  return place;
}

async function waitUntilReady({ folder }: Place): Promise<void> {
  const said = (): string => (existsSync(join(folder, 'start.log')) ? readFileSync(join(folder, 'start.log'), 'utf8') : '');
  const outcome = await eventually('the installation is ready', () => {
    if (said().includes('Interlock is ready')) return 'ready';
    return existsSync(join(folder, 'ended')) && 'ended';
  }, { withinMs: START_MS, everyMs: 50 });
  if (outcome === 'ended') throw new Error(`The installation did not start:\n${said()}`);
}

/** Stops as Ctrl-C does, and keeps the state. */
export async function stopInstallation({ folder }: Place): Promise<void> {
  process.kill(Number(readFileSync(join(folder, 'supervisor.pid'), 'utf8')), 'SIGTERM');
  await eventually('the installation has stopped', () => existsSync(join(folder, 'ended')) || !existsSync(folder), { withinMs: STOP_MS });
}

/** Process ids of the installation's parts by name, as the supervisor notes them. */
export function processesOf({ state }: Place): Readonly<Record<string, number>> {
  const noted = JSON.parse(readFileSync(join(state, 'run', 'processes.json'), 'utf8')) as Record<string, { readonly pid: number }>;
  return Object.fromEntries(Object.entries(noted).map(([name, { pid }]) => [name, pid]));
}

/** Processes that this one started, by proc(5). */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc').map(Number).filter((child) => child > 0 && parentOf(child) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

export function startLog({ folder }: Place): string {
  return readFileSync(join(folder, 'start.log'), 'utf8');
}

async function somePorts(): Promise<Ports> {
  const names = Object.keys(PORT_VARIABLES) as (keyof Ports)[];
  const free = await freePorts(names.length);
  return Object.fromEntries(names.map((name, at) => [name, free[at]])) as unknown as Ports;
}
