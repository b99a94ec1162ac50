import { startService, type Running } from '@interlock/nest';
import { IdentityModule } from './identity.module.js';

/** Starts identity: who a token belongs to, locks, and the beacon. */
export function startIdentity(env: NodeJS.ProcessEnv): Promise<Running> {
  return startService({ name: 'identity', module: IdentityModule, env });
}
