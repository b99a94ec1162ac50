import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, GrantState, RoleEntry } from '@interlock/contracts';
import { isOpen } from './approval.js';
import { isSamePrincipal } from './same-principal.js';

/** Bytes of a request as JSON: people must be able to read what they agree to, and every step of its life is stored with it. */
export const REQUEST_BYTES_MAX = 64 * 1024;
/** Approvals that one requester may have open at a time. */
export const OPEN_PER_REQUESTER_MAX = 32;
/** Approvals that one requester may ask for within an hour, ended ones too: what ended stays stored. */
export const ASKED_PER_HOUR_MAX = 240;

const HOUR_MS = 3_600_000;

/** Whether people can be asked to read this at all. */
export function shortEnough(request: ApprovalRequest): Outcome<ApprovalRequest> {
  const bytes = Buffer.byteLength(JSON.stringify(request));
  if (bytes <= REQUEST_BYTES_MAX) return accepted(request);
  return refused('approval_too_large', `The command needs approval, and what people would have to read has ${bytes} bytes; at most ${REQUEST_BYTES_MAX} may wait for approval.`, {
    hint: 'Send it as smaller commands, each of which people can read.',
  });
}

/** Whether the requester may ask for one more, of people of roles that may be asked so often. The other approvals are given as they are; one with the request's own id does not count. */
export function belowCeilings(request: ApprovalRequest, others: readonly GrantState[], nowMs: number, roles: readonly RoleEntry[] = []): Outcome<ApprovalRequest> {
  const own = others.filter((state) => state.request.id !== request.id && isSamePrincipal(state.request.requester, request.requester));
  if (own.filter(isOpen).length >= OPEN_PER_REQUESTER_MAX) {
    return refused('approvals_too_many', `${request.requester.name} has ${OPEN_PER_REQUESTER_MAX} approvals open, and no more may be open at a time.`, {
      retryable: true, hint: 'Wait until people have decided about those, or cancel the commands that wait for them.',
    });
  }
  const tired = ruleAskedTooOften(request, others, nowMs) ?? roleAskedTooOften(request, others, nowMs, roles);
  if (tired) return tired;
  if (own.filter((state) => Date.parse(state.request.requestedAt) > nowMs - HOUR_MS).length < ASKED_PER_HOUR_MAX) return accepted(request);
  return refused('approvals_too_many', `${request.requester.name} has asked for ${ASKED_PER_HOUR_MAX} approvals within an hour, and may not ask for more.`, {
    retryable: true, hint: 'Send fewer commands that need approval, or ask for a change of the rules.',
  });
}

/**
 * People who are asked too often stop reading. A rule's own limit counts for everyone behind whom one of the requester's humans stands: more agents are no more
 * questions. A plan is one question, by each of its rules, and what is drawn on it is none.
 */
function ruleAskedTooOften(request: ApprovalRequest, others: readonly GrantState[], nowMs: number): Outcome<never> | undefined {
  const { requester, ask } = request;
  const party = others.filter((state) => state.request.id !== request.id && !state.planned && (isSamePrincipal(state.request.requester, requester) || state.request.requester.party.some((human) => requester.party.includes(human))));
  for (const { rule, count, seconds } of ask.limits ?? []) {
    const asked = party.filter((state) => state.request.ask.rules.includes(rule) && Date.parse(state.request.requestedAt) > nowMs - seconds * 1_000);
    if (asked.length < count) continue;
    const freeAtMs = Math.min(...asked.map((state) => Date.parse(state.request.requestedAt))) + seconds * 1_000;
    return refused('approvals_too_many', `Rule ${rule} lets people be asked ${count} times within ${seconds} s for everyone behind whom the same human stands, and ${requester.name} or others of its party have asked that often.`, {
      rule, retryable: true, hint: `Nobody was asked. Send it again after ${new Date(freeAtMs).toISOString()}, or put the work into fewer commands.`,
    });
  }
  return undefined;
}

/** What a role's people are asked counts whoever asks, and by whatever rule. What a broken glass let through asked nobody. */
function roleAskedTooOften({ id, ask }: ApprovalRequest, others: readonly GrantState[], nowMs: number, roles: readonly RoleEntry[]): Outcome<never> | undefined {
  for (const { name, asked: rate } of roles) {
    if (!rate || !ask.quorum.some(({ role }) => role === name)) continue;
    const sinceMs = nowMs - rate.minutes * 60_000;
    const asked = others.filter(({ request, planned, glass }) => request.id !== id && !planned && !glass && request.ask.quorum.some(({ role }) => role === name) && Date.parse(request.requestedAt) > sinceMs);
    if (asked.length < rate.most) continue;
    const freeAtMs = Math.min(...asked.map(({ request }) => Date.parse(request.requestedAt))) + rate.minutes * 60_000;
    return refused('approvals_too_many', `People of role ${name} may be asked ${rate.most} times within ${rate.minutes} minutes, and they have been asked that often.`, {
      retryable: true, hint: `Nobody was asked. Send it again after ${new Date(freeAtMs).toISOString()}.`,
    });
  }
  return undefined;
}
