import { optionalText, readKek, serviceSettings, type ServiceSettings } from '@interlock/nest';

/** What masking reads beside the settings of every service. */
export const maskingSettings = serviceSettings.extend({
  INTERLOCK_MASKING_KEK_FILE: optionalText('Set it to a file that holds 32 bytes in base64, or set INTERLOCK_MASKING_KEK.'),
  INTERLOCK_MASKING_KEK: optionalText('Set it to 32 bytes in base64, or set INTERLOCK_MASKING_KEK_FILE.'),
});

export type MaskingSettings = ServiceSettings & Readonly<Partial<Record<'INTERLOCK_MASKING_KEK_FILE' | 'INTERLOCK_MASKING_KEK', string | undefined>>>;

/** @throws ConfigurationError when there is no key, two, or one that is none. */
export function maskingKek(settings: MaskingSettings): Promise<Buffer> {
  return readKek({
    file: ['INTERLOCK_MASKING_KEK_FILE', settings.INTERLOCK_MASKING_KEK_FILE],
    variable: ['INTERLOCK_MASKING_KEK', settings.INTERLOCK_MASKING_KEK],
  });
}
