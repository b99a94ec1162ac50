import { ConfigurationError, optionalText, readKek, serviceSettings, type ServiceSettings } from '@interlock/nest';
import type { RelyingParty } from '@interlock/domain-approval';

/** What the vault reads beside the settings of every service. */
export const vaultSettings = serviceSettings.extend({
  INTERLOCK_VAULT_KEK_FILE: optionalText('Set it to a file that holds 32 bytes in base64, or set INTERLOCK_VAULT_KEK.'),
  INTERLOCK_VAULT_KEK: optionalText('Set it to 32 bytes in base64, or set INTERLOCK_VAULT_KEK_FILE.'),
  INTERLOCK_SIGNING_DOMAIN: optionalText('Set it to the domain of the approval page, or leave it out for localhost.'),
  INTERLOCK_SIGNING_ORIGINS: optionalText('Set it to the origins of the approval page, parted by commas, or leave it out for http://localhost:8800.'),
});

export type VaultSettings = ServiceSettings & Readonly<Partial<Record<'INTERLOCK_VAULT_KEK_FILE' | 'INTERLOCK_VAULT_KEK' | 'INTERLOCK_SIGNING_DOMAIN' | 'INTERLOCK_SIGNING_ORIGINS', string | undefined>>>;

/** Where people sign. @throws ConfigurationError on an origin that is none. */
export function relyingParty(settings: VaultSettings): RelyingParty {
  const origins = (settings.INTERLOCK_SIGNING_ORIGINS ?? 'http://localhost:8800').split(',').map((origin) => origin.trim());
  const wrong = origins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong !== undefined) throw new ConfigurationError('INTERLOCK_SIGNING_ORIGINS is set, but expected origins like https://interlock.example, parted by commas.');
  return { rpId: settings.INTERLOCK_SIGNING_DOMAIN ?? 'localhost', origins };
}

/** @throws ConfigurationError when there is no key, two, or one that is none. */
export function vaultKek(settings: VaultSettings): Promise<Buffer> {
  return readKek({
    file: ['INTERLOCK_VAULT_KEK_FILE', settings.INTERLOCK_VAULT_KEK_FILE],
    variable: ['INTERLOCK_VAULT_KEK', settings.INTERLOCK_VAULT_KEK],
  });
}
