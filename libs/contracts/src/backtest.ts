import { z } from 'zod';
import { Decision } from './decision.js';

const Outcome = Decision.shape.outcome;

/** Commands of one principal at one target that would come out otherwise, by the same rules. */
export const BacktestChange = z.object({
  from: Outcome,
  to: Outcome,
  principal: z.string(),
  target: z.string(),
  /** The rules that would decide. */
  rules: z.array(z.string()),
  count: z.number().int(),
  /** The first few. Text is there only for whoever may see it. */
  examples: z.array(z.object({ command: z.string(), at: z.string(), verb: z.string(), objects: z.array(z.string()), text: z.string().optional() })),
});
export type BacktestChange = z.infer<typeof BacktestChange>;

/** What a proposed configuration would have made of recorded commands, as of the identities and grants of their moment. */
export const Backtest = z.object({
  /** The version that is compared with what was recorded, by whatever versions that was. */
  bundleVersion: z.number().int(),
  since: z.string(),
  /** When the last of the commands was recorded. */
  until: z.string(),
  /** False when the limit of commands ended it. */
  complete: z.boolean(),
  commands: z.number().int(),
  unchanged: z.number().int(),
  /** Most frequent first. */
  changes: z.array(BacktestChange),
  /** Commands in changes that are not listed, because there are too many kinds. */
  unlisted: z.number().int(),
  /** Commands that people had agreed to, decided again with their grant: it would still hold, or no longer. */
  grants: z.object({ kept: z.number().int(), voided: z.number().int() }),
  approvals: z.object({
    /** What the numbers a day are counted over, one at least. */
    days: z.number(),
    perDayBefore: z.number(), perDayAfter: z.number(),
    roles: z.array(z.object({
      role: z.string(), perDayBefore: z.number(), perDayAfter: z.number(),
      /** People with the role in the proposed configuration. */
      approvers: z.array(z.string()),
      askers: z.array(z.object({ principal: z.string(), perDay: z.number() })),
    })),
  }),
  /** Commands that could not be replayed, by reason. */
  undecidable: z.array(z.object({ reason: z.string(), count: z.number().int() })),
  /** Commands for which the proposed rules read who made an object, or how many rows the target expects, and nothing was gathered at the time: decided as if that were not known. */
  withoutHistory: z.number().int(),
});
export type Backtest = z.infer<typeof Backtest>;
