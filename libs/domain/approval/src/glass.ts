import { accepted, refused, unreachable, type Decider, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, GrantState, Review } from '@interlock/contracts';
import type { Standing } from './approval.js';
import { isSamePrincipal } from './same-principal.js';

/** People who have to review a broken glass: distinct, and independent of each other and of whoever broke it. */
const GLASS_REVIEWS = 2;

/** What became of a review so far. */
export type GlassStatus = 'due' | 'accepted' | 'objected';

/**
 * A refusal that one person lifts on their own word, and two others look at afterwards:
 *
 *     break ─▶ due ─review─▶ due ─review─▶ accepted, or objected when either of the two objects
 *               └─(dueAt)─▶ overdue: whoever broke it is locked ─review, review─▶ settled: that lock goes
 *
 * It is a grant that is approved from the beginning, by nobody; what becomes of its command is the business of `approval`.
 */
export type GlassCommand =
  | { readonly kind: 'break'; readonly request: ApprovalRequest; readonly nowMs: number }
  | { readonly kind: 'review'; readonly review: Review; readonly standing: ReviewStanding }
  /** Of what was found overdue, whoever has reviewed it since: a lock may stand for it, and goes only if this is marked. */
  | { readonly kind: 'overdue'; readonly nowMs: number }
  | { readonly kind: 'settle'; readonly nowMs: number };

/** What identity knows, at the time of the review, about the people involved. */
export interface ReviewStanding {
  /** That the reviewer shares no human with whoever broke the glass. */
  readonly independentOfRequester: Standing['independentOfRequester'];
  /** The same towards whoever has reviewed it before. */
  readonly independentOfReviewers: Outcome<unknown>;
}

export type GlassEvent =
  | { readonly kind: 'broken'; readonly request: ApprovalRequest; readonly dueAt: string }
  | { readonly kind: 'reviewed'; readonly review: Review; readonly status: GlassStatus }
  | { readonly kind: 'overdue'; readonly at: string }
  | { readonly kind: 'settled'; readonly at: string };

export const glass: Decider<GlassCommand, GlassEvent, GrantState | undefined> = {
  initial: undefined,
  decide(command, state) {
    if (command.kind === 'break') return breakIt(command, state);
    if (!state?.glass) return refused('glass_unknown', 'No glass was broken under this id.', { hint: 'List what waits with `interlock approvals list`.' });
    switch (command.kind) {
      case 'review':
        return review(command, state);
      case 'overdue':
        return accepted(command.nowMs >= Date.parse(state.glass.dueAt) && state.glass.overdueAt === undefined ? [{ kind: 'overdue', at: timeOf(command.nowMs) }] : []);
      case 'settle':
        return accepted(isToSettle(state) ? [{ kind: 'settled', at: timeOf(command.nowMs) }] : []);
      default:
        return unreachable(command);
    }
  },
  evolve(state, event) {
    if (event.kind === 'broken') return { status: 'approved', request: event.request, votes: [], glass: { dueAt: event.dueAt, reviews: [] } };
    if (!state?.glass) throw new Error(`a broken glass cannot begin with ${event.kind}`);
    const { glass: before } = state;
    switch (event.kind) {
      case 'reviewed':
        return { ...state, glass: { ...before, reviews: [...before.reviews, event.review] } };
      case 'overdue':
        return { ...state, glass: { ...before, overdueAt: event.at } };
      case 'settled':
        return { ...state, glass: { ...before, liftedAt: event.at } };
      default:
        return unreachable(event);
    }
  },
};

/** What two reviews come to; undefined of what is no broken glass. */
export function glassStatus({ glass: broken }: Pick<GrantState, 'glass'>): GlassStatus | undefined {
  return broken && statusOf(broken.reviews);
}

/** Whether its reviews are not there in time, or were not. */
export function isOverdue({ glass: broken }: Pick<GrantState, 'glass'>, nowMs: number): boolean {
  if (!broken) return false;
  const last = broken.reviews[GLASS_REVIEWS - 1];
  return (last ? Date.parse(last.at) : nowMs) >= Date.parse(broken.dueAt);
}

/** Whether its lock has to go: two people have reviewed what was overdue. */
export function isToSettle(state: Pick<GrantState, 'glass'>): boolean {
  return state.glass?.overdueAt !== undefined && state.glass.liftedAt === undefined && glassStatus(state) !== 'due';
}

type Decided = Outcome<readonly GlassEvent[]>;

/** By a person for themselves, with a reason; whose token is with an agent acts through the agent. */
function breakIt({ request, nowMs }: Extract<GlassCommand, { kind: 'break' }>, state: GrantState | undefined): Decided {
  const { requester, ask, action } = request;
  const rule = ask.rules[0]!;
  if (!ask.glass) return refused('glass_not_offered', 'No rule that refuses this lets anyone break its glass.', { rule });
  if (requester.kind !== 'human' || requester.actors !== undefined) return refused('glass_not_human', `${requester.name} is no person who acts in their own name. Only people break the glass.`, { rule });
  if (!action.stated?.breakGlass?.trim()) return refused('glass_without_reason', 'Whoever breaks the glass says why.', { rule, hint: 'State it with the command: /* interlock: break_glass="..." */' });
  if (!state) return accepted([{ kind: 'broken', request, dueAt: timeOf(nowMs + ask.glass.reviewSeconds * 1_000) }]);
  return state.request.grantDigest === request.grantDigest ? accepted([]) : refused('approval_id_taken', 'Another approval already has this id.');
}

function review({ review: said, standing }: Extract<GlassCommand, { kind: 'review' }>, state: GrantState): Decided {
  const may = mayReview(said, standing, state);
  if (!may.ok) return may;
  const { reviews } = state.glass!;
  return accepted([{ kind: 'reviewed', review: said, status: statusOf([...reviews, said]) }]);
}

function mayReview({ reviewer, grantDigest }: Review, standing: ReviewStanding, { request, glass: broken }: GrantState): Outcome<unknown> {
  const rule = request.ask.rules[0]!;
  const reviewers = request.ask.glass?.reviewers ?? [];
  const { reviews } = broken!;
  if (reviewer.kind !== 'human' || reviewer.actors !== undefined) return refused('reviewer_not_human', `${reviewer.name} is no person who acts in their own name. Only people review.`);
  if (statusOf(reviews) !== 'due') return refused('glass_reviewed', 'Two people have reviewed this already.');
  if (grantDigest !== request.grantDigest) return refused('digest_mismatch', 'The digest that was reviewed is not the digest of this request.', { hint: 'Read it again and send the grantDigest it shows.' });
  if (!standing.independentOfRequester.ok) return standing.independentOfRequester;
  if (!reviewers.some((role) => reviewer.roles.includes(role))) return refused('reviewer_role', `${reviewer.name} is not in role ${reviewers.join(' or ')}, which reviews what breaks the glass of rule ${request.ask.rules.join(', ')}.`, { rule });
  if (reviews.some((earlier) => isSamePrincipal(earlier.reviewer, reviewer))) return refused('already_reviewed', `${reviewer.name} has reviewed this already; it takes two people.`);
  return standing.independentOfReviewers;
}

function statusOf(reviews: readonly Review[]): GlassStatus {
  if (reviews.length < GLASS_REVIEWS) return 'due';
  return reviews.some(({ verdict }) => verdict === 'object') ? 'objected' : 'accepted';
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
