import { loadParser } from '@interlock/language-postgres';
import { startService, type Running } from '@interlock/nest';
import { PolicyModule } from './policy.module.js';

/** Starts policy: configurations proposed, decided, signed and published. @throws ConfigurationError and whatever keeps it from the bus. */
export async function startPolicy(env: NodeJS.ProcessEnv): Promise<Running> {
  await loadParser();
  return startService({ name: 'policy', module: PolicyModule, env });
}
