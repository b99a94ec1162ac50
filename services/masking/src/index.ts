import { startService, type Running } from '@interlock/nest';
import { MaskingModule } from './masking.module.js';
import { maskingSettings } from './settings.js';

/**
 * Starts masking: checks the masking section of proposed configurations, says what columns may hold, keeps the keys of tokens, and tells
 * people what tokens stand for.
 *
 * @throws ConfigurationError and whatever keeps it from the bus.
 */
export function startMasking(env: NodeJS.ProcessEnv): Promise<Running> {
  return startService({ name: 'masking', module: MaskingModule, env, settings: maskingSettings });
}
