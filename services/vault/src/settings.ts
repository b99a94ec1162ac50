import { optionalText, readKek, serviceSettings, type ServiceSettings } from '@interlock/nest';

/** What the vault reads beside the settings of every service. */
export const vaultSettings = serviceSettings.extend({
  INTERLOCK_VAULT_KEK_FILE: optionalText('Set it to a file that holds 32 bytes in base64, or set INTERLOCK_VAULT_KEK.'),
  INTERLOCK_VAULT_KEK: optionalText('Set it to 32 bytes in base64, or set INTERLOCK_VAULT_KEK_FILE.'),
});

export type VaultSettings = ServiceSettings & { readonly INTERLOCK_VAULT_KEK_FILE?: string | undefined; readonly INTERLOCK_VAULT_KEK?: string | undefined };

/** @throws ConfigurationError when there is no key, two, or one that is none. */
export function vaultKek(settings: VaultSettings): Promise<Buffer> {
  return readKek({
    file: ['INTERLOCK_VAULT_KEK_FILE', settings.INTERLOCK_VAULT_KEK_FILE],
    variable: ['INTERLOCK_VAULT_KEK', settings.INTERLOCK_VAULT_KEK],
  });
}
