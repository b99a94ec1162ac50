import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity, stillRuns, type ProcessIdentity } from '../state/process-identity.js';

/** Processes that outlive the one that made them: they run `program` in `folder`, and nothing else of this machine does. */
export interface Remains {
  /** Where they work. */
  readonly folder: string;
  /** Holds the id of the process that made them in its first line. While that process runs, nothing remains. */
  readonly pidFile: string;
}

/** How long a killed process may take to be gone; one that the kernel holds in a system call takes longer. */
const GONE_MS = 10_000;
const POLL_MS = 20;

/**
 * Kills what remains of a program whose first process is gone. PostgreSQL's backends lead sessions of their own, so no signal to a
 * group reaches them, and one that computes does not notice its end: while it lives, its shared memory keeps the next start away.
 *
 * @returns how many there were.
 */
export async function endRemains(program: string, { folder, pidFile }: Remains): Promise<number> {
  const maker = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  const [executable, place] = await Promise.all([program, folder].map((path) => realpath(path).catch(() => path))) as [string, string];
  const found = (await Promise.all((await processIds()).map((pid) => runsIn(pid, executable, place)))).filter((one) => one !== undefined);
  if (found.some(({ pid }) => pid === maker)) return 0;
  for (const { pid } of found) kill(pid);
  for (const deadline = Date.now() + GONE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if (!(await Promise.all(found.map(stillRuns))).includes(true)) break;
  }
  return found.length;
}

/** Where there is no /proc, nothing is found, and the next start says itself what is in its way. */
async function processIds(): Promise<number[]> {
  return (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
}

async function runsIn(pid: number, executable: string, folder: string): Promise<ProcessIdentity | undefined> {
  const [runs, works] = await Promise.all(['exe', 'cwd'].map((link) => readlink(join('/proc', String(pid), link)).catch(() => '')));
  return present(runs) === executable && present(works) === folder ? processIdentity(pid) : undefined;
}

/** What proc(5) says of a file that was removed meanwhile, without the mark. */
function present(link: string | undefined): string {
  return (link ?? '').replace(/ \(deleted\)$/, '');
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
  }
}
