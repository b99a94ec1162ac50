import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { sha256Hex } from '@interlock/kernel';
import { Principal } from '@interlock/contracts';
import type { UnlockProposal } from '@interlock/domain-identity';
import { LOGGER, SERVICE, type Logger, type ServiceIdentity } from '@interlock/nest';

/**
 * First words of unlocks, one file each, synced before they count. That someone said it is in the ledger; this is only
 * what waits for the second word. A lost or unreadable file means that the first word has to be said again.
 */
@Injectable()
export class UnlockProposals {
  readonly #folder: string;

  constructor(@Inject(SERVICE) service: ServiceIdentity, @Inject(LOGGER) private readonly logger: Logger) {
    this.#folder = join(service.stateDir, 'unlock-proposals');
  }

  async get(lock: string): Promise<UnlockProposal | undefined> {
    try {
      const stored = JSON.parse(await readFile(this.#path(lock), 'utf8')) as { readonly by: unknown; readonly atMs: unknown };
      return typeof stored.atMs === 'number' ? { by: Principal.parse(stored.by), atMs: stored.atMs } : undefined;
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') this.logger.warn('a first word to unlock cannot be read', { lock, error: fault });
      return undefined;
    }
  }

  async put(lock: string, proposal: UnlockProposal): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#path(lock);
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(proposal));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }

  async remove(lock: string): Promise<void> {
    await rm(this.#path(lock), { force: true });
  }

  #path(lock: string): string {
    return join(this.#folder, `${sha256Hex(lock)}.json`);
  }
}
