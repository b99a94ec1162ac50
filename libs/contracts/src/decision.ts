import { z } from 'zod';
import { ChatRoad } from './chat.js';
import { ExercisedAct, Risk } from './risk.js';

export const DecisionReason = z.object({
  /** Id of the rule, or `default-deny`. */
  rule: z.string(),
  effect: z.enum(['permit', 'forbid', 'default']),
  /** One sentence for the reader of a refusal. */
  message: z.string(),
  /** What the reader can do next. */
  hint: z.string().optional(),
});
export type DecisionReason = z.infer<typeof DecisionReason>;

export const AskedRisk = Risk.pick({ model: true, score: true });
export type AskedRisk = z.infer<typeof AskedRisk>;

/** How long a command is held for people where nothing else is said, and its window is not shorter. */
export const WAIT_SECONDS_DEFAULT = 300;

/** What must happen before a refusal is lifted. */
export const Ask = z.object({
  /** Roles whose members may approve, each with how many of them must. */
  quorum: z.array(z.object({ role: z.string(), count: z.number().int().positive() })).min(1),
  /** Ids of the rules that the approval lifts. */
  rules: z.array(z.string()).min(1),
  /** SHA-256 over those rules' text and annotations: a changed rule voids the grant. */
  ruleHash: z.string(),
  /** How long a request is open and, once approved, how long the grant may be used: both from when it was asked. */
  windowSeconds: z.number().int().positive(),
  /** How long the command's own connection is held for it, at most the window; the whole window when absent. */
  waitSeconds: z.number().int().positive().optional(),
  /** The score that asks, where it does, and its model: a changed model voids the grant, and so does a score that rose. Part of `rules` as `risk`. */
  risk: AskedRisk.optional(),
  /** How often one requester's party may ask by each of these rules within a time; rules that are not named set no limit. */
  limits: z.array(z.object({ rule: z.string(), count: z.number().int().positive(), seconds: z.number().int().positive() })).optional(),
  /** Chats in which people may also approve, where every one of the rules says so. Anyone who may approve may deny in any. */
  accepts: z.array(ChatRoad).optional(),
  /** Its rows are to be counted before people are asked, in a transaction that is rolled back. */
  preview: z.literal('exact').optional(),
  /** Rows that people may agree to at most. */
  maxRows: z.number().int().nonnegative().optional(),
  /** How long it may wait inside a transaction that its requester has opened; absent where it may not. */
  waitInTransactionSeconds: z.number().int().positive().optional(),
  /** Those of the rules that do not let it wait there, where others do. */
  notInTransaction: z.array(z.string()).min(1).optional(),
  /** Approvals count only where they are signed by a confirmed authenticator of the approver; the command then runs under the target's elevated credential. */
  signed: z.literal('webauthn').optional(),
  /** The requester breaks the glass: nobody is asked before it runs, and within this time two people of these roles review that it did. */
  glass: z.object({ reviewers: z.array(z.string()).min(1), reviewSeconds: z.number().int().positive() }).optional(),
});
export type Ask = z.infer<typeof Ask>;

export const Decision = z.object({
  outcome: z.enum(['allow', 'deny', 'ask']),
  reasons: z.array(DecisionReason).min(1),
  bundleVersion: z.number().int(),
  ask: Ask.optional(),
  /** Where a risk model is declared. */
  risk: Risk.optional(),
  /** Sides of dynamic separations that the command exercises, where it is allowed. */
  exercises: z.array(ExercisedAct).optional(),
});
export type Decision = z.infer<typeof Decision>;

/** A grant as a fact of the second decision. */
export const GrantFact = z.object({
  id: z.string(),
  rules: z.array(z.string()),
  ruleHash: z.string(),
  approvers: z.array(z.string()),
  risk: AskedRisk.optional(),
  /** Nobody agreed: the requester broke the glass. */
  glass: z.literal(true).optional(),
});
export type GrantFact = z.infer<typeof GrantFact>;
