import { Module } from '@nestjs/common';
import { AuthenticationController } from './authentication.controller.js';
import { Beacon } from './beacon.js';
import { controlWriter } from './control-writer.js';
import { LockDesk } from './lock-desk.js';
import { LocksController } from './locks.controller.js';
import { Recognition } from './recognition.js';
import { UnlockProposals } from './unlock-proposals.js';

@Module({
  controllers: [AuthenticationController, LocksController],
  providers: [Recognition, controlWriter, UnlockProposals, LockDesk, Beacon],
})
export class IdentityModule {}
