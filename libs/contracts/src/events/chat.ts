import { z } from 'zod';
import { ChatRoad } from '../chat.js';

/** A person of a chat answered, approval verified that itself, and takes it for this principal's vote, which follows. */
export const ChatDecided = z.object({
  grant: z.string(),
  road: ChatRoad,
  /** The person as the chat knows them: workspace or tenant, and id in it. */
  team: z.string(),
  user: z.string(),
  principal: z.string(),
  verdict: z.enum(['approve', 'deny']),
  /** SHA-256 over the body that was verified. */
  requestHash: z.string(),
});
/** An answer whose origin was verified, and which counts for nobody. */
export const ChatRefused = z.object({
  grant: z.string(),
  road: ChatRoad,
  team: z.string(),
  user: z.string(),
  reason: z.string(),
  detail: z.string(),
  requestHash: z.string(),
});
/** A message about an approval that did not reach its destination, and will not be tried again. */
export const NotificationAbandoned = z.object({
  grant: z.string(),
  channel: z.string(),
  /** Status of the approval that was to be told. */
  about: z.string(),
  attempts: z.number().int().nonnegative(),
  reason: z.string(),
});
