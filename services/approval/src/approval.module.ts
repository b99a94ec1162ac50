import { Module } from '@nestjs/common';
import { JetStreamAggregate, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import { GrantState } from '@interlock/contracts';
import type { Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONTROL, LEDGER, recognition, type Clock } from '@interlock/nest';
import { ApprovalController } from './approval.controller.js';
import { ApprovalDesk } from './desk.js';
import { Expiry } from './expiry.js';

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [ApprovalController],
  providers: [
    Expiry, recognition,
    {
      provide: ApprovalDesk,
      inject: [BUS, LEDGER, CLOCK, CONTROL],
      useFactory: (bus: Bus, ledger: Ledger, clock: Clock, control: ControlFollower) => new ApprovalDesk({
        grants: new JetStreamAggregate(bus, { stream: 'GRANTS', schema: GrantState }), ledger, nowMs: () => clock.nowMs(), configuration: () => control.state.bundle?.configuration,
      }),
    },
  ],
})
export class ApprovalModule {}
