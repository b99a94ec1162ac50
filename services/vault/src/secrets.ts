import type { Provider } from '@nestjs/common';
import { SecretState } from '@interlock/contracts';
import { JetStreamAggregate, type Bus } from '@interlock/adapter-jetstream';
import { BUS, CONFIG } from '@interlock/nest';
import { SecretStore } from './secret-store.js';
import { vaultKek, type VaultSettings } from './settings.js';

/** {@link SecretStore} over stream SECRETS. */
export const SECRETS = Symbol('SECRETS');

export const secrets: Provider = {
  provide: SECRETS,
  inject: [BUS, CONFIG],
  useFactory: async (bus: Bus, settings: VaultSettings) =>
    new SecretStore(new JetStreamAggregate(bus, { stream: 'SECRETS', schema: SecretState }), await vaultKek(settings)),
};
