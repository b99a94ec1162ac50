import { serviceSettings } from '@interlock/nest';
import { z } from 'zod';

export const recorderSettings = serviceSettings.extend({
  INTERLOCK_RECORDER_KEK: z.string().optional().describe('Set it to the key-encryption key of the event keys, 32 bytes in base64, or name its file in INTERLOCK_RECORDER_KEK_FILE.'),
  INTERLOCK_RECORDER_KEK_FILE: z.string().optional().describe('Set it to a file that holds the key-encryption key of the event keys, 32 bytes in base64.'),
  INTERLOCK_LOG_ORIGIN: z
    .string()
    .regex(/^[^\s+]{1,128}$/, 'a name without spaces and plus signs, e.g. example.com/interlock')
    .default('interlock.local/ledger')
    .describe('Set it to the name of this log, an address without its scheme, or leave it out. It must never change.'),
  INTERLOCK_SEAL_EVERY_MS: z.coerce.number().int().min(1).max(60_000).default(250).describe('Set it to the milliseconds between two checkpoints, 1 to 60000, or leave it out for 250.'),
  INTERLOCK_SEAL_LEAVES: z.coerce.number().int().min(1).max(65_536).default(8_192).describe('Set it to the events that may wait for a checkpoint, 1 to 65536, or leave it out for 8192.'),
});
export type RecorderSettings = z.output<typeof recorderSettings>;
