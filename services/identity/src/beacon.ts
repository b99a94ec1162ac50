import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { BeaconPublisher, type Bus } from '@interlock/adapter-jetstream';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { BUS, CLOCK, KEYS, type Clock } from '@interlock/nest';
import { LockDesk } from './lock-desk.js';

/** The sign of life of the control plane: without it commands wait, then are refused. It begins when requests are served. */
@Injectable()
export class Beacon implements OnApplicationBootstrap, OnModuleDestroy {
  #publisher: BeaconPublisher | undefined;

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(KEYS) private readonly keys: ServiceKeys,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LockDesk) private readonly desk: LockDesk,
  ) {}

  onApplicationBootstrap(): void {
    const { keys, clock, desk } = this;
    this.#publisher = new BeaconPublisher(this.bus, { sign: (text) => keys.sign(text), nowMs: () => clock.nowMs(), controlSequence: () => desk.controlSequence });
  }

  onModuleDestroy(): void {
    this.#publisher?.close();
  }
}
