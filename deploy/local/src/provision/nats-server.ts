import { join } from 'node:path';
import { InstallationFault } from '../fault.js';
import { openAptRoot } from './apt-root.js';
import { findProgram } from './find-program.js';
import { runProgram } from './run-program.js';
import { fillOnce } from './tools-folder.js';
import { versionAtLeast, versionIn } from './version.js';

/** First release in Debian with `sync_interval: always`, which the ledger's promise rests on. */
export const NATS_MINIMUM = '2.10.27';

/** Told to the reader while something takes time. */
export type Tell = (line: string) => void;

export interface NatsServerOptions {
  /** Value of PATH to look in; nothing is looked up when empty. */
  readonly path: string;
  readonly tell?: Tell;
}

/**
 * A nats-server of at least {@link NATS_MINIMUM}: the one on PATH, else Debian's trixie package unpacked below `toolsDir`
 * (it needs libc only, so it runs on Debian 12). Never changes the system. Fails with InstallationFault.
 */
export async function ensureNatsServer(toolsDir: string, options: NatsServerOptions): Promise<string> {
  const tell = options.tell ?? (() => undefined);
  const onPath = await findProgram('nats-server', options.path);
  if (onPath !== undefined) {
    const version = await natsVersion(onPath);
    if (version !== undefined && versionAtLeast(version, NATS_MINIMUM)) return onPath;
    tell(`nats-server on PATH is ${version ?? 'of unknown version'}; Interlock needs ${NATS_MINIMUM} or newer (sync_interval: always)`);
  }
  const folder = await fillOnce(toolsDir, 'nats-server', async (into) => {
    tell('fetching nats-server from Debian trixie into the state folder (none on PATH that is new enough)');
    const root = await openAptRoot(toolsDir, 'trixie');
    await root.unpackOne('nats-server', into);
  });
  return proven(join(folder, 'usr', 'sbin', 'nats-server'));
}

async function proven(program: string): Promise<string> {
  const version = await natsVersion(program);
  if (version !== undefined && versionAtLeast(version, NATS_MINIMUM)) return program;
  throw new InstallationFault(
    `The nats-server from Debian is ${version ?? 'not runnable here'}; Interlock needs ${NATS_MINIMUM} or newer.`,
    `Install nats-server ${NATS_MINIMUM} or newer and put it on PATH.`,
  );
}

async function natsVersion(program: string): Promise<string | undefined> {
  const result = await runProgram(program, ['--version'], { timeoutMs: 10_000 });
  return result.code === 0 ? versionIn(result.stdout + result.stderr) : undefined;
}
