import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InstallationFault } from '../fault.js';
import { openAptRoot } from './apt-root.js';
import { findProgram } from './find-program.js';
import { runProgram, type ProgramResult } from './run-program.js';
import { fillOnce } from './tools-folder.js';
import type { Tell } from './nats-server.js';

/** A program with what its environment must hold so that it finds its own libraries. */
export interface Program {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ToolOptions {
  /** Value of PATH to look in. */
  readonly path: string;
  readonly tell?: Tell;
}

/** psql and pg_dump: from PATH, else Debian's postgresql-client with libpq, unpacked below `toolsDir`. */
export async function ensurePostgresClient(toolsDir: string, options: ToolOptions): Promise<{ readonly psql: Program; readonly pgDump: Program }> {
  const ensure = (name: string): Promise<Program> => ensureDebianProgram(toolsDir, name, { folder: 'postgresql-client', package: 'postgresql-client' }, options);
  return { psql: await ensure('psql'), pgDump: await ensure('pg_dump') };
}

/** pgbench: from PATH, else out of Debian's server package (which is unpacked, never installed or started). */
export async function ensurePgbench(toolsDir: string, options: ToolOptions): Promise<Program> {
  const onPath = await findProgram('pgbench', options.path);
  if (onPath !== undefined) return { path: onPath, env: {} };
  const { psql } = await ensurePostgresClient(toolsDir, options);
  const major = /\d+/.exec((await versionOf(psql)).stdout)?.[0] ?? '';
  const folder = await fillOnce(toolsDir, 'pgbench', async (into) => {
    options.tell?.(`fetching pgbench (postgresql-${major}) from Debian into the state folder (none on PATH)`);
    await (await openAptRoot(toolsDir, 'own')).unpackOne(`postgresql-${major}`, into);
  });
  return proven('pgbench', { path: await programBelow(folder, 'pgbench'), env: psql.env });
}

/** pgbouncer, a peer in the benches: from PATH, else Debian's package. */
export function ensurePgbouncer(toolsDir: string, options: ToolOptions): Promise<Program> {
  return ensureDebianProgram(toolsDir, 'pgbouncer', { folder: 'pgbouncer', package: 'pgbouncer' }, options);
}

/** Chromium, which shows the pages to tests: from PATH, else Debian's package. */
export async function ensureChromium(toolsDir: string, options: ToolOptions): Promise<Program> {
  const onPath = await findProgram('chromium', options.path);
  if (onPath !== undefined) return { path: onPath, env: {} };
  const folder = await fillOnce(toolsDir, 'chromium', async (into) => {
    options.tell?.('fetching chromium from Debian into the state folder, about 400 MB unpacked: the tests look at the approval page in a real browser (none on PATH)');
    await (await openAptRoot(toolsDir, 'own')).unpackWithDependencies('chromium', into);
  });
  // Debian's own `chromium` in /usr/bin is a wrapper that looks for a system installation. The sound library's parts lie in a folder of their own.
  const base = await libraries(folder);
  return proven('chromium', { path: join(folder, 'usr', 'lib', 'chromium', 'chromium'), env: { LD_LIBRARY_PATH: `${base}:${base}/pulseaudio` } });
}

interface Wanted {
  /** Name of the folder below the tools folder. */
  readonly folder: string;
  readonly package: string;
}

async function ensureDebianProgram(toolsDir: string, name: string, wanted: Wanted, options: ToolOptions): Promise<Program> {
  const onPath = await findProgram(name, options.path);
  if (onPath !== undefined) return { path: onPath, env: {} };
  const folder = await fillOnce(toolsDir, wanted.folder, async (into) => {
    options.tell?.(`fetching ${wanted.package} from Debian into the state folder (no ${name} on PATH)`);
    await (await openAptRoot(toolsDir, 'own')).unpackWithDependencies(wanted.package, into);
  });
  return proven(name, { path: await programBelow(folder, name), env: { LD_LIBRARY_PATH: await libraries(folder) } });
}

function versionOf(program: Program): Promise<ProgramResult> {
  return runProgram(program.path, ['--version'], { env: { ...program.env }, timeoutMs: 10_000 });
}

async function proven(name: string, program: Program): Promise<Program> {
  const result = await versionOf(program);
  if (result.code === 0) return program;
  throw new InstallationFault(`The ${name} from Debian does not run here: ${result.stderr.trim()}`, `Install ${name} and put it on PATH.`);
}

/** Debian's own `psql` in /usr/bin is a wrapper script that needs a system installation; the real one lies deeper. */
async function programBelow(folder: string, name: string): Promise<string> {
  const versions = join(folder, 'usr', 'lib', 'postgresql');
  const found = await readdir(versions).catch(() => []);
  const places = [...found.toSorted().reverse().map((version) => join(versions, version, 'bin')), join(folder, 'usr', 'bin'), join(folder, 'usr', 'sbin')];
  const program = await findProgram(name, places.join(':'));
  if (program !== undefined) return program;
  throw new InstallationFault(`Debian's package holds no ${name}.`, `Install ${name} and put it on PATH.`);
}

async function libraries(folder: string): Promise<string> {
  const base = join(folder, 'usr', 'lib');
  const found = await readdir(base).catch(() => []);
  return found.filter((name) => name.endsWith('-linux-gnu')).map((name) => join(base, name)).join(':');
}
