import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, VoteDelegation, Principal, Vote } from '@interlock/contracts';
import { isSamePrincipal } from './same-principal.js';

/** The longest that a delegation may last: who is away for longer needs a change of roles, which two people agree to. */
export const DELEGATION_DAYS_MAX = 31;
/** Delegations of one person that may stand at a time. */
export const DELEGATIONS_MAX = 16;

const DAY_MS = 86_400_000;

/** What identity and configuration say about the two people of a delegation at the moment it is made. */
export interface DelegationStanding {
  /** Whether they share no human: nobody stands in for themselves. */
  readonly independent: Outcome<unknown>;
  /** Whether the delegate may have these roles beside what they stand behind already. */
  readonly separate: Outcome<unknown>;
}

/** Whether an approver may let this human vote in their stead. `others` are the delegations that were not revoked. */
export function mayDelegate(wish: VoteDelegation, standing: DelegationStanding, others: Iterable<VoteDelegation>, nowMs: number): Outcome<VoteDelegation> {
  const { delegator, delegate, roles } = wish;
  const agent = [delegator, delegate].find(({ kind }) => kind !== 'human');
  if (agent) return refused('delegate_not_human', `${agent.name} is no human. Only people approve, so only people stand in for each other.`);
  const missing = roles.find((role) => !delegator.roles.includes(role));
  if (missing !== undefined) return refused('role_missing', `${delegator.name} does not have role ${missing} and cannot lend it.`, { hint: 'What was lent to you cannot be lent again.' });
  if (!standing.independent.ok) return standing.independent;
  if (!standing.separate.ok) return standing.separate;
  return inTime(wish, nowMs) ?? notTooMany(wish, others, nowMs) ?? accepted(wish);
}

function inTime({ from, until }: VoteDelegation, nowMs: number): Outcome<never> | undefined {
  const [start, end] = [Date.parse(from), Date.parse(until)];
  if (end > start && end > nowMs && end - start <= DELEGATION_DAYS_MAX * DAY_MS) return undefined;
  return refused('delegation_time', `A delegation ends in the future, and at most ${DELEGATION_DAYS_MAX} days after it begins.`, { hint: 'For longer, change who has the role.' });
}

function notTooMany({ delegator }: VoteDelegation, others: Iterable<VoteDelegation>, nowMs: number): Outcome<never> | undefined {
  const own = [...others].filter((other) => isSamePrincipal(other.delegator, delegator) && nowMs < Date.parse(other.until));
  if (own.length < DELEGATIONS_MAX) return undefined;
  return refused('delegations_too_many', `${delegator.name} has ${DELEGATIONS_MAX} delegations that stand, and no more may.`, { hint: 'Revoke one of them.' });
}

/** A vote that is cast in another's stead, and what is known about both of them now. */
export interface InStead {
  readonly delegate: Principal;
  /** With the roles of now; undefined when the configuration does not know them any more, or a lock stands on them. */
  readonly delegator: Principal | undefined;
}

/**
 * Whose seat a delegate's vote fills: the delegator's, with the roles that were lent and that they still have. Refuses where the delegation does not
 * stand, is someone else's or does not cover the request.
 */
export function seatInStead(delegation: VoteDelegation, { delegate, delegator }: InStead, request: ApprovalRequest, nowMs: number): Outcome<NonNullable<Vote['inSteadOf']>> {
  const { id, delegator: given } = delegation;
  if (!isSamePrincipal(delegation.delegate, delegate)) return refused('not_delegated', `VoteDelegation ${id} is not ${delegate.name}'s.`);
  if (!standsAt(delegation, nowMs)) return refused('not_delegated', `VoteDelegation ${id} stands from ${delegation.from} until ${delegation.until}.`);
  if (!delegator || !isSamePrincipal(given, delegator)) return refused('not_delegated', `${given.name}, who delegated, is locked or is no principal any more.`);
  if (!covers(delegation, request)) return refused('not_delegated', `VoteDelegation ${id} does not cover approval ${request.id}.`, { hint: 'It names the targets, rules and roles that it covers.' });
  const roles = delegator.roles.filter((role) => delegation.roles.includes(role));
  return accepted({ delegation: id, approver: { ...delegator, roles } });
}

export function standsAt({ from, until }: VoteDelegation, nowMs: number): boolean {
  return Date.parse(from) <= nowMs && nowMs < Date.parse(until);
}

/** Where rules are named, every rule that asks must be among them: an approval lifts them all. */
function covers({ targets, rules, roles }: VoteDelegation, { target, ask }: ApprovalRequest): boolean {
  return (!targets || targets.includes(target)) && (!rules || ask.rules.every((rule) => rules.includes(rule))) && ask.quorum.some(({ role }) => roles.includes(role));
}

/** Everyone whose independence a vote needs: who cast it, and in whose stead. */
export function peopleOf({ approver, inSteadOf }: Pick<Vote, 'approver' | 'inSteadOf'>): readonly Principal[] {
  return inSteadOf ? [approver, inSteadOf.approver] : [approver];
}

/** Whoever's roles a vote counts for. */
export function seatOf({ approver, inSteadOf }: Pick<Vote, 'approver' | 'inSteadOf'>): Principal {
  return inSteadOf?.approver ?? approver;
}

/** A vote's people in words, both of them where there are two. */
export function voterName({ approver, inSteadOf }: Pick<Vote, 'approver' | 'inSteadOf'>): string {
  return inSteadOf ? `${approver.name} in stead of ${inSteadOf.approver.name}` : approver.name;
}
