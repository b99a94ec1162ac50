import { describe, expect, it } from 'vitest';
import { accepted, fold, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, Principal, Vote } from '@interlock/contracts';
import { approval, type ApprovalCommand, type ApprovalEvent } from './approval.js';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const person = (name: string, ...roles: string[]): Principal => ({ name, kind: 'human', issuer: 'i', subject: name, roles, party: [name] });

function request(more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    id: 'g1', session: 's', command: 'c', connector: 'connector-postgres', instance: '1',
    requester: { name: 'agent', kind: 'agent', issuer: 'i', subject: 'agent', roles: [], party: ['owner'] },
    target: 'shop',
    action: { protocol: 'postgres', verb: 'delete', text: 'delete', parameters: [], accesses: [], facts: {}, context: {} },
    actionDigest: 'a', grantDigest: 'g',
    ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['needs-dba'], ruleHash: 'h', windowSeconds: 60 },
    reasons: ['why'], requestedAt: new Date(T0).toISOString(), expiresAt: new Date(T0 + 60_000).toISOString(),
    ...more,
  };
}

const requested = (more: Partial<ApprovalRequest> = {}): ApprovalEvent => ({ kind: 'requested', request: request(more) });
const INDEPENDENT = { independentOfRequester: accepted(undefined), independentOfApprovers: accepted(undefined) };

function cast(approver: Principal, more: { verdict?: 'approve' | 'deny'; digest?: string; at?: number; standing?: typeof INDEPENDENT | { independentOfRequester: Outcome<unknown>; independentOfApprovers: Outcome<unknown> } } = {}): ApprovalCommand {
  const vote: Vote = { approver, verdict: more.verdict ?? 'approve', grantDigest: more.digest ?? 'g', at: new Date(T0).toISOString() };
  return { kind: 'vote', vote, standing: more.standing ?? INDEPENDENT, nowMs: more.at ?? T0 + 1 };
}

function after(history: readonly ApprovalEvent[], command: ApprovalCommand): string {
  const outcome = approval.decide(command, fold(approval, history));
  if (!outcome.ok) return `refused ${outcome.refusal.reason}`;
  return outcome.value.map((event) => (event.kind === 'voted' ? `voted ${event.status}` : event.kind)).join(', ') || 'nothing';
}

function voted(approver: Principal, status: 'pending' | 'approved' | 'denied' = 'approved'): ApprovalEvent {
  return { kind: 'voted', status, vote: { approver, verdict: status === 'denied' ? 'deny' : 'approve', grantDigest: 'g', at: '' } };
}

const dba = person('dba', 'dba');
const HOLDER = { connector: 'connector-postgres', instance: '1' };
const OTHERS = [{ connector: 'connector-ssh', instance: '1' }, { connector: 'connector-postgres', instance: '2' }] as const;
const consume = (more: Partial<Extract<ApprovalCommand, { kind: 'consume' }>> = {}): ApprovalCommand => ({ kind: 'consume', by: HOLDER, grantDigest: 'g', nowMs: T0 + 2, ...more });
const takeBack = (isOwn = true): ApprovalCommand => ({ kind: 'takeBack', by: person('owner'), isOwn });
const COMING = { session: 's2', command: 'c2', instance: '2' } as const;
const brief = (more: Partial<ApprovalRequest> = {}): Partial<ApprovalRequest> => ({ ask: { ...request().ask, waitSeconds: 10 }, ...more });
const resume = (more: Partial<ApprovalRequest> = {}, nowMs = T0 + 10_000): ApprovalCommand => ({ kind: 'resume', asked: request({ id: 'g2', ...brief(), ...COMING, ...more }), nowMs });
const resumed: ApprovalEvent = { kind: 'resumed', holder: { connector: 'connector-postgres', ...COMING, until: new Date(T0 + 20_000).toISOString() } };
const two = { ask: { ...request().ask, quorum: [{ role: 'dba', count: 1 }, { role: 'security', count: 1 }] } };

describe('an approval', () => {
  it.each<[string, readonly ApprovalEvent[], ApprovalCommand, string]>([
    ['is approved by its quorum', [requested()], cast(dba), 'voted approved'],
    ['is denied by one', [requested()], cast(dba, { verdict: 'deny' }), 'voted denied'],
    ['is not for agents', [requested()], cast({ ...dba, kind: 'agent' }), 'refused approver_not_human'],
    ['needs the role', [requested()], cast(person('x', 'audit')), 'refused approver_role'],
    ['needs the role to be denied, too', [requested()], cast(person('x', 'audit'), { verdict: 'deny' }), 'refused approver_role'],
    ['needs what was seen', [requested()], cast(dba, { digest: 'other' }), 'refused digest_mismatch'],
    ['ends with its window', [requested()], cast(dba, { at: T0 + 60_000 }), 'refused approval_expired'],
    ['needs independence of the requester', [requested()], cast(dba, { standing: { ...INDEPENDENT, independentOfRequester: refused('shares_human', 'owner') } }), 'refused shares_human'],
    ['needs independence of the other approvers', [requested(two)], cast(dba, { standing: { ...INDEPENDENT, independentOfApprovers: refused('shares_human', 'dba') } }), 'refused shares_human'],
    ['counts a person once', [requested(two), voted(dba, 'pending')], cast(dba), 'refused already_voted'],
    ['waits for the whole quorum', [requested(two)], cast(dba), 'voted pending'],
    ['has its whole quorum', [requested(two), voted(dba, 'pending')], cast(person('sec', 'security')), 'voted approved'],
    ['seats one person once, however many roles', [requested(two)], cast(person('both', 'dba', 'security')), 'voted pending'],
    ['seats people where they are needed', [requested(two), voted(person('both', 'dba', 'security'), 'pending')], cast(dba), 'voted approved'],
    ['is closed after a denial', [requested(), voted(dba, 'denied')], cast(person('d2', 'dba')), 'refused approval_closed'],
    ['is consumed once approved', [requested(), voted(dba)], consume(), 'consumed'],
    ['is not consumed while pending', [requested()], consume(), 'refused grant_not_usable'],
    ['is not consumed twice', [requested(), voted(dba), { kind: 'consumed' }], consume(), 'refused grant_not_usable'],
    ['is not consumed for another command', [requested(), voted(dba)], consume({ grantDigest: 'x' }), 'refused digest_mismatch'],
    ['is not consumed by another connector', [requested(), voted(dba)], consume({ by: OTHERS[0] }), 'refused not_yours'],
    ['is not consumed by another instance', [requested(), voted(dba)], consume({ by: OTHERS[1] }), 'refused not_yours'],
    ['is not consumed late', [requested(), voted(dba)], consume({ nowMs: T0 + 60_000 }), 'refused approval_expired'],
    ['is withdrawn by its connector', [requested()], { kind: 'withdraw', by: HOLDER }, 'withdrawn'],
    ['is not withdrawn by another', [requested()], { kind: 'withdraw', by: OTHERS[0] }, 'refused not_yours'],
    ['is not withdrawn by another instance', [requested()], { kind: 'withdraw', by: OTHERS[1] }, 'refused not_yours'],
    ['is not withdrawn after use', [requested(), voted(dba), { kind: 'consumed' }], { kind: 'withdraw', by: HOLDER }, 'nothing'],
    ['is taken back by the requester\'s own', [requested()], takeBack(), 'withdrawn'],
    ['is taken back before it is used', [requested(), voted(dba)], takeBack(), 'withdrawn'],
    ['is not taken back by anyone else', [requested()], takeBack(false), 'refused not_yours'],
    ['is not taken back after use', [requested(), voted(dba), { kind: 'consumed' }], takeBack(), 'refused approval_closed'],
    ['is taken back once', [requested(), { kind: 'withdrawn' }], takeBack(), 'nothing'],
    ['is not consumed after it was taken back', [requested(), voted(dba), { kind: 'withdrawn', by: 'owner' }], consume(), 'refused grant_not_usable'],
    ['is not voted on after it was taken back', [requested(), { kind: 'withdrawn', by: 'owner' }], cast(dba), 'refused approval_closed'],
    ['expires', [requested()], { kind: 'expire', nowMs: T0 + 60_000 }, 'expired'],
    ['does not expire early', [requested()], { kind: 'expire', nowMs: T0 + 59_999 }, 'nothing'],
    ['is asked for once', [requested()], { kind: 'request', request: request() }, 'nothing'],
    ['keeps its id', [requested()], { kind: 'request', request: request({ grantDigest: 'other' }) }, 'refused approval_id_taken'],
    ['is resumed once its wait is over', [requested(brief())], resume(), 'resumed'],
    ['is resumed once it is approved, too', [requested(brief()), voted(dba)], resume(), 'resumed'],
    ['is not resumed while someone waits for it', [requested(brief())], resume({}, T0 + 5_000), 'refused approval_held'],
    ['is resumed by one at a time', [requested(brief()), resumed], resume({ command: 'c3', session: 's3' }, T0 + 11_000), 'refused approval_held'],
    ['is resumed again once that wait is over', [requested(brief()), resumed], resume({ command: 'c3' }, T0 + 20_000), 'resumed'],
    ['is resumed by the same command once', [requested(brief()), resumed], resume({}, T0 + 11_000), 'nothing'],
    ['is resumed although a clock is behind', [requested(brief())], resume({ requestedAt: new Date(T0 + 10_000).toISOString() }, T0 + 4_000), 'resumed'],
    ['is not resumed for another action', [requested(brief())], resume({ actionDigest: 'b' }), 'refused digest_mismatch'],
    ['is not resumed under a changed rule', [requested(brief())], resume({ ask: { ...request().ask, ruleHash: 'i' } }), 'refused digest_mismatch'],
    ['is not resumed for a larger quorum', [requested(brief())], resume(two), 'refused digest_mismatch'],
    ['is not resumed at a higher risk', [requested(brief({ ask: { ...request().ask, waitSeconds: 10, risk: { model: 'm', score: 60 } } }))], resume({ ask: { ...request().ask, risk: { model: 'm', score: 61 } } }), 'refused digest_mismatch'],
    ['is not resumed through another connector', [requested(brief())], resume({ connector: 'connector-ssh' }), 'refused digest_mismatch'],
    ['is not resumed after use', [requested(brief()), voted(dba), { kind: 'consumed' }], resume(), 'refused approval_closed'],
    ['is not resumed late', [requested(brief())], resume({}, T0 + 60_000), 'refused approval_expired'],
    ['is consumed by whoever came back', [requested(brief()), resumed, voted(dba)], consume({ by: { connector: 'connector-postgres', instance: '2' } }), 'consumed'],
    ['is not consumed by whoever waited before', [requested(brief()), resumed, voted(dba)], consume(), 'refused not_yours'],
    ['is not withdrawn by whoever waited before', [requested(brief()), resumed], { kind: 'withdraw', by: HOLDER }, 'refused not_yours'],
    ['must exist', [], consume(), 'refused approval_unknown'],
  ])('%s', (_what, history, command, expected) => {
    expect(after(history, command)).toBe(expected);
  });
});
