import { z } from 'zod';
import { Principal } from './principal.js';

/** What people are asked to agree to, when somebody asks for a role for a time. */
export const AccessRequest = z.object({
  id: z.string(),
  /** Who is to have the role. */
  principal: Principal,
  /** Who asked: the principal itself, or a human behind it. */
  requester: Principal,
  role: z.string(),
  reason: z.string(),
  /** How long it is to hold, from the moment it is granted. */
  seconds: z.number().int().positive(),
  /** As the configuration declared them for this role then. */
  approvers: z.array(z.object({ role: z.string(), count: z.number().int().positive() })).min(1),
  requestedAt: z.string(),
  /** Until when it can be decided. */
  expiresAt: z.string(),
  /** SHA-256 over all of the above; approvers name it. */
  digest: z.string(),
});
export type AccessRequest = z.infer<typeof AccessRequest>;

export const AccessVote = z.object({ approver: Principal, verdict: z.enum(['approve', 'deny']), digest: z.string(), comment: z.string().max(2_000).optional(), at: z.string() });
export type AccessVote = z.infer<typeof AccessVote>;

/**
 * The whole state of one request for a role, signed by approval, as the last message on `control.access.<id>` of stream CONTROL holds it. While it is `granted`,
 * and from `from` until `until`, whoever reads roles reads this one too.
 */
export const AccessState = z.object({
  id: z.string(),
  /** Grows by one with every state: an older one that comes again is a replay. */
  revision: z.number().int().positive(),
  status: z.enum(['pending', 'granted', 'denied', 'withdrawn', 'revoked', 'expired']),
  request: AccessRequest,
  votes: z.array(AccessVote),
  from: z.string().optional(),
  until: z.string().optional(),
});
export type AccessState = z.infer<typeof AccessState>;
