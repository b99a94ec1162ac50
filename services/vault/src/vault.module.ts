import { Module } from '@nestjs/common';
import { recognition } from '@interlock/nest';
import { CredentialRelease } from './credential-release.js';
import { KeyCheck } from './key-check.js';
import { secrets } from './secrets.js';
import { SecretsDesk } from './secrets-desk.js';
import { VaultController } from './vault.controller.js';

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [VaultController],
  providers: [recognition, secrets, SecretsDesk, CredentialRelease, KeyCheck],
})
export class VaultModule {}
