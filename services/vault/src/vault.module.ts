import { Module, type Provider } from '@nestjs/common';
import { JetStreamLedgerReader, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import { producerVerifier, type ServiceKeys } from '@interlock/adapter-sealing';
import type { RpcClient, Trust } from '@interlock/contracts';
import { Recognition } from '@interlock/domain-identity';
import type { Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONFIG, CONTROL, KEYS, LEDGER, LOGGER, RPC_CLIENT, TRUST, type Clock, type Logger } from '@interlock/nest';
import { CredentialRelease } from './credential-release.js';
import { KeyCheck } from './key-check.js';
import type { SecretStore } from './secret-store.js';
import { SECRETS, secrets } from './secrets.js';
import { SecretsDesk } from './secrets-desk.js';
import { relyingParty } from './settings.js';
import { withoutRolesForATime } from './roles-for-good.js';
import { Authenticators, RELYING_PARTY } from './signed/authenticators.js';
import { ElevatedGrants } from './signed/elevated-grants.js';
import { RunKeys } from './signed/event-keys.js';
import { LedgerBook } from './signed/ledger-book.js';
import { SignedBook } from './signed/signed-book.js';
import { VaultController } from './vault.controller.js';

/**
 * Whose token it is, with the roles that the configuration gives for good. Those for a time lie on approval's word, and the vault takes nobody's: not for who
 * signs, nor for who confirms authenticators or sets secrets.
 */
const recognitionForGood: Provider<Recognition> = {
  provide: Recognition,
  inject: [KEYS, CONTROL, CLOCK],
  useFactory: (keys: ServiceKeys, control: ControlFollower, clock: Clock) => new Recognition({ verifier: new OidcTokenVerifier(clock), keys, control: withoutRolesForATime(control), nowMs: () => clock.nowMs() }),
};

/** What the vault knows of signatures, by its own reading of the ledger. */
const signed: Provider[] = [
  Authenticators,
  { provide: RELYING_PARTY, inject: [CONFIG], useFactory: relyingParty },
  { provide: SignedBook, inject: [RELYING_PARTY], useFactory: (at: ReturnType<typeof relyingParty>) => new SignedBook(at) },
  { provide: RunKeys, inject: [RPC_CLIENT, KEYS], useFactory: (rpc: RpcClient, keys: ServiceKeys) => new RunKeys(rpc, keys) },
  {
    provide: LedgerBook,
    inject: [BUS, SignedBook, RunKeys, TRUST, CLOCK, LOGGER],
    useFactory: (bus: Bus, book: SignedBook, keys: RunKeys, trust: Trust, clock: Clock, logger: Logger) => new LedgerBook({
      ledger: new JetStreamLedgerReader(bus), book, keys, verify: producerVerifier(trust), nowMs: () => clock.nowMs(), onProblem: (problem) => logger.error('what people signed is not all known', { problem }),
    }),
  },
  {
    provide: ElevatedGrants,
    inject: [LedgerBook, CONTROL, CLOCK],
    useFactory: (ledgerBook: LedgerBook, control: ControlFollower, clock: Clock) => new ElevatedGrants({ ledgerBook, locks: () => control.state.locks.values(), nowMs: () => clock.nowMs() }),
  },
];

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [VaultController],
  providers: [
    recognitionForGood, secrets, SecretsDesk, KeyCheck, ...signed,
    {
      provide: CredentialRelease,
      inject: [Recognition, SECRETS, LEDGER, CONTROL, TRUST, ElevatedGrants],
      useFactory: (found: Recognition, store: SecretStore, ledger: Ledger, control: ControlFollower, trust: Trust, elevated: ElevatedGrants) => new CredentialRelease({ recognition: found, secrets: store, ledger, control, trust, elevated }),
    },
  ],
})
export class VaultModule {}
