import { startService, type Running } from '@interlock/nest';
import { MaskingModule } from './masking.module.js';

/** Starts masking: checks the masking section of proposed configurations, and says what columns may hold. @throws ConfigurationError and whatever keeps it from the bus. */
export function startMasking(env: NodeJS.ProcessEnv): Promise<Running> {
  return startService({ name: 'masking', module: MaskingModule, env });
}
