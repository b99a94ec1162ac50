import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Lock } from '@interlock/contracts';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { CONTROL, HEALTH, type Health } from '@interlock/nest';
import { SecondDecision } from './second-decision.js';
import { Tally } from './tally.js';

/** Starts and ends the second decision with the service, and says in health how it stands. None of it keeps policy from its other work. */
@Injectable()
export class Watchman implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(SecondDecision) private readonly second: SecondDecision,
    @Inject(Tally) private readonly tally: Tally,
    @Inject(CONTROL) private readonly control: ControlFollower,
    @Inject(HEALTH) private readonly health: Health,
  ) {}

  onApplicationBootstrap(): void {
    this.health.warn('second decision', () => this.second.problem);
    this.health.warn('mismatches', () => standing([...this.control.state.locks.values()]));
    this.health.warn('undecidable', () => this.tally.gaps);
    this.health.tell('second decision lag', async () => {
      const { lag, decided, mismatched } = await this.second.report();
      return `${lag} batches; ${decided} decided again, ${mismatched} otherwise`;
    });
    this.second.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.second.close();
  }
}

function standing(locks: readonly Lock[]): string | undefined {
  const ours = locks.filter(({ scope, by }) => scope === 'connector' && by === 'policy');
  return ours.length === 0 ? undefined : ours.map(({ id, subject }) => `${subject} decided otherwise than its rules; lock ${id} stands`).join('. ');
}
