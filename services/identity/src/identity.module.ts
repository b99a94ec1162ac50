import { Module } from '@nestjs/common';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { Recognition } from '@interlock/domain-identity';
import { CLOCK, CONTROL, KEYS, type Clock } from '@interlock/nest';
import { AuthenticationController } from './authentication.controller.js';
import { Beacon } from './beacon.js';
import { controlWriter } from './control-writer.js';
import { LockDesk } from './lock-desk.js';
import { LocksController } from './locks.controller.js';
import { UnlockProposals } from './unlock-proposals.js';

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [AuthenticationController, LocksController],
  providers: [
    {
      provide: Recognition,
      inject: [KEYS, CONTROL, CLOCK],
      useFactory: (keys: ServiceKeys, control: ControlFollower, clock: Clock) => new Recognition({ verifier: new OidcTokenVerifier(clock), keys, control }),
    },
    controlWriter, UnlockProposals, LockDesk, Beacon,
  ],
})
export class IdentityModule {}
