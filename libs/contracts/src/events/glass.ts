import { z } from 'zod';
import { ApprovalRequest, Review } from '../grant.js';

/** A person lifted a refusal on their own word, and the command runs at once. `dueAt`: until when two people must have reviewed it. */
export const GlassBroken = z.object({ request: ApprovalRequest, dueAt: z.string() });
/** `status` is what two reviews come to; `due` while one is missing. */
export const GlassReviewed = z.object({ grant: z.string(), review: Review, status: z.enum(['due', 'accepted', 'objected']) });
/** An incident: a reviewer objects to what was done by a broken glass. */
export const GlassObjected = z.object({ grant: z.string(), principal: z.string(), by: z.string(), note: z.string() });
/** Two people did not review it in time: whoever broke the glass is locked. */
export const GlassOverdue = z.object({ grant: z.string(), principal: z.string(), dueAt: z.string() });
/** Two people have reviewed what was overdue, so the lock that stood for it goes. */
export const GlassSettled = z.object({ grant: z.string(), principal: z.string(), by: z.array(z.string()) });
/** Someone tried to break the glass, or to review it, and may not. */
export const GlassRefused = z.object({ grant: z.string(), by: z.string(), attempt: z.enum(['break', 'review']), reason: z.string(), detail: z.string() });
