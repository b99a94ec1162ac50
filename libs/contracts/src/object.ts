import { z } from 'zod';
import { Principal } from './principal.js';

/** Someone set out to create an object. */
export const ObjectClaim = z.object({
  /** With the humans behind them as of then. */
  by: Principal,
  session: z.string(),
  command: z.string(),
  /** RFC 3339. */
  at: z.string(),
});
export type ObjectClaim = z.infer<typeof ObjectClaim>;

const place = {
  target: z.string(),
  /** The object's full name at its target when it was claimed, as its language writes names. */
  name: z.string(),
};

/**
 * What is known of one object's creation, as the last message on its subject of stream OBJECTS holds it. A subject stands for a
 * name (`objects.name.<hash>`) or for a stable id (`objects.id.<hash>`); every change appends the new state by compare-and-set.
 *
 * - `claimed`: a create was about to be forwarded, and how it ended is not known;
 * - `bound`: it made the object with this id. Several claims: any of them may have made it;
 * - `released`: it made nothing.
 */
export const ObjectState = z.discriminatedUnion('status', [
  z.object({ status: z.literal('claimed'), ...place, claims: z.array(ObjectClaim).min(1) }),
  z.object({ status: z.literal('bound'), ...place, id: z.string(), claims: z.array(ObjectClaim).min(1) }),
  z.object({ status: z.literal('released'), ...place }),
]);
export type ObjectState = z.infer<typeof ObjectState>;

/** Someone who may have made an object. */
export const ToldCreator = z.object({
  name: z.string(),
  /** When they claimed its name, RFC 3339. */
  at: z.string(),
  /** Why they do not count as independent of the requester, a sentence; absent where they do. */
  shared: z.string().optional(),
});
export type ToldCreator = z.infer<typeof ToldCreator>;

/** What was gathered about the object of one access before the decision: the values of HISTORY_FACTS. */
export const HistoryFacts = z.object({
  ownCreation: z.boolean(), preexisting: z.boolean(),
  /** Who may have made it, for whoever asks why; no rule reads it. Absent where nobody is known. */
  creators: z.array(ToldCreator).optional(),
});
export type HistoryFacts = z.infer<typeof HistoryFacts>;

/** What was gathered for one access before the decision: of its object's history, and of what the target expects of the command. What no rule reads is absent. */
export const GatheredFacts = HistoryFacts.partial().extend({ estimatedRows: z.number().int().nonnegative().optional() });
export type GatheredFacts = z.infer<typeof GatheredFacts>;
