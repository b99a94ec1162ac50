import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readlink, realpath, stat, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InstallationFault } from '../fault.js';
import type { Tell } from '../provision/nats-server.js';
import { canReach, type Account } from './account.js';

/** Where a root installation keeps its state when the checkout lies where other accounts cannot go. */
const ELSEWHERE = '/var/lib/interlock';

export interface StateFolderOptions {
  readonly checkout: string;
  /** INTERLOCK_STATE_DIR; `.interlock` in the checkout otherwise. */
  readonly override: string | undefined;
  readonly account: Account | undefined;
  readonly tell: Tell;
}

/**
 * Opens the one folder that holds everything Interlock keeps on this machine and answers its real path.
 *
 * Started by root, the databases run as another account, which must be able to reach the folder: where it cannot (a
 * checkout under root's home), the folder lies below /var/lib/interlock and `.interlock` in the checkout points to it.
 */
export async function openStateFolder(options: StateFolderOptions): Promise<string> {
  const wanted = options.override === undefined ? join(options.checkout, '.interlock') : resolve(options.override);
  const place = await placeFor(wanted, options);
  await mkdir(place, { recursive: true, mode: 0o700 });
  await refuseForeignOwner(place);
  await chmod(place, options.account === undefined ? 0o700 : 0o711);
  if (options.account !== undefined && !(await canReach(options.account, place))) {
    throw new InstallationFault(
      `The account ${options.account.name}, which the databases run as, cannot reach the state folder ${place}.`,
      'Set INTERLOCK_STATE_DIR to a folder whose parents may be entered by everyone, or leave it unset.',
    );
  }
  return realpath(place);
}

async function placeFor(wanted: string, options: StateFolderOptions): Promise<string> {
  const link = await linkTarget(wanted);
  if (link !== undefined) return link;
  if (options.account === undefined || options.override !== undefined || existsSync(wanted)) return wanted;
  if (await canReach(options.account, dirname(wanted))) return wanted;
  const place = join(ELSEWHERE, createHash('sha256').update(options.checkout).digest('hex').slice(0, 12));
  options.tell(`state goes to ${place}: the account ${options.account.name} cannot enter ${options.checkout} (.interlock there points to it)`);
  await mkdir(ELSEWHERE, { recursive: true });
  await chmod(ELSEWHERE, 0o755);
  await symlink(place, wanted);
  return place;
}

async function linkTarget(path: string): Promise<string | undefined> {
  const info = await lstat(path).catch(() => undefined);
  return info?.isSymbolicLink() === true ? resolve(dirname(path), await readlink(path)) : undefined;
}

async function refuseForeignOwner(place: string): Promise<void> {
  const owner = (await stat(place)).uid;
  const mine = process.getuid?.() ?? owner;
  if (owner === mine) return;
  throw new InstallationFault(
    `The state folder ${place} belongs to user ${owner}, and this is user ${mine}.`,
    'Start as the user who made it, set INTERLOCK_STATE_DIR to another folder, or remove it with `npm run clean` as its owner.',
  );
}
