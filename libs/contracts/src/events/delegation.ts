import { z } from 'zod';
import { VoteDelegation } from '../vote-delegation.js';

export const DelegationMade = z.object({ delegation: VoteDelegation });
/** From here on no vote counts by it, not even one that was cast and is not used. */
export const DelegationRevoked = z.object({ delegation: z.string(), by: z.string() });
/** Someone may not delegate, or not revoke, and tried. */
export const DelegationRefused = z.object({ by: z.string(), attempt: z.enum(['make', 'revoke']), subject: z.string(), reason: z.string(), detail: z.string() });
