import { port, serviceSettings } from '@interlock/nest';
import { z } from 'zod';

const DEFAULT_PORT = 8_800;

export const apiSettings = serviceSettings.extend({
  INTERLOCK_API_HOST: z.string().min(1).default('127.0.0.1').describe('Set it to the address to listen on, or leave it out for loopback.'),
  INTERLOCK_API_PORT: port().default(DEFAULT_PORT).describe('Set it to a free TCP port, or leave it out for 8800.'),
});
export type ApiSettings = z.infer<typeof apiSettings>;
