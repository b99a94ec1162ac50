import { Module } from '@nestjs/common';
import { CredentialRelease } from './credential-release.js';
import { KeyCheck } from './key-check.js';
import { Recognition } from './recognition.js';
import { secrets } from './secrets.js';
import { SecretsDesk } from './secrets-desk.js';
import { VaultController } from './vault.controller.js';

@Module({
  controllers: [VaultController],
  providers: [Recognition, secrets, SecretsDesk, CredentialRelease, KeyCheck],
})
export class VaultModule {}
