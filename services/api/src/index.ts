import { startService, type Running } from '@interlock/nest';
import { ApiModule } from './api.module.js';
import { apiSettings } from './settings.js';

/** Starts the HTTP door for people. @throws ConfigurationError and whatever keeps it from the bus or its port. */
export function startApi(env: NodeJS.ProcessEnv): Promise<Running> {
  return startService({ name: 'api', module: ApiModule, env, settings: apiSettings });
}
