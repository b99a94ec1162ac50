import { Module } from '@nestjs/common';
import { JetStreamAggregate, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import { GrantState, type Trust } from '@interlock/contracts';
import type { Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONTROL, LEDGER, recognition, TRUST, type Clock } from '@interlock/nest';
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
      inject: [BUS, LEDGER, CLOCK, CONTROL, TRUST],
      useFactory: (bus: Bus, ledger: Ledger, clock: Clock, control: ControlFollower, trust: Trust) => new ApprovalDesk({
        grants: new JetStreamAggregate(bus, { stream: 'GRANTS', schema: GrantState }), ledger, trust, nowMs: () => clock.nowMs(), configuration: () => control.state.bundle?.configuration,
      }),
    },
  ],
})
export class ApprovalModule {}
