import { z } from 'zod';
import { ExercisedAct } from './risk.js';

/**
 * What was done lately of two acts that a configuration keeps apart over a window, by everyone behind whom one human stands, or by one principal, as
 * the last message on its subject `acts.<hash>` of stream ACTS holds it. Every change appends the new state by compare-and-set.
 */
export const PartyActs = z.object({
  /** Whose acts they are, in words: `human ann`, `principal agent-etl`. */
  behind: z.string(),
  /** Of each side the last one that moved names, and the last that did not. */
  acts: z.array(ExercisedAct.required({ at: true, by: true, command: true })).max(4),
});
export type PartyActs = z.infer<typeof PartyActs>;
