import { z } from 'zod';
import { ApprovalRequest, GrantHolder, Vote } from '../grant.js';

export const ApprovalRequested = z.object({
  request: ApprovalRequest,
  /** The approved plan that it is a command of: it is agreed to from the beginning. */
  planned: z.object({ plan: z.string(), entry: z.number().int() }).optional(),
});
/** A command of an approved plan was sent, and takes its place there; `as` is the grant of its own that it gets. */
export const PlanDrawn = z.object({ grant: z.string(), entry: z.number().int(), as: z.string() });
export const ApprovalVoted = z.object({ grant: z.string(), vote: Vote, status: z.enum(['pending', 'approved', 'denied']) });
/** Someone tried to vote, or to take a request back, and may not. */
export const ApprovalRejected = z.object({ grant: z.string(), approver: z.string(), reason: z.string(), detail: z.string() });
export const ApprovalEnded = z.object({
  grant: z.string(), status: z.enum(['expired', 'withdrawn']),
  /** Who took it back, where a principal did; its connector otherwise. */
  by: z.string().optional(),
});
/** The same command came back for what it had asked for, in the session and as the command that this event is about. */
export const ApprovalResumed = z.object({ grant: z.string(), holder: GrantHolder });
/** The one use of a grant. */
export const GrantConsumed = z.object({ grant: z.string(), grantDigest: z.string(), approvers: z.array(z.string()) });
