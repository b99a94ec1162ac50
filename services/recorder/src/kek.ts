import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '@interlock/nest';
import { parseKek } from '@interlock/adapter-sealing';
import type { RecorderSettings } from './settings.js';

/**
 * The key-encryption key of the event keys, from the environment or its file.
 *
 * @throws ConfigurationError when there is none, both, or it is not one; never names its value.
 */
export async function readKek(settings: RecorderSettings): Promise<Buffer> {
  const { INTERLOCK_RECORDER_KEK: value, INTERLOCK_RECORDER_KEK_FILE: path } = settings;
  if ((value === undefined) === (path === undefined)) {
    throw new ConfigurationError('Set one of INTERLOCK_RECORDER_KEK and INTERLOCK_RECORDER_KEK_FILE: the key-encryption key of the event keys, 32 bytes in base64.');
  }
  const kek = parseKek(value ?? (await readText(path!)));
  if (!kek.ok) throw new ConfigurationError(`${value === undefined ? path : 'INTERLOCK_RECORDER_KEK'}: ${kek.refusal.detail} ${kek.refusal.hint ?? ''}`);
  return kek.value;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (fault) {
    throw new ConfigurationError(`INTERLOCK_RECORDER_KEK_FILE names ${path}, which cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'fault'}).`);
  }
}
