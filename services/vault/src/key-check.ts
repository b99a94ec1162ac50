import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HEALTH, LOGGER, type Health, type Logger } from '@interlock/nest';
import { SECRETS } from './secrets.js';
import type { SecretStore } from './secret-store.js';

/** Says early, and not at the first session, that the key-encryption key is another one than before. */
@Injectable()
export class KeyCheck implements OnApplicationBootstrap {
  constructor(
    @Inject(SECRETS) private readonly secrets: SecretStore,
    @Inject(HEALTH) private readonly health: Health,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Once is enough: what is stored from now on is stored under the key of this run. */
  async onApplicationBootstrap(): Promise<void> {
    const targets = await this.secrets.unreadable();
    const problem = targets.length === 0 ? undefined : `the secrets of ${targets.join(', ')} cannot be read: another key-encryption key, or no credentials in them`;
    this.health.add('secrets', () => problem);
    if (problem) this.logger.error('secrets cannot be read', { problem });
  }
}
