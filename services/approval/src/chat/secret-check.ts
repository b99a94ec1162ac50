import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { CONFIG, CONTROL, HEALTH, readSecretFile, type Health } from '@interlock/nest';
import type { ApprovalSettings } from '../settings.js';

/** Says early, and not at the first answer from there, that nothing of Slack could be believed. */
@Injectable()
export class ChatSecretCheck implements OnApplicationBootstrap {
  constructor(
    @Inject(HEALTH) private readonly health: Health,
    @Inject(CONTROL) private readonly control: ControlFollower,
    @Inject(CONFIG) private readonly settings: ApprovalSettings,
  ) {}

  onApplicationBootstrap(): void {
    this.health.warn('chat', async () => {
      if (!this.control.state.bundle?.configuration.chat?.slack) return undefined;
      const secret = await readSecretFile(this.settings.INTERLOCK_APPROVAL_SECRETS_DIR, 'slack-signing-secret');
      return secret === undefined ? 'Slack is configured, and there is no slack-signing-secret: no answer from there counts' : undefined;
    });
  }
}
