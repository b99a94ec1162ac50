import { startService, type RunningService } from '@interlock/nest';
import { RecorderModule } from './recorder.module.js';
import { recorderSettings } from './settings.js';
import { KEY_STORE } from './tokens.js';

/**
 * Starts the ledger keeper.
 *
 * @throws ConfigurationError, KeysUnusable, BusUnreachable, BusNotSynced, KekWrong or KeyFileDamaged.
 */
export function startRecorder(env: NodeJS.ProcessEnv): Promise<RunningService> {
  return startService({ name: 'recorder', module: RecorderModule, env, settings: recorderSettings, followControl: false, keyRegistrar: KEY_STORE });
}
