import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tell } from '../provision/nats-server.js';
import { processIdentity, stillRuns, type ProcessIdentity } from '../state/process-identity.js';
import { writePrivate } from '../state/secret-file.js';
import { RESTART } from './restart-policy.js';

type Entries = Record<string, ProcessIdentity>;

/** The processes of this start, kept in a file for the case that the supervisor itself is killed. */
export class ProcessList {
  #entries: Entries = {};
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly file: string) {}

  async note(name: string, pid: number | undefined): Promise<void> {
    if (pid === undefined) delete this.#entries[name];
    else this.#entries[name] = await processIdentity(pid);
    this.#writing = this.#writing.then(() => writePrivate(this.file, JSON.stringify(this.#entries)));
    await this.#writing;
  }
}

/** Ends what a killed supervisor left running on this state folder: asks first, kills after a named time. */
export async function endLeftovers(file: string, tell: Tell): Promise<void> {
  const entries = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Entries;
  await Promise.all(Object.entries(entries).map(async ([name, identity]) => {
    if (!(await stillRuns(identity))) return;
    tell(`ending ${name} (process ${identity.pid}), left behind by a start that was killed`);
    // SIGINT is PostgreSQL's fast shutdown; every other part takes it as a wish to end too.
    process.kill(identity.pid, 'SIGINT');
    for (const deadline = Date.now() + RESTART.stopMs; Date.now() < deadline; await sleep(RESTART.pollMs)) if (!(await stillRuns(identity))) return;
    process.kill(identity.pid, 'SIGKILL');
  }));
}
