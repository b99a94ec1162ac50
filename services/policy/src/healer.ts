import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HEALTH, LOGGER, type Health, type Logger } from '@interlock/nest';
import { ChangeDesk } from './changes/change-desk.js';

const RETRY_MS = 2_000;

/** Finishes, at start and after every interruption, what was decided and is not in force, or not recorded, yet. */
@Injectable()
export class Healer implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(@Inject(ChangeDesk) private readonly desk: ChangeDesk, @Inject(LOGGER) private readonly logger: Logger, @Inject(HEALTH) health: Health) {
    health.add('changes', () => (desk.unfinished ? 'a change may still be on its way into force' : undefined));
  }

  onApplicationBootstrap(): void {
    this.#attempt();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#work;
  }

  #attempt(): void {
    if (this.#stopped) return;
    const work = this.desk.unfinished ? this.desk.heal() : Promise.resolve();
    this.#work = work.catch((error: unknown) => this.logger.warn('a change could not be finished yet', { error })).then(() => {
      this.#timer = this.#stopped ? undefined : setTimeout(() => this.#attempt(), RETRY_MS);
    });
  }
}
