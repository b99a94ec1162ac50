import { startService, type Running } from '@interlock/nest';
import { vaultSettings } from './settings.js';
import { VaultModule } from './vault.module.js';

/** Starts the vault: credentials of targets, encrypted at rest, sealed to one connector for one session. */
export function startVault(env: NodeJS.ProcessEnv): Promise<Running> {
  return startService({ name: 'vault', module: VaultModule, env, settings: vaultSettings });
}
