import { accepted, digestOf, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, Ask, GrantHolder, GrantState } from '@interlock/contracts';

/** How far clocks may differ: whoever is told to come back may do so at once, at a replica whose clock is behind. */
const CLOCKS_MS = 1_000;

/** When the wait of a command for this request ends, if it begins at `fromMs`: milliseconds since the epoch, and never after the window. */
export function waitEndsAtMs({ ask, expiresAt }: Pick<ApprovalRequest, 'ask' | 'expiresAt'>, fromMs: number): number {
  return Math.min(fromMs + Math.min(ask.waitSeconds ?? ask.windowSeconds, ask.windowSeconds) * 1_000, Date.parse(expiresAt));
}

/** The command that waits for it, or waited for it last. */
export function holderOf({ holder, request }: GrantState): GrantHolder {
  return holder ?? holding(request, request, Date.parse(request.requestedAt));
}

/** The hold of whoever asks `by` on what was asked for in `request`. */
export function holding(by: Pick<ApprovalRequest, 'connector' | 'instance' | 'session' | 'command'>, request: ApprovalRequest, fromMs: number): GrantHolder {
  const { connector, instance, session, command } = by;
  return { connector, instance, session, command, until: new Date(waitEndsAtMs(request, fromMs)).toISOString() };
}

/**
 * Whether a command that asks may come back for what was asked for before. It is the same request of the same requester (the digest of the
 * action covers chain, target, text, parameters and context), by the same rules as they stand, at no higher risk; nobody waits for it.
 */
export function mayComeBack(asked: ApprovalRequest, state: GrantState, nowMs: number): Outcome<unknown> {
  const { request, status } = state;
  if (state.glass) return refused('approval_closed', 'A broken glass serves the command that broke it, and no other.');
  if (status !== 'pending' && status !== 'approved') return refused('approval_closed', `This approval is ${status} already.`);
  if (nowMs >= Date.parse(request.expiresAt)) return refused('approval_expired', `This approval expired at ${request.expiresAt}.`);
  if (!asksForTheSame(asked, request)) return refused('digest_mismatch', 'Another command was asked for, by other rules, or at a lower risk.');
  if (Math.max(nowMs, Date.parse(asked.requestedAt)) + CLOCKS_MS < Date.parse(holderOf(state).until)) return refused('approval_held', 'A command waits for it already.');
  return accepted(undefined);
}

/** Whether a request asks people to agree to nothing but what an earlier one asks them to agree to. */
export function asksForTheSame(asked: ApprovalRequest, earlier: ApprovalRequest): boolean {
  return earlier.actionDigest === asked.actionDigest && earlier.connector === asked.connector && earlier.target === asked.target && asksTheSame(asked.ask, earlier.ask);
}

/** Whether the same rules ask, as they stand, the same people, at no higher risk. */
export function asksTheSame(now: Ask, then: Ask): boolean {
  const isSame = digestOf({ rules: now.rules, ruleHash: now.ruleHash, quorum: now.quorum }) === digestOf({ rules: then.rules, ruleHash: then.ruleHash, quorum: then.quorum });
  return isSame && now.risk?.model === then.risk?.model && (now.risk?.score ?? 0) <= (then.risk?.score ?? 0);
}

/** Of all requests the one that this command should come back for: one that people agreed to, else the one that was asked for first. */
export function askedBefore(asked: ApprovalRequest, others: readonly GrantState[], nowMs: number): GrantState | undefined {
  const own = others.find((state) => isHeldBy(asked, state, nowMs));
  if (own) return own;
  const rank = ({ status, request }: GrantState): string => `${status === 'approved' ? 0 : 1} ${request.requestedAt}`;
  return others.filter((state) => mayComeBack(asked, state, nowMs).ok).toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))[0];
}

/** Asked again by the command that has come back for it already: its first answer was lost. */
export function isHeldBy({ connector, instance, command }: ApprovalRequest, { holder, status, request }: GrantState, nowMs: number): boolean {
  const isOpen = (status === 'pending' || status === 'approved') && nowMs < Date.parse(request.expiresAt);
  return isOpen && holder?.connector === connector && holder.instance === instance && holder.command === command;
}
