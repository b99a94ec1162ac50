import { Module } from '@nestjs/common';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import { JetStreamAggregate, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { GrantState } from '@interlock/contracts';
import { Recognition } from '@interlock/domain-identity';
import type { Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONTROL, KEYS, LEDGER, type Clock } from '@interlock/nest';
import { ApprovalController } from './approval.controller.js';
import { ApprovalDesk } from './desk.js';
import { Expiry } from './expiry.js';

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [ApprovalController],
  providers: [
    Expiry,
    {
      provide: ApprovalDesk,
      inject: [BUS, LEDGER, CLOCK, CONTROL],
      useFactory: (bus: Bus, ledger: Ledger, clock: Clock, control: ControlFollower) => new ApprovalDesk({
        grants: new JetStreamAggregate(bus, { stream: 'GRANTS', schema: GrantState }), ledger, nowMs: () => clock.nowMs(), configuration: () => control.state.bundle?.configuration,
      }),
    },
    {
      provide: Recognition,
      inject: [KEYS, CONTROL, CLOCK],
      useFactory: (keys: ServiceKeys, control: ControlFollower, clock: Clock) => new Recognition({ verifier: new OidcTokenVerifier(clock), keys, control }),
    },
  ],
})
export class ApprovalModule {}
