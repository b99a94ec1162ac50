import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, Configuration, GrantFact, GrantState, Lock } from '@interlock/contracts';
import { quorumReached } from '@interlock/domain-approval';
import { asOfNow, independentThenAndNow, lockOnPerson, mayBeActedFor } from '@interlock/domain-identity';

/** What the control plane says at the moment of forwarding. */
export interface PresentWord {
  readonly configuration: Configuration;
  readonly locks: Iterable<Lock>;
}

/**
 * What the votes of an approved grant amount to at the moment of forwarding. Every approver must still be known, in a role the
 * rule asks for and free of locks, and share no human with the requester or with each other, by the votes as they were cast and
 * by the configuration of now, and whoever acted for the requester must still be allowed to. A vote that no longer counts leaves the quorum; a
 * quorum that is no longer full refuses. `agreed` is the digest that votes must name.
 */
export function agreementNow(request: ApprovalRequest, state: GrantState, { configuration, locks }: PresentWord, agreed = request.grantDigest): Outcome<GrantFact> {
  const acting = mayBeActedFor(request.requester, configuration);
  if (!acting.ok) return acting;
  const approvals: (typeof state.votes)[number][] = [];
  for (const vote of state.votes) {
    if (vote.verdict !== 'approve' || vote.grantDigest !== agreed) continue;
    const present = asOfNow(vote.approver, configuration);
    if (!present || lockOnPerson(present, locks)) continue;
    for (const other of [request.requester, ...approvals.map(({ approver }) => approver)]) {
      const apart = independentThenAndNow(vote.approver, other, configuration);
      if (!apart.ok) return apart;
    }
    approvals.push({ ...vote, approver: { ...present, roles: present.roles.filter((role) => vote.approver.roles.includes(role)) } });
  }
  if (state.request.grantDigest !== request.grantDigest || !quorumReached(request, approvals)) {
    return refused('grant_not_usable', 'The grant does not hold, at this moment, the approvals that its rule asks for.', {
      rule: request.ask.rules[0]!, hint: 'An approver may have lost the role or been locked meanwhile. Send the command again to ask again.',
    });
  }
  const { id, ask } = request;
  return accepted({ id, rules: ask.rules, ruleHash: ask.ruleHash, approvers: approvals.map((vote) => vote.approver.name), ...(ask.risk && { risk: ask.risk }) });
}
