import { z } from 'zod';
import { Access, FactValue, Parameter } from './action.js';
import { GatheredFacts } from './object.js';
import { Ask, DecisionReason } from './decision.js';
import { Risk } from './risk.js';

/** Why a recorded command was decided as it was, and what would lift a refusal. */
export const Explanation = z.object({
  command: z.string(),
  session: z.string().nullable(),
  principal: z.string().nullable(),
  target: z.string().nullable(),
  askedAt: z.string(),
  /** Text and parameters are for auditors, for the principal itself, for the humans behind it and for those who are asked to agree: `withheld` says so where they are absent. */
  text: z.string().optional(),
  parameters: z.array(Parameter).optional(),
  withheld: z.string().optional(),
  /** The action; absent for what could not become one. */
  verb: z.string().optional(),
  accesses: z.array(Access).optional(),
  facts: z.record(z.string(), FactValue).optional(),
  /** In order: the second one is that of the moment of forwarding, after people had agreed. `refused`: it could not become an action. */
  decisions: z.array(z.object({
    event: z.string(), at: z.string(), outcome: z.enum(['allow', 'deny', 'ask', 'refused']), reasons: z.array(DecisionReason), bundleVersion: z.number().int().nullable(), ask: Ask.optional(), risk: Risk.optional(),
    /** By access, null where no rule reads it: what was gathered of the histories of objects for this decision. Absent where no rule reads any. */
    gathered: z.array(GatheredFacts.nullable()).optional(),
  })),
  approval: z.object({
    grant: z.string(), status: z.string(), expiresAt: z.string().nullable(),
    votes: z.array(z.object({ approver: z.string(), verdict: z.enum(['approve', 'deny']), at: z.string() })),
  }).optional(),
  outcome: z.object({ status: z.string(), summary: z.string().nullable(), errorCode: z.string().nullable(), rows: z.number().nullable(), masked: z.number().nullable() }).optional(),
  /** What would let it through, one sentence each; empty when it was allowed. */
  lift: z.array(z.string()),
});
export type Explanation = z.infer<typeof Explanation>;
