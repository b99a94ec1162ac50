import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HEALTH, LOGGER, type Health, type Logger } from '@interlock/nest';
import { TokenKeys } from './token-keys.js';

/** Says early, and not at the first masked row, that the key-encryption key is another one than before. */
@Injectable()
export class KeyCheck implements OnApplicationBootstrap {
  constructor(@Inject(TokenKeys) private readonly keys: TokenKeys, @Inject(HEALTH) private readonly health: Health, @Inject(LOGGER) private readonly logger: Logger) {}

  /** Once is enough: what is stored from now on is stored under the key of this run. */
  async onApplicationBootstrap(): Promise<void> {
    const kinds = await this.keys.unreadable();
    const problem = kinds.length === 0 ? undefined : `the keys of kinds ${kinds.join(', ')} cannot be read: another key-encryption key`;
    this.health.add('token keys', () => problem);
    if (problem) this.logger.error('keys of tokens cannot be read', { problem });
  }
}
