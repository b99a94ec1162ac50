import { Module } from '@nestjs/common';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import { JetStreamAggregate, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { GrantState } from '@interlock/contracts';
import type { RecognitionPorts } from '@interlock/domain-identity';
import { accepted, type Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONTROL, KEYS, LEDGER, type Clock } from '@interlock/nest';
import { ApprovalController, DESK, RECOGNITION } from './approval.controller.js';
import { ApprovalDesk } from './desk.js';
import { Expiry } from './expiry.js';

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [ApprovalController],
  providers: [
    Expiry,
    {
      provide: DESK,
      inject: [BUS, LEDGER, CLOCK, CONTROL],
      useFactory: (bus: Bus, ledger: Ledger, clock: Clock, control: ControlFollower) => new ApprovalDesk({
        grants: new JetStreamAggregate(bus, { stream: 'GRANTS', schema: GrantState }), ledger, nowMs: () => clock.nowMs(), configuration: () => control.state.bundle?.configuration,
      }),
    },
    {
      provide: RECOGNITION,
      inject: [KEYS, CLOCK, CONTROL],
      useFactory: (keys: ServiceKeys, clock: Clock, control: ControlFollower): RecognitionPorts => ({
        verifier: new OidcTokenVerifier(clock),
        openToken: (sealed) => {
          const opened = keys.open(sealed, 'token');
          return opened.ok ? accepted(opened.value.toString('utf8')) : opened;
        },
        configuration: () => control.state.bundle?.configuration,
      }),
    },
  ],
})
export class ApprovalModule {}
