import { accepted, refused, unreachable, type Decider, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, GrantHolder, GrantState, Principal, Vote } from '@interlock/contracts';
import { holderOf, holding, isHeldBy, mayComeBack } from './coming-back.js';
import { coveredBy, type PlanPlace } from './plan.js';
import { peopleOf, seatOf } from './delegation.js';
import { isSamePrincipal } from './same-principal.js';

/**
 * One approval's life:
 *
 *     pending ─approve (quorum)─▶ approved ─consume─▶ consumed
 *        ├─deny─▶ denied             ├─(window over)─▶ expired
 *        ├─(window over)─▶ expired   └─withdraw─▶ withdrawn
 *        └─withdraw, take back─▶ withdrawn
 *
 * While it is open, one command at a time holds it: the one that asked, until its wait is over, and then whichever same command comes back
 * for it first (`resume`), from any session of its requester and through any instance. Only the holder withdraws it or uses it.
 *
 * A plan is never used itself: its commands draw on it, each once, and get grants of their own that are approved from the beginning.
 */
export type ApprovalCommand =
  | { readonly kind: 'request'; readonly request: ApprovalRequest; readonly planned?: Planned }
  | { readonly kind: 'draw'; readonly entry: number; readonly asked: ApprovalRequest; readonly nowMs: number }
  | { readonly kind: 'vote'; readonly vote: Vote; readonly standing: Standing; readonly nowMs: number }
  | { readonly kind: 'resume'; readonly asked: ApprovalRequest; readonly nowMs: number }
  | { readonly kind: 'withdraw'; readonly by: Holder }
  /** The requester or a human behind it takes the request back; `isOwn` says whether `by` is one of these. */
  | { readonly kind: 'takeBack'; readonly by: Principal; readonly isOwn: boolean }
  | { readonly kind: 'consume'; readonly by: Holder; readonly grantDigest: string; readonly nowMs: number }
  | { readonly kind: 'expire'; readonly nowMs: number };

/** The place in a plan, and the votes that it was agreed to by. */
export interface Planned extends PlanPlace {
  readonly votes: readonly Vote[];
}

/** The instance of a connector that holds the parked command. */
export type Holder = Pick<GrantHolder, 'connector' | 'instance'>;

/** What identity knows, at the time of the vote, about the people involved. */
export interface Standing {
  /** Whether the approver, and in whose stead they vote, share no human with the requester as it stands now; the refusal names the human they share. */
  readonly independentOfRequester: Outcome<unknown>;
  /** The same towards every earlier approver, so that one person with two accounts counts once. */
  readonly independentOfApprovers: Outcome<unknown>;
}

export type ApprovalEvent =
  | { readonly kind: 'requested'; readonly request: ApprovalRequest; readonly planned?: Planned }
  | { readonly kind: 'drawn'; readonly entry: number; readonly grant: string; readonly asked: ApprovalRequest }
  | { readonly kind: 'voted'; readonly vote: Vote; readonly status: 'pending' | 'approved' | 'denied' }
  | { readonly kind: 'resumed'; readonly holder: GrantHolder }
  | { readonly kind: 'withdrawn'; readonly by?: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'consumed' };

export const approval: Decider<ApprovalCommand, ApprovalEvent, GrantState | undefined> = {
  initial: undefined,
  decide(command, state) {
    if (command.kind === 'request') return request(command, state);
    if (!state) return refused('approval_unknown', 'There is no approval with this id.', { hint: 'List the pending ones with `interlock approvals list`.' });
    switch (command.kind) {
      case 'vote':
        return vote(command, state);
      case 'draw':
        return draw(command, state);
      case 'resume':
        return resume(command, state);
      case 'withdraw':
        return withdraw(command.by, state);
      case 'takeBack':
        return takeBack(command, state);
      case 'consume':
        return consume(command, state);
      case 'expire':
        return expire(command.nowMs, state);
      default:
        return unreachable(command);
    }
  },
  evolve(state, event) {
    if (event.kind === 'requested') return begun(event);
    if (!state) throw new Error(`an approval cannot begin with ${event.kind}`);
    switch (event.kind) {
      case 'voted':
        return { ...state, status: event.status, votes: [...state.votes, event.vote] };
      case 'drawn':
        return { ...state, drawn: [...(state.drawn ?? []), { entry: event.entry, grant: event.grant }] };
      case 'resumed':
        return { ...state, holder: event.holder };
      case 'withdrawn':
      case 'expired':
      case 'consumed':
        return { ...state, status: event.kind };
      default:
        return unreachable(event);
    }
  },
};

type Decided = Outcome<readonly ApprovalEvent[]>;

function begun({ request: asked, planned }: Extract<ApprovalEvent, { kind: 'requested' }>): GrantState {
  if (!planned) return { status: 'pending', request: asked, votes: [] };
  const { plan, entry, votes } = planned;
  return { status: 'approved', request: asked, votes: [...votes], planned: { plan, entry } };
}

/** Asking twice for the same thing is one request; the same id for another thing is refused. */
function request({ request: asked, planned }: Extract<ApprovalCommand, { kind: 'request' }>, state: GrantState | undefined): Decided {
  if (!state) return accepted([{ kind: 'requested', request: asked, ...(planned && { planned }) }]);
  if (state.request.grantDigest === asked.grantDigest) return accepted([]);
  return refused('approval_id_taken', 'Another approval already has this id.');
}

function vote({ vote: cast, standing, nowMs }: Extract<ApprovalCommand, { kind: 'vote' }>, state: GrantState): Decided {
  const objection = mayVote(cast, standing, nowMs, state);
  if (!objection.ok) return objection;
  if (cast.verdict === 'deny') return accepted([{ kind: 'voted', vote: cast, status: 'denied' }]);
  const votes = [...state.votes, cast];
  return accepted([{ kind: 'voted', vote: cast, status: quorumReached(state.request, votes) ? 'approved' : 'pending' }]);
}

function mayVote(cast: Vote, standing: Standing, nowMs: number, state: GrantState): Outcome<unknown> {
  const { approver } = cast;
  if (approver.kind !== 'human') return refused('approver_not_human', `${approver.name} is no human. Only people approve.`);
  if (state.status !== 'pending') return refused('approval_closed', `This approval is ${state.status} already.`);
  if (isOver(state, nowMs)) return refused('approval_expired', `This approval expired at ${state.request.expiresAt}.`, { hint: 'The agent has to send its command again.' });
  if (cast.grantDigest !== state.request.grantDigest) {
    return refused('digest_mismatch', 'The digest that was agreed to is not the digest of this request.', { hint: 'Read the request again and send the grantDigest it shows.' });
  }
  if (!standing.independentOfRequester.ok) return standing.independentOfRequester;
  if (rolesThatCount(state.request, seatOf(cast)).length === 0) return wrongRole(state.request, cast);
  if (cast.verdict === 'deny') return accepted(undefined);
  if (state.request.ask.signed && cast.inSteadOf) {
    return refused('signed_in_own_name', 'The rule takes only approvals that are signed by whoever has the role; nobody signs in the stead of another.', { rule: state.request.ask.rules[0]!, hint: 'Whoever has the role signs it themselves; denying in their stead is possible.' });
  }
  if (state.request.ask.signed && !cast.assertion) {
    return refused('signature_required', 'The rule takes only approvals that are signed by your authenticator.', { rule: state.request.ask.rules[0]!, hint: 'Open the request on the approval page and sign it there.' });
  }
  const again = peopleOf(cast).find((person) => state.votes.flatMap(peopleOf).some((earlier) => isSamePrincipal(earlier, person)));
  if (again) return refused('already_voted', `${again.name} has voted on this already, or someone has in their stead.`);
  return standing.independentOfApprovers;
}

function wrongRole(asked: ApprovalRequest, cast: Vote): Decided {
  const roles = asked.ask.quorum.map((part) => part.role).join(' or ');
  return refused('approver_role', `${seatOf(cast).name} is not in role ${roles}, which rule ${asked.ask.rules.join(', ')} asks for.`, {
    rule: asked.ask.rules[0]!, ...(asked.ask.signed && { hint: 'A role that is granted for a time signs nothing.' }),
  });
}

function rolesThatCount(asked: ApprovalRequest, approver: Principal): readonly string[] {
  return asked.ask.quorum.map((part) => part.role).filter((role) => approver.roles.includes(role));
}

type CountedVote = Pick<Vote, 'verdict' | 'approver' | 'inSteadOf' | 'assertion'>;

/**
 * Whether distinct approvers can fill every part of the quorum: each person counts for one part only, so a person in two
 * groups does not stand in for two people. Where the rule asks for signatures, only approvals signed in one's own name count: a delegation lies on
 * approval's word, and what is released for signatures does not.
 */
export function quorumReached(asked: { readonly ask: Pick<ApprovalRequest['ask'], 'quorum' | 'signed'> }, votes: readonly CountedVote[]): boolean {
  const seats = asked.ask.quorum.flatMap((part) => Array.from({ length: part.count }, () => part.role));
  const counts = (cast: CountedVote): boolean => cast.verdict === 'approve' && (asked.ask.signed === undefined || (cast.assertion !== undefined && cast.inSteadOf === undefined));
  const approvers = votes.filter(counts).map(seatOf);
  return seats.length > 0 && seatAll(seats, approvers);
}

function seatAll(seats: readonly string[], approvers: readonly Principal[]): boolean {
  const [seat, ...others] = seats;
  if (seat === undefined) return true;
  return approvers.some((person, index) => person.roles.includes(seat) && seatAll(others, approvers.toSpliced(index, 1)));
}

function draw({ entry, asked, nowMs }: Extract<ApprovalCommand, { kind: 'draw' }>, state: GrantState): Decided {
  if (state.status !== 'approved' || !state.request.plan) return refused('grant_not_usable', 'This is no approved plan.');
  if (state.drawn?.some((one) => one.entry === entry)) return refused('grant_not_usable', 'This command of the plan was sent already.');
  const covered = coveredBy({ plan: state.request, entry }, asked, nowMs);
  return covered.ok ? accepted([{ kind: 'drawn', entry, grant: asked.id, asked }]) : covered;
}

/** Coming back twice as the same command is coming back once. */
function resume({ asked, nowMs }: Extract<ApprovalCommand, { kind: 'resume' }>, state: GrantState): Decided {
  if (isHeldBy(asked, state, nowMs)) return accepted([]);
  const may = mayComeBack(asked, state, nowMs);
  return may.ok ? accepted([{ kind: 'resumed', holder: holding(asked, state.request, nowMs) }]) : may;
}

function withdraw(by: Holder, state: GrantState): Decided {
  if (!holds(by, state)) return refused('not_yours', 'Only the instance that holds the command may withdraw its request.');
  return isOpen(state) ? accepted([{ kind: 'withdrawn' }]) : accepted([]);
}

/** For the requester and the humans behind it alone, before the command runs. Said again, it is no second withdrawal. */
function takeBack({ by, isOwn }: Extract<ApprovalCommand, { kind: 'takeBack' }>, state: GrantState): Decided {
  if (!isOwn) return refused('not_yours', `${by.name} did not ask for this and answers for nobody who did.`, { hint: 'Who may decide about it can deny it: `interlock approvals deny`.' });
  if (isOpen(state)) return accepted([{ kind: 'withdrawn', by: by.name }]);
  return state.status === 'withdrawn' ? accepted([]) : refused('approval_closed', `This approval is ${state.status} already.`);
}

/** The one use: possible once, before the window ends, for exactly the digest that was agreed to. */
function consume({ by, grantDigest, nowMs }: Extract<ApprovalCommand, { kind: 'consume' }>, state: GrantState): Decided {
  if (state.status !== 'approved') return refused('grant_not_usable', `This grant is ${state.status}.`);
  if (state.request.plan) return refused('grant_not_usable', 'A plan is used command by command.');
  if (!holds(by, state)) return refused('not_yours', 'Only the instance that holds the command may use its grant.');
  if (state.request.grantDigest !== grantDigest) return refused('digest_mismatch', 'The command is not the one that was approved.');
  if (isOver(state, nowMs)) return refused('approval_expired', `This grant expired at ${state.request.expiresAt}.`);
  return accepted([{ kind: 'consumed' }]);
}

function holds(by: Holder, state: GrantState): boolean {
  const holder = holderOf(state);
  return holder.connector === by.connector && holder.instance === by.instance;
}

function expire(nowMs: number, state: GrantState): Decided {
  return accepted(isOpen(state) && isOver(state, nowMs) ? [{ kind: 'expired' }] : []);
}

/** Whether anything can still come of it. */
export function isOpen(state: GrantState): boolean {
  return state.status === 'pending' || state.status === 'approved';
}

function isOver(state: GrantState, nowMs: number): boolean {
  return nowMs >= Date.parse(state.request.expiresAt);
}
