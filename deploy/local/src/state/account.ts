import { InstallationFault } from '../fault.js';
import type { Tell } from '../provision/nats-server.js';
import { runProgram } from '../provision/run-program.js';

/** The system account that databases run as when Interlock is started by root. PostgreSQL refuses to run as root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'interlock';

/**
 * Finds, or as root creates, the account for the databases; `undefined` for an ordinary user, whose databases run as
 * that user.
 */
export async function databaseAccount(tell: Tell): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await lookUp(NAME);
  if (existing !== undefined) return existing;
  tell(`creating the system account ${NAME}: PostgreSQL refuses to run as root, so the databases run as this account`);
  const made = await runProgram('/usr/sbin/useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', NAME]);
  const account = await lookUp(NAME);
  if (account !== undefined) return account;
  throw new InstallationFault(
    `The account ${NAME} could not be created: ${made.stderr.trim()}`,
    `Create it (\`useradd --system ${NAME}\`), or start Interlock as an ordinary user.`,
  );
}

/** Whether an account may reach a path, asked of the kernel by trying as that account. */
export async function canReach(account: Account, path: string): Promise<boolean> {
  const result = await runProgram('/usr/bin/test', ['-x', path], { uid: account.uid, gid: account.gid, cwd: '/' });
  return result.code === 0;
}

async function lookUp(name: string): Promise<Account | undefined> {
  const [uid, gid] = await Promise.all([runProgram('id', ['-u', name]), runProgram('id', ['-g', name])]);
  return uid.code === 0 && gid.code === 0 ? { name, uid: Number(uid.stdout), gid: Number(gid.stdout) } : undefined;
}
