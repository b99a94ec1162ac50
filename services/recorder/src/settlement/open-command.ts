import { z } from 'zod';

/** A command that was allowed, and whose outcome is not in the ledger yet. */
export const OpenCommand = z.object({
  command: z.string(),
  session: z.string(),
  exchange: z.string().optional(),
  /** Subject of the instance that forwarded it, `ledger.<service>.<instance>`. */
  instance: z.string(),
  /** Its run, `<producer>/<instance>-<run>`. */
  run: z.string(),
  /** Nothing more can come from its producer: the session was closed or a newer run has started. */
  ended: z.boolean(),
});
export type OpenCommand = z.infer<typeof OpenCommand>;
