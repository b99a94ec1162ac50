import { ConfigurationError, optionalText, readKek, serviceSettings, type ServiceSettings } from '@interlock/nest';

/** What the recorder reads beside the settings of every service. */
export const recorderSettings = serviceSettings.extend({
  INTERLOCK_RECORDER_KEK_FILE: optionalText('Set it to a file that holds 32 bytes in base64, or set INTERLOCK_RECORDER_KEK.'),
  INTERLOCK_RECORDER_KEK: optionalText('Set it to 32 bytes in base64, or set INTERLOCK_RECORDER_KEK_FILE.'),
  INTERLOCK_LOG_ORIGIN: optionalText('Set it to the name of this log, an address without its scheme, or leave it out. It must never change.'),
});

export interface RecorderSettings extends ServiceSettings {
  readonly INTERLOCK_RECORDER_KEK_FILE?: string | undefined;
  readonly INTERLOCK_RECORDER_KEK?: string | undefined;
  readonly INTERLOCK_LOG_ORIGIN?: string | undefined;
}

const DEFAULT_ORIGIN = 'interlock.local/ledger';

/** @throws ConfigurationError when there is no key, two, or one that is none. */
export function recorderKek(settings: RecorderSettings): Promise<Buffer> {
  return readKek({
    file: ['INTERLOCK_RECORDER_KEK_FILE', settings.INTERLOCK_RECORDER_KEK_FILE],
    variable: ['INTERLOCK_RECORDER_KEK', settings.INTERLOCK_RECORDER_KEK],
  });
}

/** The log's name, which its checkpoints begin with. @throws ConfigurationError when it cannot stand in a note. */
export function logOrigin(settings: RecorderSettings): string {
  const origin = settings.INTERLOCK_LOG_ORIGIN ?? DEFAULT_ORIGIN;
  if (/^[^\s+]{1,128}$/u.test(origin)) return origin;
  throw new ConfigurationError('INTERLOCK_LOG_ORIGIN is set, but expected a name without spaces and plus signs of at most 128 characters, e.g. example.com/interlock.');
}
