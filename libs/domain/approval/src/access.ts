import { accepted, refused, sha256Hex, unreachable, type Decider, type Outcome } from '@interlock/kernel';
import type { AccessRequest, AccessState, AccessVote } from '@interlock/contracts';
import { quorumReached, type Standing } from './approval.js';
import { isSamePrincipal } from './same-principal.js';

/** How long a request for a role waits for people. */
export const ACCESS_DECISION_HOURS = 24;
/** Requests and roles for a time that one principal may have at a time. */
export const ACCESS_OPEN_MAX = 8;

/**
 * One role for a time:
 *
 *     pending ─approve (quorum)─▶ granted ─(time over)─▶ expired
 *        ├─deny─▶ denied             └─revoke─▶ revoked
 *        ├─(not decided in time)─▶ expired
 *        └─withdraw─▶ withdrawn
 */
export type AccessCommand =
  | { readonly kind: 'request'; readonly request: AccessRequest; readonly separate: Outcome<unknown>; readonly others: readonly AccessState[] }
  | { readonly kind: 'vote'; readonly vote: AccessVote; readonly standing: Standing; readonly separate: Outcome<unknown>; readonly nowMs: number }
  | { readonly kind: 'end'; readonly by: string; readonly allowed: Outcome<unknown> }
  | { readonly kind: 'expire'; readonly nowMs: number };

export type AccessEvent =
  | { readonly kind: 'requested'; readonly request: AccessRequest }
  | { readonly kind: 'voted'; readonly vote: AccessVote; readonly status: 'pending' | 'denied' }
  | { readonly kind: 'voted'; readonly vote: AccessVote; readonly status: 'granted'; readonly from: string; readonly until: string }
  | { readonly kind: 'ended'; readonly status: 'withdrawn' | 'revoked' | 'expired'; readonly by?: string };

type Decided = Outcome<readonly AccessEvent[]>;

/** What people agree to, in one number: everything that the request says. */
export function accessDigest({ id, principal, requester, role, reason, seconds, approvers, requestedAt, expiresAt }: Omit<AccessRequest, 'digest'>): string {
  const who = [principal, requester].map(({ name, issuer, subject, kind, party, actors = [] }) => [name, issuer, subject, kind, party, actors]);
  return sha256Hex(`interlock-access-request/v1\n${JSON.stringify([id, who, role, reason, seconds, approvers.map((seat) => [seat.role, seat.count]), requestedAt, expiresAt])}`);
}

export const access: Decider<AccessCommand, AccessEvent, AccessState | undefined> = {
  initial: undefined,
  decide(command, state) {
    if (command.kind === 'request') return state ? refused('access_id_taken', 'Another request already has this id.') : request(command);
    if (!state) return refused('access_unknown', 'There is no open request or role for a time of this id.', { hint: 'List them with `interlock access list`.' });
    switch (command.kind) {
      case 'vote':
        return vote(command, state);
      case 'end':
        return end(command, state);
      case 'expire':
        return accepted(isOver(state, command.nowMs) ? [{ kind: 'ended', status: 'expired' }] : []);
      default:
        return unreachable(command);
    }
  },
  evolve(state, event) {
    if (event.kind === 'requested') return { id: event.request.id, revision: 1, status: 'pending', request: event.request, votes: [] };
    if (!state) throw new Error(`a role for a time cannot begin with ${event.kind}`);
    const next = { ...state, revision: state.revision + 1, status: event.status };
    if (event.kind === 'ended') return next;
    return { ...next, votes: [...state.votes, event.vote], ...(event.status === 'granted' && { from: event.from, until: event.until }) };
  },
};

function request({ request: asked, separate, others }: Extract<AccessCommand, { kind: 'request' }>): Decided {
  if (!separate.ok) return separate;
  const own = others.filter(({ request: { principal } }) => isSamePrincipal(principal, asked.principal));
  const same = own.find(({ request: { role } }) => role === asked.role);
  if (same) return refused('access_asked', `${asked.principal.name} has asked for role ${asked.role} already: ${same.id} is ${same.status}.`, { hint: 'Wait for it, or revoke it and ask anew.' });
  if (own.length >= ACCESS_OPEN_MAX) return refused('access_too_many', `${asked.principal.name} has ${ACCESS_OPEN_MAX} requests and roles for a time, and no more may be open.`, { hint: 'Revoke one that is not needed.' });
  return accepted([{ kind: 'requested', request: asked }]);
}

function vote({ vote: cast, standing, separate, nowMs }: Extract<AccessCommand, { kind: 'vote' }>, state: AccessState): Decided {
  const objection = mayVote(cast, standing, nowMs, state);
  if (!objection.ok) return objection;
  if (cast.verdict === 'deny') return accepted([{ kind: 'voted', vote: cast, status: 'denied' }]);
  if (!separate.ok) return separate;
  if (!quorumReached({ ask: { quorum: state.request.approvers } }, [...state.votes, cast])) return accepted([{ kind: 'voted', vote: cast, status: 'pending' }]);
  const [from, until] = [nowMs, nowMs + state.request.seconds * 1_000].map((at) => new Date(at).toISOString()) as [string, string];
  return accepted([{ kind: 'voted', vote: cast, status: 'granted', from, until }]);
}

function mayVote({ approver, digest, verdict }: AccessVote, standing: Standing, nowMs: number, state: AccessState): Outcome<unknown> {
  const { request: asked } = state;
  if (approver.kind !== 'human') return refused('approver_not_human', `${approver.name} is no human. Only people approve.`);
  if (state.status !== 'pending' || isOver(state, nowMs)) return refused('access_closed', `This request is ${state.status === 'pending' ? 'over' : state.status} already.`);
  if (digest !== asked.digest) return refused('digest_mismatch', 'The digest that was agreed to is not the digest of this request.', { hint: 'Read the request again and send the digest it shows.' });
  if (!standing.independentOfRequester.ok) return standing.independentOfRequester;
  if (!asked.approvers.some(({ role }) => approver.roles.includes(role))) {
    return refused('approver_role', `${approver.name} is not in role ${asked.approvers.map(({ role }) => role).join(' or ')}, which decides about role ${asked.role}.`);
  }
  if (verdict === 'deny') return accepted(undefined);
  if (state.votes.some((earlier) => isSamePrincipal(earlier.approver, approver))) return refused('already_voted', `${approver.name} has voted on this already.`);
  return standing.independentOfApprovers;
}

function end({ by, allowed }: Extract<AccessCommand, { kind: 'end' }>, state: AccessState): Decided {
  if (!allowed.ok) return allowed;
  if (state.status === 'pending') return accepted([{ kind: 'ended', status: 'withdrawn', by }]);
  if (state.status === 'granted') return accepted([{ kind: 'ended', status: 'revoked', by }]);
  return refused('access_closed', `This request is ${state.status} already.`);
}

function isOver({ status, request: { expiresAt }, until }: AccessState, nowMs: number): boolean {
  if (status === 'pending') return nowMs >= Date.parse(expiresAt);
  return status === 'granted' && nowMs >= Date.parse(until!);
}
