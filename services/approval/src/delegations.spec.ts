import { describe, expect, it } from 'vitest';
import { EACH, office, ONE } from '../spec/office.js';

const NO = (reason: string): unknown => expect.stringMatching(new RegExp(`^${reason}: `));
const HOURS_MS = 3_600_000;

describe('a delegation', () => {
  it('lets one human vote in the stead of another, and everything of it is recorded with both names', async () => {
    const { ask, lend, vote, show, lent, ledger } = office(ONE);
    await ask();
    expect([await vote('deputy'), await show('deputy')]).toEqual([NO('approver_role'), NO('not_concerned')]);
    expect(await lend('d1', 'deputy')).toBe('d-1');
    expect(ledger.events.at(-1)).toMatchObject({ type: 'delegation.made.v1', data: { delegation: { delegator: { name: 'd1' }, delegate: { name: 'deputy' }, roles: ['dba'], reason: 'leave' } } });
    expect([await lent('s1'), await show('deputy')]).toEqual(['d-1', 'pending']);
    expect(await vote('deputy')).toEqual(NO('approver_role'));
    expect(await vote('deputy', 'd1')).toBe('approved');
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.voted.v1', data: { vote: { approver: { name: 'deputy' }, inSteadOf: { delegation: 'd-1', approver: { name: 'd1', roles: ['dba'] } } } } });
  });

  it.each<[string, string, string, object, string]>([
    ['to an agent', 'd1', 'robot', {}, 'delegate_not_human'],
    ['by an agent with a person’s token', 'd1<robot', 'deputy', {}, 'delegate_not_human'],
    ['by an agent', 'robot', 'deputy', {}, 'delegate_not_human'],
    ['to another account of oneself', 'd1', 'd1-2', {}, 'not_independent'],
    ['to nobody', 'd1', 'nobody', {}, 'principal_unknown'],
    ['of a role that one does not have', 'd1', 'deputy', { roles: ['security'] }, 'role_missing'],
    ['until a time that is over', 'd1', 'deputy', { until: '2025-01-01T00:00:00Z' }, 'delegation_time'],
    ['for too long', 'd1', 'deputy', { until: '2026-03-01T00:00:00Z' }, 'delegation_time'],
  ])('is not made %s, and that is recorded', async (_what, by, to, wish, reason) => {
    const { lend, lent, ledger } = office(ONE);
    expect(await lend(by, to, wish)).toEqual(NO(reason));
    expect(ledger.events).toMatchObject([{ type: 'delegation.refused.v1', data: { attempt: 'make', reason } }]);
    expect(await lent('s1')).toBe('');
  });

  it('has no chains: what was lent is not lent again, and a vote is in one person’s stead', async () => {
    const { ask, lend, vote } = office(ONE);
    await ask();
    await lend('d1', 'deputy');
    expect(await lend('deputy', 'deputy-2')).toEqual(NO('role_missing'));
    expect(await vote('deputy-2', 'd1')).toEqual(NO('not_delegated'));
    expect(await vote('deputy-2', 'deputy')).toEqual(NO('not_delegated'));
  });

  it('does not put roles together that exclude each other, lent ones among themselves neither', async () => {
    const { lend } = office(ONE, 'agent', { separation: { approvers: 'at-decision', exclusiveRoles: [{ name: 'four-eyes', roles: ['dba', 'security'] }] } });
    expect(await lend('d1', 's1')).toEqual(NO('roles_exclude'));
    expect(await lend('d1', 'deputy')).toMatch(/^d-/);
    expect(await lend('s1', 'deputy', { roles: ['security'] })).toEqual(NO('roles_exclude'));
    expect(await lend('d2', 'deputy')).toMatch(/^d-/);
  });
});

describe('a vote in the stead of another is refused', () => {
  it.each<[string, string, string, string | undefined, RegExp]>([
    ['when the delegate owns the requester', 'd1', 'owner', undefined, /^not_independent: .*owner owns agent/],
    ['when the delegate is another account of the owner', 'd1', 'owner-2', undefined, /^not_independent: /],
    ['when the delegator owns the requester', 'owner', 'deputy', undefined, /^not_independent: owner and agent share/],
    ['when the delegator is another account of the owner', 'owner-2', 'deputy', undefined, /^not_independent: owner-2 and agent share/],
    ['when the delegator is the requester', 'd1', 'deputy', 'd1', /^not_independent: This is d1's own/],
    ['when the delegate is the requester', 'd1', 'deputy', 'deputy', /^not_independent: This is deputy's own/],
    ['when the delegate’s agent asks with the delegator’s token', 'd1', 'd3', 'd1<robot', /^not_independent: /],
    ['when nobody knows who is behind the requester', 'd1', 'deputy', 'orphan', /^party_unknown: /],
  ])('%s', async (_what, delegator, delegate, requester, expected) => {
    const { ask, lend, vote, ledger } = office(ONE, requester);
    await ask();
    expect(await lend(delegator, delegate)).toBe('d-1');
    const said = await vote(delegate, delegator);
    expect(said).toMatch(expected);
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.rejected.v1', data: { approver: delegate } });
    if (requester !== 'orphan') expect(await vote('d2')).toBe('approved');
  });

  it.each<[string, object, number]>([
    ['at another target', { targets: ['bank'] }, 0],
    ['for another rule', { rules: ['other'] }, 0],
    ['when it is over', {}, HOURS_MS],
  ])('%s, and the text is not shown either', async (_what, scope, laterMs) => {
    const { ask, lend, vote, show, clock } = office(ONE);
    await ask();
    await lend('d1', 'deputy', scope);
    clock.nowMs += laterMs;
    expect([await vote('deputy', 'd1'), await show('deputy')]).toEqual([NO('not_delegated'), NO('not_concerned')]);
  });

  it('when either of them has voted, and counts the two once', async () => {
    const first = office(EACH);
    await first.ask();
    await first.lend('both', 'deputy');
    expect([await first.vote('deputy', 'both'), await first.vote('both')]).toEqual(['pending', NO('already_voted')]);
    expect(await first.vote('s1')).toBe('approved');
    const second = office(EACH);
    await second.ask();
    await second.lend('both', 's1');
    expect([await second.vote('s1', 'both'), await second.vote('s1'), await second.vote('both')]).toEqual(['pending', NO('already_voted'), NO('already_voted')]);
  });

  it('where the rule takes signed approvals only, signed or not; a denial counts', async () => {
    const { ask, lend, vote } = office(ONE, 'agent', {}, 'webauthn');
    await ask();
    await lend('d1', 'deputy');
    const assertion = { authenticator: 'aWQ', clientData: 'e30', authenticatorData: 'AA', signature: 'AA' };
    expect([await vote('deputy', 'd1'), await vote('deputy', 'd1', 'approve', assertion)]).toEqual([NO('signed_in_own_name'), NO('signed_in_own_name')]);
    expect(await vote('deputy', 'd1', 'deny')).toBe('denied');
    const own = office(ONE, 'agent', {}, 'webauthn');
    await own.ask();
    expect(await own.vote('d1', undefined, 'approve', assertion)).toBe('approved');
  });

  it('while a lock stands on the delegator', async () => {
    const { ask, lend, vote, control } = office(ONE);
    await ask();
    await lend('d1', 'deputy');
    control.state.locks.set('l', { id: 'l', scope: 'principal', subject: 'd1', reason: 'gone', by: 'admin', at: '' });
    expect(await vote('deputy', 'd1')).toEqual(NO('not_delegated'));
    control.state.locks.clear();
    expect(await vote('deputy', 'd1')).toBe('approved');
  });
});

describe('a delegation is revoked', () => {
  it.each(['d1', 'deputy', 'admin'])('by %s', async (name) => {
    const { ask, lend, revoke, vote, lent, ledger } = office(ONE);
    await ask();
    await lend('d1', 'deputy');
    expect(await revoke(name, 'd-1')).toBe(`by ${name}`);
    expect(ledger.events.at(-1)).toMatchObject({ type: 'delegation.revoked.v1', data: { delegation: 'd-1', by: name } });
    expect([await vote('deputy', 'd1'), await lent('s1'), await revoke(name, 'd-1')]).toEqual([NO('not_delegated'), '', NO('not_delegated')]);
  });

  it.each(['d2', 'robot', 'd1<robot'])('not by %s', async (name) => {
    const { ask, lend, revoke, vote } = office(ONE);
    await ask();
    await lend('d1', 'deputy');
    expect(await revoke(name, 'd-1')).toMatch(/^(role_missing|human_required): /);
    expect(await vote('deputy', 'd1')).toBe('approved');
  });
});
