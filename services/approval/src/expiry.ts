import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Logger } from '@interlock/nest';
import { AccessDesk } from './access-desk.js';
import { ApprovalDesk } from './desk.js';
import { GlassDesk } from './glass-desk.js';

const SWEEP_EVERY_MS = 1_000;

/** Ends approvals, and roles for a time, that are over, and locks who was not reviewed in time. A sweep that fails (bus away) is logged and tried again at the next tick. */
@Injectable()
export class Expiry implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #sweep: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(@Inject(ApprovalDesk) private readonly desk: ApprovalDesk, @Inject(AccessDesk) private readonly access: AccessDesk, @Inject(GlassDesk) private readonly glass: GlassDesk, @Inject(LOGGER) private readonly logger: Logger) {}

  onApplicationBootstrap(): void {
    this.#next();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sweep;
  }

  #next(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#sweep = Promise.all([this.desk.expireOverdue(), this.access.expireOverdue(), this.glass.sweep()]).then(() => undefined).catch((fault: unknown) => this.logger.warn('overdue approvals could not be ended', { fault: String(fault) })).finally(() => this.#next());
    }, SWEEP_EVERY_MS);
  }
}
