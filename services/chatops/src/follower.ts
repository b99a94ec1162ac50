import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import type { Chat, RpcClient } from '@interlock/contracts';
import { CLOCK, CONTROL, HEALTH, LOGGER, RPC_CLIENT, type Clock, type Health, type Logger } from '@interlock/nest';
import { Channels } from './channels/channels.js';
import { PostOffice } from './sending/post-office.js';

const LOOK_EVERY_MS = 500;
const LATE_MS = 5 * 60_000;

/**
 * Asks approval what is new, and has it told. It goes at its own pace: nobody waits for it, and after any pause it goes on from the beginning
 * of what is not long over, which stream CHAT knows to be told already.
 */
@Injectable()
export class Follower implements OnApplicationBootstrap, OnApplicationShutdown {
  #after = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #sending: Promise<void> = Promise.resolve();
  readonly #troubled = new Set<string>();

  constructor(
    @Inject(RPC_CLIENT) private readonly rpc: RpcClient,
    @Inject(CONTROL) private readonly control: ControlFollower,
    @Inject(Channels) private readonly channels: Channels,
    @Inject(PostOffice) private readonly office: PostOffice,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#next();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#looking, this.#sending]);
  }

  #next(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      const chat = this.control.state.bundle?.configuration.chat;
      if (!chat) return this.#next();
      // What is sent may take long; what is new is taken in meanwhile.
      this.#sending = this.#within('messages could not be sent', () => this.office.turn(chat, this.channels.of(chat)));
      this.#looking = this.#within('what is new could not be had', () => this.#takeIn(chat)).finally(() => this.#next());
    }, LOOK_EVERY_MS);
  }

  async #takeIn(chat: Chat): Promise<void> {
    const answer = await this.rpc.call('approval.notices', { after: this.#after });
    if (!answer.ok) throw new Error(`${answer.refusal.reason}: ${answer.refusal.detail}`);
    const { notices, next } = answer.value;
    for (const notice of notices) await this.office.take(notice, this.channels.of(chat));
    this.#after = next;
  }

  /** A fault that lasts is told once, and so is its end. */
  async #within(trouble: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (this.#troubled.delete(trouble)) this.logger.info('that is over', { trouble });
    } catch (fault) {
      if (!this.#troubled.has(trouble)) this.logger.warn(trouble, { fault: String(fault) });
      this.#troubled.add(trouble);
    }
  }
}

/** What waits too long is told to operators, and is no reason to count as away. */
@Injectable()
export class Backlog implements OnApplicationBootstrap {
  constructor(@Inject(HEALTH) private readonly health: Health, @Inject(PostOffice) private readonly office: PostOffice, @Inject(CLOCK) private readonly clock: Clock) {}

  onApplicationBootstrap(): void {
    this.health.warn('messages', async () => {
      const { waiting, sinceMs } = await this.office.backlog();
      return sinceMs !== undefined && this.clock.nowMs() - sinceMs > LATE_MS ? `${waiting} messages wait, the first for more than five minutes` : undefined;
    });
  }
}
