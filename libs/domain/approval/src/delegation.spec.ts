import { describe, expect, it } from 'vitest';
import type { ApprovalRequest, VoteDelegation, Principal, Vote } from '@interlock/contracts';
import { accepted, fold, refused, type Outcome } from '@interlock/kernel';
import { approval, type ApprovalEvent } from './approval.js';
import { DELEGATIONS_MAX, mayDelegate, seatInStead, voterName } from './delegation.js';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const at = (hours: number): string => new Date(T0 + hours * HOUR_MS).toISOString();
const person = (name: string, ...roles: string[]): Principal => ({ name, kind: 'human', issuer: 'i', subject: name, roles, party: [name] });
const [DBA, DEPUTY] = [person('dba', 'dba', 'lead'), person('deputy')];

const delegation = (more: Partial<VoteDelegation> = {}): VoteDelegation => ({ id: 'd', delegator: DBA, delegate: DEPUTY, roles: ['dba'], reason: 'leave', from: at(0), until: at(8), ...more });
const said = (outcome: Outcome<unknown>): string => (outcome.ok ? 'accepted' : outcome.refusal.reason);
const FINE = { independent: accepted(undefined), separate: accepted(undefined) };

describe('letting another vote in one’s stead', () => {
  it.each<[string, Partial<VoteDelegation>, Partial<Parameters<typeof mayDelegate>[1]>, string]>([
    ['a human with the role to a human', {}, {}, 'accepted'],
    ['not to an agent', { delegate: { ...DEPUTY, kind: 'agent' } }, {}, 'delegate_not_human'],
    ['not by an agent with the token of one', { delegator: { ...DBA, kind: 'agent' } }, {}, 'delegate_not_human'],
    ['not a role that one does not have', { roles: ['dba', 'security'] }, {}, 'role_missing'],
    ['not to oneself in another account', {}, { independent: refused('not_independent', 'x') }, 'not_independent'],
    ['not where roles exclude each other', {}, { separate: refused('roles_exclude', 'x') }, 'roles_exclude'],
    ['as long as may be', { until: at(31 * 24) }, {}, 'accepted'],
    ['not for longer', { until: at(31 * 24 + 1) }, {}, 'delegation_time'],
    ['not for the past', { from: at(-9), until: at(-1) }, {}, 'delegation_time'],
    ['not until it begins', { until: at(0) }, {}, 'delegation_time'],
    ['not until no time at all', { until: 'soon' }, {}, 'delegation_time'],
  ])('%s', (_what, wish, standing, expected) => expect(said(mayDelegate(delegation(wish), { ...FINE, ...standing }, [], T0))).toBe(expected));

  it('so many times and no more, those that are over not counted', () => {
    const others = Array.from({ length: DELEGATIONS_MAX }, (_, index) => delegation({ id: `d${index}` }));
    expect(said(mayDelegate(delegation(), FINE, others, T0))).toBe('delegations_too_many');
    expect(said(mayDelegate(delegation(), FINE, others.slice(1), T0))).toBe('accepted');
    expect(said(mayDelegate(delegation(), FINE, [...others.slice(1), delegation({ until: at(0) })], T0))).toBe('accepted');
    expect(said(mayDelegate(delegation({ delegator: person('other', 'dba') }), FINE, others, T0))).toBe('accepted');
  });
});

function request(...quorum: string[]): ApprovalRequest {
  return {
    id: 'g', grantDigest: 'g', target: 'shop', expiresAt: at(1), requester: { ...person('agent'), kind: 'agent' }, ask: { quorum: quorum.map((role) => ({ role, count: 1 })), rules: ['r1', 'r2'], ruleHash: 'h', windowSeconds: 60 },
  } as unknown as ApprovalRequest;
}

describe('a vote in another’s stead', () => {
  it.each<[string, Partial<VoteDelegation>, { delegate?: Principal; delegator?: Principal | undefined }, number, string]>([
    ['stands where it is covered', {}, {}, 0, 'accepted'],
    ['stands at its target and under its rules', { targets: ['shop'], rules: ['r1', 'r2'] }, {}, 0, 'accepted'],
    ['not at another target', { targets: ['bank'] }, {}, 0, 'not_delegated'],
    ['not where another rule asks as well', { rules: ['r1'] }, {}, 0, 'not_delegated'],
    ['not in a role that was not lent', { roles: ['lead'] }, {}, 0, 'not_delegated'],
    ['until the last moment', {}, {}, 8 * HOUR_MS - 1, 'accepted'],
    ['not when it is over', {}, {}, 8 * HOUR_MS, 'not_delegated'],
    ['not before it begins', {}, {}, -1, 'not_delegated'],
    ['not by anyone else', {}, { delegate: person('other') }, 0, 'not_delegated'],
    ['not by another of that name', {}, { delegate: { ...DEPUTY, subject: 'x' } }, 0, 'not_delegated'],
    ['not when the delegator is gone', {}, { delegator: undefined }, 0, 'not_delegated'],
    ['not when another has the delegator’s name', {}, { delegator: { ...DBA, subject: 'x' } }, 0, 'not_delegated'],
  ])('%s', (_what, terms, people, ms, expected) => {
    expect(said(seatInStead(delegation(terms), { delegate: DEPUTY, delegator: DBA, ...people }, request('dba'), T0 + ms))).toBe(expected);
  });

  it('has the roles that were lent and that the delegator still has', () => {
    const seat = (roles: string[], now: Principal) => seatInStead(delegation({ roles }), { delegate: DEPUTY, delegator: now }, request('dba'), T0);
    expect(seat(['dba'], DBA)).toMatchObject({ value: { delegation: 'd', approver: { name: 'dba', roles: ['dba'] } } });
    expect(seat(['dba', 'lead'], person('dba', 'lead'))).toMatchObject({ value: { approver: { roles: ['lead'] } } });
  });
});

const INDEPENDENT = { independentOfRequester: accepted(undefined), independentOfApprovers: accepted(undefined) };
const own = (approver: Principal): Vote => ({ approver, verdict: 'approve', grantDigest: 'g', at: at(0) });
const instead = (approver: Principal, delegator: Principal): Vote => ({ ...own(approver), inSteadOf: { delegation: 'd', approver: delegator } });

/** What the decider says of each vote in turn. */
function votes(asked: ApprovalRequest, ...cast: Vote[]): string[] {
  const history: ApprovalEvent[] = [{ kind: 'requested', request: asked }];
  return cast.map((vote) => {
    const decided = approval.decide({ kind: 'vote', vote, standing: INDEPENDENT, nowMs: T0 }, fold(approval, history));
    if (!decided.ok) return decided.refusal.reason;
    history.push(...decided.value);
    return decided.value.map((event) => (event.kind === 'voted' ? event.status : event.kind)).join();
  });
}

describe('a quorum with votes in the stead of others', () => {
  const DBA_2 = person('dba-2', 'dba');
  it.each<[string, string[], Vote[], string[]]>([
    ['fills the delegator’s seat', ['dba'], [instead(DEPUTY, DBA)], ['approved']],
    ['fills no seat by the delegate’s own role', ['security'], [instead(person('deputy', 'security'), DBA)], ['approver_role']],
    ['counts the two once: the delegator comes second', ['dba', 'security'], [instead(DEPUTY, DBA), own(person('dba', 'dba', 'security'))], ['pending', 'already_voted']],
    ['counts the two once: the delegate comes second', ['dba', 'security'], [own(DBA), instead(DEPUTY, DBA)], ['pending', 'already_voted']],
    ['counts the delegate once, in whoever’s stead', ['dba', 'security'], [instead(DEPUTY, DBA), instead(DEPUTY, person('sec', 'security'))], ['pending', 'already_voted']],
    ['counts the delegate once, in their own name', ['dba', 'security'], [instead(person('deputy', 'security'), DBA), own(person('deputy', 'security'))], ['pending', 'already_voted']],
    ['is filled with another beside them', ['dba', 'security'], [instead(DEPUTY, DBA), own(person('sec', 'security'))], ['pending', 'approved']],
    ['is denied in the stead of another', ['dba'], [{ ...instead(DEPUTY, DBA_2), verdict: 'deny' }], ['denied']],
  ])('%s', (_what, quorum, cast, expected) => expect(votes(request(...quorum), ...cast)).toEqual(expected));

  it('names both', () => expect([voterName(instead(DEPUTY, DBA)), voterName(own(DBA))]).toEqual(['deputy in stead of dba', 'dba']));
});
