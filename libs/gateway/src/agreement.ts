import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, Configuration, VoteDelegation, GrantFact, GrantState, Lock, Principal, Vote } from '@interlock/contracts';
import { peopleOf, quorumReached, seatInStead, voterName } from '@interlock/domain-approval';
import { asOfNow, independentThenAndNow, lockOnPerson, mayBeActedFor } from '@interlock/domain-identity';

/** What the control plane says at the moment of forwarding. */
export interface PresentWord {
  readonly configuration: Configuration;
  readonly locks: Iterable<Lock>;
  readonly delegations: ReadonlyMap<string, VoteDelegation>;
  readonly nowMs: number;
}

/**
 * What the votes of an approved grant amount to at the moment of forwarding. Every approver, and in whose stead they voted, must still be known, in a role
 * the rule asks for and free of locks, and share no human with the requester or with each other, by the votes as they were cast and
 * by the configuration of now; whoever acted for the requester must still be allowed to, and a delegation must still stand. A vote that no longer counts leaves the quorum; a quorum that is no longer full refuses.
 * `agreed` is the digest that votes must name.
 */
export function agreementNow(request: ApprovalRequest, state: GrantState, word: PresentWord, agreed = request.grantDigest): Outcome<GrantFact> {
  if (request.ask.glass) return glassNow(request, state, word);
  const acting = mayBeActedFor(request.requester, word.configuration);
  if (!acting.ok) return acting;
  const approvals: Vote[] = [];
  for (const vote of state.votes) {
    if (vote.verdict !== 'approve' || vote.grantDigest !== agreed) continue;
    const present = presentVote(vote, request, word);
    if (!present) continue;
    for (const other of [request.requester, ...approvals.flatMap(peopleOf)]) {
      const apart = allApart(peopleOf(vote), other, word.configuration);
      if (!apart.ok) return apart;
    }
    approvals.push(present);
  }
  if (state.request.grantDigest !== request.grantDigest || !quorumReached(request, approvals)) {
    return refused('grant_not_usable', 'The grant does not hold, at this moment, the approvals that its rule asks for.', {
      rule: request.ask.rules[0]!, hint: 'An approver may have lost the role or been locked meanwhile, or a delegation may have ended. Send the command again to ask again.',
    });
  }
  const { id, ask } = request;
  return accepted({ id, rules: ask.rules, ruleHash: ask.ruleHash, approvers: approvals.map(voterName), ...(ask.risk && { risk: ask.risk }) });
}

/**
 * What a broken glass amounts to at the moment of forwarding: nobody agreed, and whoever broke it is still known and free of locks. Whether they may, the rules
 * say when it is decided again.
 */
function glassNow(request: ApprovalRequest, state: GrantState, word: PresentWord): Outcome<GrantFact> {
  const { id, ask, requester } = request;
  const isItsOwn = state.glass !== undefined && state.request.grantDigest === request.grantDigest && requester.kind === 'human' && requester.actors === undefined;
  if (isItsOwn && presentPerson(requester, word)) return accepted({ id, rules: ask.rules, ruleHash: ask.ruleHash, approvers: [], glass: true });
  return refused('grant_not_usable', 'The glass is not broken for this command, or whoever broke it may not any more.', { rule: ask.rules[0]!, hint: 'Leave break_glass out, and people are asked.' });
}

/** The vote with roles that its people had then and have now; undefined where it counts no more. */
function presentVote(vote: Vote, request: ApprovalRequest, word: PresentWord): Vote | undefined {
  const approver = presentPerson(vote.approver, word);
  if (!approver || !vote.inSteadOf) return approver && { ...vote, approver };
  const delegation = word.delegations.get(vote.inSteadOf.delegation);
  const delegator = presentPerson(vote.inSteadOf.approver, word);
  const seat = delegation && seatInStead(delegation, { delegate: approver, delegator }, request, word.nowMs);
  return seat?.ok ? { ...vote, approver, inSteadOf: seat.value } : undefined;
}

function presentPerson(person: Principal, { configuration, locks }: PresentWord): Principal | undefined {
  const present = asOfNow(person, configuration);
  return present && !lockOnPerson(present, locks) ? { ...present, roles: present.roles.filter((role) => person.roles.includes(role)) } : undefined;
}

function allApart(people: readonly Principal[], other: Principal, configuration: Configuration): Outcome<unknown> {
  return people.map((person) => independentThenAndNow(person, other, configuration)).find((apart) => !apart.ok) ?? accepted(undefined);
}
