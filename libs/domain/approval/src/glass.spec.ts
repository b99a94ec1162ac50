import { describe, expect, it } from 'vitest';
import { accepted, fold, refused } from '@interlock/kernel';
import type { ApprovalRequest, GrantState, Principal, Review } from '@interlock/contracts';
import { approval } from './approval.js';
import { mayComeBack } from './coming-back.js';
import { glass, glassStatus, isOverdue, type GlassCommand, type GlassEvent } from './glass.js';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const DUE = '2026-01-01T01:00:00.000Z';
const person = (name: string, ...roles: string[]): Principal => ({ name, kind: 'human', issuer: 'i', subject: name, roles, party: [name] });
const olga = person('olga', 'oncall');
const [dana, sven] = [person('dana', 'dba'), person('sven', 'security')];

function request(more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    id: 'g1', session: 's', command: 'c', connector: 'connector-postgres', instance: '1', requester: olga, target: 'shop', actionDigest: 'a', grantDigest: 'g', reasons: ['why'],
    action: { protocol: 'postgres', verb: 'delete', text: 'delete', parameters: [], accesses: [], facts: {}, context: {}, stated: { breakGlass: 'the shop is down' } },
    ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['needs-dba'], ruleHash: 'h', windowSeconds: 60, glass: { reviewers: ['dba', 'security'], reviewSeconds: 3_600 } },
    requestedAt: new Date(T0).toISOString(), expiresAt: new Date(T0 + 60_000).toISOString(), ...more,
  };
}

const without = (stated: ApprovalRequest['action']['stated']): Partial<ApprovalRequest> => ({ action: { ...request().action, ...(stated ? { stated } : { stated: undefined as never }) } });
const breaks = (more: Partial<ApprovalRequest> = {}): GlassCommand => ({ kind: 'break', request: request(more), nowMs: T0 });
const broken: GlassEvent = { kind: 'broken', request: request(), dueAt: DUE };
const said = (reviewer: Principal, verdict: Review['verdict'] = 'accept', more: Partial<Review> = {}): Review => ({ reviewer, verdict, grantDigest: 'g', note: 'seen', at: '', ...more });
const APART = { independentOfRequester: accepted(undefined), independentOfReviewers: accepted(undefined) };
const reviews = (review: Review, standing: Partial<typeof APART> | object = {}): GlassCommand => ({ kind: 'review', review, standing: { ...APART, ...standing } });
const reviewed = (review: Review): GlassEvent => ({ kind: 'reviewed', review, status: 'due' });
const overdue: GlassEvent = { kind: 'overdue', at: DUE };
const shares = refused('not_independent', 'they share a human');

function after(history: readonly GlassEvent[], command: GlassCommand): string {
  const outcome = glass.decide(command, fold(glass, history));
  if (!outcome.ok) return `refused ${outcome.refusal.reason}`;
  return outcome.value.map((event) => (event.kind === 'reviewed' ? `reviewed ${event.status}` : event.kind === 'broken' ? `broken, due ${event.dueAt}` : event.kind)).join(', ') || 'nothing';
}

describe('a glass', () => {
  it.each<[string, readonly GlassEvent[], GlassCommand, string]>([
    ['is broken by a person, and due for review within the time of its rule', [], breaks(), `broken, due ${DUE}`],
    ['is not broken by an agent', [], breaks({ requester: { ...olga, kind: 'agent' } }), 'refused glass_not_human'],
    ['is not broken by who acts with a person’s token', [], breaks({ requester: { ...olga, actors: ['robot'] } }), 'refused glass_not_human'],
    ['is not broken without a reason', [], breaks(without({ ticket: 'INC-7' })), 'refused glass_without_reason'],
    ['is not broken with an empty reason', [], breaks(without({ breakGlass: ' ' })), 'refused glass_without_reason'],
    ['is not broken where no rule has one', [], breaks({ ask: { ...request().ask, glass: undefined } as never }), 'refused glass_not_offered'],
    ['is broken once, however often that is said', [broken], breaks(), 'nothing'],
    ['does not take the id of another', [broken], breaks({ grantDigest: 'other' }), 'refused approval_id_taken'],
    ['is reviewed by one, and then still due', [broken], reviews(said(dana)), 'reviewed due'],
    ['is accepted by two', [broken, reviewed(said(dana))], reviews(said(sven)), 'reviewed accepted'],
    ['is objected to by the second', [broken, reviewed(said(dana))], reviews(said(sven, 'object')), 'reviewed objected'],
    ['is objected to by the first, whatever the second says', [broken, reviewed(said(dana, 'object'))], reviews(said(sven)), 'reviewed objected'],
    ['is not reviewed twice by one', [broken, reviewed(said(dana))], reviews(said({ ...dana, name: 'dana-now' })), 'refused already_reviewed'],
    ['is not reviewed by a third', [broken, reviewed(said(dana)), reviewed(said(sven))], reviews(said(person('d2', 'dba'))), 'refused glass_reviewed'],
    ['is not reviewed by an agent', [broken], reviews(said({ ...dana, kind: 'agent' })), 'refused reviewer_not_human'],
    ['is not reviewed by an agent with a person’s token', [broken], reviews(said({ ...dana, actors: ['robot'] })), 'refused reviewer_not_human'],
    ['is not reviewed by who shares a human with whoever broke it', [broken], reviews(said(olga), { independentOfRequester: shares }), 'refused not_independent'],
    ['is not reviewed by who shares a human with the other reviewer', [broken, reviewed(said(dana))], reviews(said(sven), { independentOfReviewers: shares }), 'refused not_independent'],
    ['is not reviewed by who is in none of its roles', [broken], reviews(said(person('x', 'audit'))), 'refused reviewer_role'],
    ['is not reviewed unread', [broken], reviews(said(dana, 'accept', { grantDigest: 'other' })), 'refused digest_mismatch'],
    ['is not reviewed where none was broken', [], reviews(said(dana)), 'refused glass_unknown'],
    ['is not overdue before its time', [broken], { kind: 'overdue', nowMs: Date.parse(DUE) - 1 }, 'nothing'],
    ['is overdue when it is', [broken, reviewed(said(dana))], { kind: 'overdue', nowMs: Date.parse(DUE) }, 'overdue'],
    ['is overdue once', [broken, overdue], { kind: 'overdue', nowMs: Date.parse(DUE) + 9 }, 'nothing'],
    ['is marked overdue though two have reviewed it since it was found so, for the lock to go', [broken, reviewed(said(dana)), reviewed(said(sven))], { kind: 'overdue', nowMs: Date.parse(DUE) }, 'overdue'],
    ['is reviewed late', [broken, overdue, reviewed(said(dana))], reviews(said(sven)), 'reviewed accepted'],
    ['is not settled by one late review', [broken, overdue, reviewed(said(dana))], { kind: 'settle', nowMs: T0 }, 'nothing'],
    ['is settled by two late reviews', [broken, overdue, reviewed(said(dana)), reviewed(said(sven))], { kind: 'settle', nowMs: T0 }, 'settled'],
    ['is settled once', [broken, overdue, reviewed(said(dana)), reviewed(said(sven)), { kind: 'settled', at: '' }], { kind: 'settle', nowMs: T0 }, 'nothing'],
    ['has nothing to settle where nobody was locked', [broken, reviewed(said(dana)), reviewed(said(sven))], { kind: 'settle', nowMs: T0 }, 'nothing'],
  ])('%s', (_what, history, command, expected) => expect(after(history, command)).toBe(expected));

  it('is a grant for one use, by the command that broke it and no other', () => {
    const state = fold(glass, [broken]) as GrantState;
    const consume = (nowMs = T0): string => { const used = approval.decide({ kind: 'consume', by: { connector: 'connector-postgres', instance: '1' }, grantDigest: 'g', nowMs }, state); return used.ok ? 'used' : used.refusal.reason; };
    expect([consume(), consume(T0 + 60_000), mayComeBack(request({ id: 'g2' }), state, T0 + 59_000).ok]).toEqual(['used', 'approval_expired', false]);
    expect([glassStatus(state), glassStatus({}), isOverdue(state, T0), isOverdue(state, Date.parse(DUE))]).toEqual(['due', undefined, false, true]);
    const seenBy = (at: number) => fold(glass, [broken, reviewed(said(dana)), reviewed(said(sven, 'accept', { at: new Date(at).toISOString() }))]) as GrantState;
    expect([isOverdue(seenBy(Date.parse(DUE) - 1), Infinity), isOverdue(seenBy(Date.parse(DUE)), Infinity), isOverdue({}, Infinity)]).toEqual([false, true, false]);
  });
});
