import { Module } from '@nestjs/common';
import { recognition } from '@interlock/nest';
import { AuthenticationController } from './authentication.controller.js';
import { Beacon } from './beacon.js';
import { controlWriter } from './control-writer.js';
import { LockDesk } from './lock-desk.js';
import { LocksController } from './locks.controller.js';
import { UnlockProposals } from './unlock-proposals.js';

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [AuthenticationController, LocksController],
  providers: [recognition, controlWriter, UnlockProposals, LockDesk, Beacon],
})
export class IdentityModule {}
