import { z } from 'zod';
import { Action } from './action.js';
import { Assertion } from './authenticator.js';
import { ChatRoad } from './chat.js';
import { Ask } from './decision.js';
import { EffectBound, ImpactPreview } from './impact.js';
import { Principal } from './principal.js';
import { Risk } from './risk.js';

/** One command that is to be agreed to in advance. */
export const PlanEntry = z.object({
  /** Exactly as it will be sent. */
  text: z.string(),
  /** Values as text, in order. */
  parameters: z.array(z.string().nullable()),
  /** Of a command that was asked about before: what it means is then held to, too. */
  actionDigest: z.string().optional(),
  /** By which rules, as they stood when it was planned; a command that other rules ask about is not in the plan. */
  ask: Ask,
  reasons: z.array(z.string()),
});
export type PlanEntry = z.infer<typeof PlanEntry>;

/** Commands that people agree to in advance, as one; each may be sent once. */
export const Plan = z.object({ entries: z.array(PlanEntry).min(1), inOrder: z.boolean() });
export type Plan = z.infer<typeof Plan>;

/** What an approver is asked to agree to. */
export const ApprovalRequest = z.object({
  id: z.string(),
  session: z.string(),
  command: z.string(),
  /** The service that asks, by its name in trust.json. */
  connector: z.string(),
  /** The running instance of it that asks, named anew at every start. */
  instance: z.string(),
  requester: Principal,
  target: z.string(),
  action: Action,
  /** Covers requester with chain, target, command, typed parameters and session context. */
  actionDigest: z.string(),
  /** Covers actionDigest, approval-rule hash, validity window, preview, effect bound and state. Approvers agree to this. */
  grantDigest: z.string(),
  ask: Ask,
  /** Why approval is needed, one sentence per rule. */
  reasons: z.array(z.string()),
  /** What the command scored, where a risk model is declared. */
  risk: Risk.optional(),
  /** What it would do, as far as that could be found out. */
  preview: ImpactPreview.optional(),
  /** Absent where no bound was asked for. */
  bound: EffectBound.optional(),
  /** SHA-256 over what the target itself knows the very rows by that were counted: the command runs while they are the same, and on no others. */
  state: z.string().optional(),
  /**
   * In place of one command: then the action's text lists them, its context holds the digest of the plan, and session and command are
   * empty, for nothing waits.
   */
  plan: Plan.optional(),
  requestedAt: z.string(),
  expiresAt: z.string(),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** A request's texts as people read them: what they would not see as it is (marks of direction, characters without width, controls) is escaped as `\\u{202e}`. */
export const ShownRequest = z.object({
  command: z.string(),
  parameters: z.array(z.string()),
  /** Why approval is needed. */
  reasons: z.array(z.string()),
  /** What people agree to of its effect, a sentence each. */
  effect: z.array(z.string()).optional(),
  /** What the agent says it is for; its word alone. */
  reason: z.string().optional(),
  ticket: z.string().optional(),
  /** Why the glass was broken. */
  breakGlass: z.string().optional(),
});
export type ShownRequest = z.infer<typeof ShownRequest>;

export const Vote = z.object({
  approver: Principal,
  verdict: z.enum(['approve', 'deny']),
  /** The digest the approver saw; must equal the request's. */
  grantDigest: z.string(),
  comment: z.string().max(2_000).optional(),
  at: z.string(),
  /** The chat that it came by; absent where the person's own token was verified. */
  via: ChatRoad.optional(),
  /** The voter's authenticator over the digest, where the vote is signed. */
  assertion: Assertion.optional(),
  /** Names the decision that it came with, where one was about several requests. */
  batch: z.string().optional(),
  /** Whose vote it is, where the approver casts it for another: the delegation, and the delegator with the roles that it counts for. */
  inSteadOf: z.object({ delegation: z.string(), approver: Principal }).optional(),
});
export type Vote = z.infer<typeof Vote>;

/** The command that waits for a grant now, or waited for it last: only it withdraws the request, and only it uses the grant. */
export const GrantHolder = z.object({
  connector: z.string(),
  instance: z.string(),
  session: z.string(),
  command: z.string(),
  /** Until then nobody else may come back for it. RFC 3339. */
  until: z.string(),
});
export type GrantHolder = z.infer<typeof GrantHolder>;

/** What one person says, after the fact, of a broken glass. */
export const Review = z.object({
  reviewer: Principal,
  verdict: z.enum(['accept', 'object']),
  /** The digest of what the reviewer read; must equal the request's. */
  grantDigest: z.string(),
  note: z.string().min(1).max(2_000),
  at: z.string(),
});
export type Review = z.infer<typeof Review>;

/** A broken glass: nobody agreed before the command ran, and two people say afterwards what they think of it. */
export const Glass = z.object({
  /** Until then two people must have reviewed it, or whoever broke it is locked. RFC 3339. */
  dueAt: z.string(),
  reviews: z.array(Review),
  /** When its review was found overdue, and whoever broke it locked. */
  overdueAt: z.string().optional(),
  /** When that lock was lifted because two people had reviewed it. */
  liftedAt: z.string().optional(),
});
export type Glass = z.infer<typeof Glass>;

/**
 * The whole state of one grant, as the last message on `grants.<id>` of stream GRANTS holds it. Every change appends
 * the new state by compare-and-set on the subject's last sequence; `consumed` is therefore reached once.
 */
export const GrantState = z.object({
  status: z.enum(['pending', 'approved', 'denied', 'expired', 'withdrawn', 'consumed']),
  request: ApprovalRequest,
  votes: z.array(Vote),
  /** Who came back for it last; the command that asked, when absent. */
  holder: GrantHolder.optional(),
  /** Of a plan: which of its commands were sent for approval, and as which grant. */
  drawn: z.array(z.object({ entry: z.number().int().nonnegative(), grant: z.string() })).optional(),
  /** Of a command of an approved plan: the plan that people agreed to, and its place there. The votes are the plan's, and name its digest. */
  planned: z.object({ plan: ApprovalRequest, entry: z.number().int().nonnegative() }).optional(),
  /** Of a broken glass: it is approved from the beginning, and no vote counts. */
  glass: Glass.optional(),
});
export type GrantState = z.infer<typeof GrantState>;

/** A grant for people to read: its state, and its texts as they can be read safely. */
export const ShownGrant = GrantState.extend({ shown: ShownRequest });
export type ShownGrant = z.infer<typeof ShownGrant>;
