import { z } from 'zod';

/** A create is about to be forwarded: whoever sent it counts as the creator of what will have this name. */
export const ObjectClaimed = z.object({
  target: z.string(),
  name: z.string(),
  /** Commands that claimed the name before, and whose end nobody saw: they may have made the object as well. */
  unresolved: z.array(z.string()),
});
/** A create has made an object; from now on it is known by its stable id, whatever it will be called. */
export const ObjectBound = z.object({
  target: z.string(),
  name: z.string(),
  id: z.string(),
  /** Names of the principals that count as its creators. */
  creators: z.array(z.string()),
});
/** A create has made nothing. */
export const ObjectReleased = z.object({ target: z.string(), name: z.string() });
