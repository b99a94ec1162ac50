import { open, readFile, rm, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InstallationFault } from '../fault.js';
import { processIdentity, stillRuns, type ProcessIdentity } from './process-identity.js';

/** Held while a supervisor runs on a state folder. */
export interface StateLock {
  release(): Promise<void>;
}

/** Takes the lock, also from a supervisor that died without releasing it. Faults when another one runs. */
export async function takeStateLock(file: string): Promise<StateLock> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const mine = JSON.stringify(await processIdentity(process.pid));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await writeNew(file, mine)) return { release: () => rm(file, { force: true }) };
    const holder = await holderOf(file);
    if (holder !== undefined && (await stillRuns(holder))) {
      throw new InstallationFault(
        `Interlock already runs on this state folder (process ${holder.pid}).`,
        'Use the running one, stop it with Ctrl-C or `kill` and its number, or set INTERLOCK_STATE_DIR and the ports to run a second one.',
      );
    }
    await rm(file, { force: true });
  }
  throw new InstallationFault(`The lock ${file} could not be taken.`, 'Another start seems to be under way; try again.');
}

async function writeNew(file: string, text: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.close();
    return true;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fault;
  }
}

async function holderOf(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
