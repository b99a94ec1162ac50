import { z } from 'zod';
import { AccessRequest, AccessVote } from '../access.js';

export const AccessRequested = z.object({ request: AccessRequest });
export const AccessVoted = z.object({
  access: z.string(), vote: AccessVote, status: z.enum(['pending', 'granted', 'denied']),
  /** Where it is granted. */
  until: z.string().optional(),
});
export const AccessEnded = z.object({
  access: z.string(), status: z.enum(['withdrawn', 'revoked', 'expired']),
  /** Who ended it; nobody where its time did. */
  by: z.string().optional(),
});
/** Someone may not ask, not vote or not end it, and tried. */
export const AccessRefused = z.object({ by: z.string(), attempt: z.enum(['request', 'vote', 'end']), subject: z.string(), reason: z.string(), detail: z.string() });
