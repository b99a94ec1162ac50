import { z } from 'zod';
import { AccessState } from '../access.js';
import { Stated } from '../action.js';
import { Assertion } from '../authenticator.js';
import { ChatNotice } from '../chat.js';
import { SealedBox } from '../control.js';
import { ApprovalRequest, GrantState, Review, ShownGrant } from '../grant.js';
import { VoteDelegation } from '../vote-delegation.js';
import { RpcRefusal } from './refusal.js';

/** A principal's token, sealed to approval (purpose `token`). */
const Token = SealedBox;
const Empty = z.object({});

/** Requests to approval. */
export const APPROVAL_RPC = {
  /** A connector asks people about a command, with the token of the principal that sent it. */
  'approval.request': {
    request: z.object({ token: Token, request: ApprovalRequest }),
    response: z.object({
      id: z.string(),
      /** The same was asked for before, and is still open: the command has come back for it, and this is what it waits for. */
      resumed: GrantState.optional(),
    }),
  },
  /** A connector tells that the requester breaks the glass, with that person's own token: recorded and agreed to by nobody, it may run once. */
  'approval.breakGlass': { request: z.object({ token: Token, request: ApprovalRequest }), response: z.object({ id: z.string(), resumed: GrantState }) },
  'approval.withdraw': { request: ApprovalRequest.pick({ id: true, connector: true, instance: true }), response: Empty },
  /** The requester itself, or a human behind it, takes a request back before its command runs. */
  'approval.takeBack': { request: z.object({ token: Token, id: z.string() }), response: z.object({ state: GrantState }) },
  'approval.vote': {
    request: z.object({ token: Token, id: z.string(), verdict: z.enum(['approve', 'deny']), grantDigest: z.string(), assertion: Assertion.optional(), comment: z.string().max(2_000).optional(),
      /** Name of the human in whose stead this is cast; in one's own name when absent. */
      inSteadOf: z.string().optional() }),
    response: z.object({ state: GrantState }),
  },
  /** What a person says, after the fact, of a broken glass; one review by each of two people. */
  'approval.review': {
    request: z.object({ token: Token, id: z.string(), verdict: Review.shape.verdict, grantDigest: z.string(), note: z.string().trim().min(1).max(2_000) }),
    response: z.object({ state: GrantState }),
  },
  /** Asks people to agree to several commands in advance, as one. By the principal that will send them, or by a human behind it. */
  'approval.plan': {
    request: z.object({
      token: Token,
      /** The principal that will send them; whoever proposes, when absent. */
      as: z.string().optional(), target: z.string(),
      /** How long votes are taken and the commands may be sent; at most the shortest window of their rules, which it is when absent. */
      windowSeconds: z.number().int().positive().optional(),
      inOrder: z.boolean().default(false), reason: Stated.shape.reason, ticket: Stated.shape.ticket,
      /** Each by its text, or by the `actionDigest` of a request for approval that was made before. */
      commands: z.array(z.union([
        z.object({ text: z.string().min(1).max(64 * 1024), parameters: z.array(z.string().nullable()).max(100).default([]) }).strict(),
        z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/) }).strict(),
      ])).min(1).max(50),
    }),
    response: z.object({ approval: ShownGrant }),
  },
  /** An approver lets another human vote in their stead, from now on. Their roles are theirs alone to lend: what was lent to them is not. */
  'approval.delegate': {
    request: z.object({
      token: Token, to: z.string(), roles: z.array(z.string()).min(1).max(16), targets: z.array(z.string()).min(1).max(100).optional(), rules: z.array(z.string()).min(1).max(100).optional(),
      until: z.iso.datetime(), reason: z.string().min(1).max(500),
    }),
    response: z.object({ delegation: VoteDelegation }),
  },
  /** Those that stand or will, the newest first. */
  'approval.delegations': { request: z.object({ token: Token }), response: z.object({ delegations: z.array(VoteDelegation) }) },
  'approval.revokeDelegation': { request: z.object({ token: Token, delegation: z.string() }), response: z.object({ delegation: z.string(), by: z.string() }) },
  /** Asks for a role for a time, for oneself or for what one stands behind. */
  'approval.requestAccess': {
    request: z.object({ token: Token, role: z.string(), for: z.string().optional(), seconds: z.number().int().positive(), reason: z.string().min(1).max(500) }),
    response: z.object({ access: AccessState }),
  },
  /** What waits or stands, the newest first; whoever may not decide, end or audit it does not see it. */
  'approval.access': { request: z.object({ token: Token }), response: z.object({ access: z.array(AccessState) }) },
  'approval.voteAccess': {
    request: z.object({ token: Token, id: z.string(), verdict: z.enum(['approve', 'deny']), digest: z.string(), comment: z.string().max(2_000).optional() }),
    response: z.object({ access: AccessState }),
  },
  /** Withdraws a request, or ends a role before its time. */
  'approval.endAccess': { request: z.object({ token: Token, id: z.string() }), response: z.object({ access: AccessState }) },
  /** One person's one decision about several requests of one kind, each named with the digest that was read. Each becomes a vote of its own, or is refused by itself. */
  'approval.voteMany': {
    request: z.object({
      token: Token, votes: z.array(z.object({ id: z.string(), grantDigest: z.string() })).min(1).max(50), verdict: z.enum(['approve', 'deny']), comment: z.string().max(2_000).optional(), inSteadOf: z.string().optional(),
    }),
    response: z.object({ batch: z.string(), results: z.array(z.object({ id: z.string(), status: GrantState.shape.status.optional(), refusal: RpcRefusal.optional() })) }),
  },
  'approval.list': {
    request: z.object({ token: Token, status: GrantState.shape.status.optional() }),
    response: z.object({ approvals: z.array(ShownGrant) }),
  },
  /**
   * What became of approvals since `after`, as far as it concerns the reader: each as it is now, in the order of their last steps. Waits up to `waitMs`
   * for something to happen. Without `after`, or with one that lies ahead of everything stored, nothing is told but where to go on from: `fresh`.
   */
  'approval.changes': {
    request: z.object({ token: Token, after: z.number().int().min(0).optional(), waitMs: z.number().int().min(0).max(1_000).default(0) }),
    response: z.object({ changes: z.array(z.object({ step: z.number().int(), approval: ShownGrant })), next: z.number().int(), fresh: z.boolean() }),
  },
  'approval.show': { request: z.object({ token: Token, id: z.string() }), response: z.object({ approval: ShownGrant }) },
  /** What chats are to be told, in the order it came about: everything behind `after` that is not long over, a page at a time. */
  'approval.notices': {
    request: z.object({ after: z.number().int().nonnegative() }),
    response: z.object({ notices: z.array(ChatNotice), next: z.number().int().nonnegative() }),
  },
  /**
   * A chat's own signed request, sealed to approval (purpose `chat-request`: a ChatRequest as JSON), which verifies it itself. The same
   * request again gets the same answer and does nothing more.
   */
  'approval.chatDecision': {
    request: z.object({ sealed: SealedBox }),
    response: z.object({ grant: z.string(), verdict: z.enum(['approve', 'deny']), status: GrantState.shape.status, principal: z.string() }),
  },
} as const;
