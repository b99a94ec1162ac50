import { readFile } from 'node:fs/promises';

/** A process that can be recognised later: a process id alone is given to others after a restart of the machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Kernel start time in clock ticks since boot (proc(5), field 22), with the boot's id; empty where /proc is absent. */
  readonly started: string;
}

export async function processIdentity(pid: number): Promise<ProcessIdentity> {
  return { pid, started: await startedAt(pid) };
}

/** Whether that very process still runs. A zombie does not count. */
export async function stillRuns(identity: ProcessIdentity): Promise<boolean> {
  return signalReaches(identity.pid) && (await startedAt(identity.pid)) === identity.started;
}

async function startedAt(pid: number): Promise<string> {
  try {
    const [line, boot] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile('/proc/sys/kernel/random/boot_id', 'utf8')]);
    // The second field is the program's name in parentheses and may hold spaces: fields are counted behind it.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'ended' : `${boot.trim()}:${fields[19] ?? ''}`;
  } catch {
    return '';
  }
}

function signalReaches(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'EPERM';
  }
}
