import { z } from 'zod';

/** An authenticated identity. Identity is (issuer, subject); the name is what people and rules call it. */
export const Principal = z.object({
  name: z.string(),
  kind: z.enum(['agent', 'human', 'service']),
  issuer: z.string(),
  subject: z.string(),
  roles: z.array(z.string()),
  /**
   * Every human behind this principal (owner, creator, delegator, closed over time), by human name. For a human: itself.
   * Empty means unknown, which counts as shared with everyone.
   */
  party: z.array(z.string()),
  /**
   * Who acts with this principal's token (RFC 8693, section 4.1), by principal name, nearest first; absent when it
   * acts itself. Their humans are in the party too.
   */
  actors: z.array(z.string()).optional(),
});
export type Principal = z.infer<typeof Principal>;
