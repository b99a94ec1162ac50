import { refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, GrantState } from '@interlock/contracts';
import { voterName } from '@interlock/domain-approval';

/** What a client hears whose parked command was taken back. */
export function cancelled({ id }: ApprovalRequest): Outcome<never> {
  return refused('withdrawn', `The command was withdrawn while it waited for approval ${id}; it was not sent.`);
}

/** Nobody has decided so far, and the client is not held any longer; the request stays open. */
export function stillOpen({ id, ask, expiresAt }: ApprovalRequest, waitedSeconds: number): Outcome<never> {
  return refused('approval_pending', `Nobody decided about approval ${id} within ${waitedSeconds} s, which is how long the command may wait; it was not sent. The approval stays open until ${expiresAt}.`, {
    rule: ask.rules[0]!, retryable: true, hint: 'Come back with the same command before then, from any session: it waits on, and runs once if people have agreed meanwhile.',
  });
}

/** Why a command is not forwarded about which people decided otherwise, or not in time. */
export function notGranted({ id, ask, expiresAt }: ApprovalRequest, state: GrantState | undefined): Outcome<never> {
  const rule = ask.rules[0]!;
  if (state?.status === 'denied') {
    const vote = state.votes.find((one) => one.verdict === 'deny');
    const comment = vote?.comment ? `: ${vote.comment}` : '';
    return refused('approval_denied', `${vote ? voterName(vote) : 'An approver'} denied approval ${id}${comment}`, { rule, hint: 'Talk to the approver before you ask again.' });
  }
  if (state?.status === 'withdrawn') return refused('withdrawn', `Approval ${id} was withdrawn; the command was not sent.`, { rule });
  if (state?.status === 'consumed') return refused('grant_not_usable', `Approval ${id} was used by the same command in another session; this one was not sent.`, { rule, hint: 'Send it again to ask again.' });
  return refused('approval_expired', `Nobody decided about approval ${id} before ${expiresAt}; the command was not sent.`, { rule, hint: `Send it again while someone with the role ${ask.quorum.map((part) => part.role).join(' or ')} is there.` });
}
