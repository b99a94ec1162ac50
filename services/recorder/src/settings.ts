import { ConfigurationError, optionalText, readKek, serviceSettings, type ServiceSettings } from '@interlock/nest';
import type { RecorderLimits } from './recorder.js';

/** What the recorder reads beside the settings of every service. */
export const recorderSettings = serviceSettings.extend({
  INTERLOCK_RECORDER_KEK_FILE: optionalText('Set it to a file that holds 32 bytes in base64, or set INTERLOCK_RECORDER_KEK.'),
  INTERLOCK_RECORDER_KEK: optionalText('Set it to 32 bytes in base64, or set INTERLOCK_RECORDER_KEK_FILE.'),
  INTERLOCK_LOG_ORIGIN: optionalText('Set it to the name of this log, an address without its scheme, or leave it out. It must never change.'),
  INTERLOCK_SEAL_EVERY_MS: optionalText('Set it to the milliseconds after which an event is under a checkpoint, 1 to 60000, or leave it out for 250.'),
  INTERLOCK_SEAL_LEAVES: optionalText('Set it to the events that may wait for a checkpoint, 1 to 65536, or leave it out for 8192.'),
});

export interface RecorderSettings extends ServiceSettings {
  readonly INTERLOCK_RECORDER_KEK_FILE?: string | undefined;
  readonly INTERLOCK_RECORDER_KEK?: string | undefined;
  readonly INTERLOCK_LOG_ORIGIN?: string | undefined;
  readonly INTERLOCK_SEAL_EVERY_MS?: string | undefined;
  readonly INTERLOCK_SEAL_LEAVES?: string | undefined;
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

/** @throws ConfigurationError when one of them is no number in its range. */
export function recorderLimits(settings: RecorderSettings): RecorderLimits {
  return {
    sealEveryMs: wholeNumber('INTERLOCK_SEAL_EVERY_MS', settings.INTERLOCK_SEAL_EVERY_MS, 250, 60_000),
    sealLeaves: wholeNumber('INTERLOCK_SEAL_LEAVES', settings.INTERLOCK_SEAL_LEAVES, 8_192, 65_536),
  };
}

function wholeNumber(name: string, text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,5}$/.test(text) && Number(text) <= most) return Number(text);
  throw new ConfigurationError(`${name} is set, but expected a whole number from 1 to ${most}.`);
}
