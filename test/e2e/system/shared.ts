import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, GivenUp } from './eventually.js';
import { layLab } from './fixture.js';
import { startInstallation, type Place } from './installation.js';

/** Longest time a test file waits for the one installation of its run; for `beforeAll`. */
export const SHARED_START_MS = 400_000;

/**
 * The one installation of this test run: the first file that asks starts it, every other waits for it, and it ends with
 * the run. Files that harm what they test start their own.
 */
export async function sharedInstallation(): Promise<Place> {
  const run = process.ppid;
  const folder = join(tmpdir(), `interlock-run-${run}-${startTicks(run)}`);
  if (takes(folder)) await startFor(folder, run);
  return eventually('the shared installation is ready', () => {
    if (existsSync(join(folder, 'failed'))) throw new GivenUp(readFileSync(join(folder, 'failed'), 'utf8'));
    return existsSync(join(folder, 'place.json')) && (JSON.parse(readFileSync(join(folder, 'place.json'), 'utf8')) as Place);
  }, { withinMs: SHARED_START_MS });
}

/** Making a folder succeeds once. */
function takes(folder: string): boolean {
  try {
    mkdirSync(folder);
    chmodSync(folder, 0o711);
    return true;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fault;
  }
}

async function startFor(folder: string, run: number): Promise<void> {
  try {
    const place = await startInstallation(folder, run);
    await layLab(place);
    writeFileSync(join(folder, 'place.new'), JSON.stringify(place));
    renameSync(join(folder, 'place.new'), join(folder, 'place.json'));
  } catch (fault) {
    writeFileSync(join(folder, 'failed'), fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
    throw fault;
  }
}

/** A process id alone is given to others later; with its start time it is not. */
function startTicks(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
