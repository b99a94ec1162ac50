import { Module } from '@nestjs/common';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { Recognition } from '@interlock/domain-identity';
import { CLOCK, CONTROL, KEYS, type Clock } from '@interlock/nest';
import { CredentialRelease } from './credential-release.js';
import { KeyCheck } from './key-check.js';
import { secrets } from './secrets.js';
import { SecretsDesk } from './secrets-desk.js';
import { VaultController } from './vault.controller.js';

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [VaultController],
  providers: [
    {
      provide: Recognition,
      inject: [KEYS, CONTROL, CLOCK],
      useFactory: (keys: ServiceKeys, control: ControlFollower, clock: Clock) => new Recognition({ verifier: new OidcTokenVerifier(clock), keys, control }),
    },
    secrets, SecretsDesk, CredentialRelease, KeyCheck,
  ],
})
export class VaultModule {}
