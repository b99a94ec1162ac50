import { describe, expect, it } from 'vitest';
import { office, ONE } from '../spec/office.js';

const NO = (reason: string): unknown => expect.stringMatching(new RegExp(`^${reason}: `));
const HOUR_MS = 3_600_000;
const ROLES = {
  roles: ['dba', 'security', 'admin'].map((name) => ({ name })).concat([
    { name: 'fixer', onRequest: { for: ['agent', 'sub', 'robot', 'orphan', 'deputy'], approvers: [{ role: 'dba', count: 1 }, { role: 'security', count: 1 }], hoursMax: 8 } },
    { name: 'watcher', onRequest: { for: ['s1', 'agent'], approvers: [{ role: 'dba', count: 1 }], hoursMax: 8 } },
    { name: 'stand-by', onRequest: { for: ['deputy'], approvers: [{ role: 'dba', count: 1 }], hoursMax: 8 } },
  ] as never[]),
};
const desk = (change: object = {}) => office([{ role: 'stand-by', count: 1 }], 'agent', { ...ROLES, ...change });

describe('a role for a time', () => {
  it('is asked for by the owner of an agent, granted by independent people, holds until its time and no longer', async () => {
    const { askFor, give, rolesOf, clock, ledger, sweep, waits } = desk();
    const id = await askFor('owner', 'fixer', 'agent');
    expect([await rolesOf('agent'), await give('d1', id), await rolesOf('agent'), await give('s1', id), await rolesOf('agent')]).toEqual(['', 'pending', '', 'granted', 'fixer']);
    expect(ledger.events.map(({ type }) => type)).toEqual(['access.requested.v1', 'access.voted.v1', 'access.voted.v1']);
    expect(ledger.events.at(-1)).toMatchObject({ data: { access: id, status: 'granted', until: new Date(clock.nowMs + HOUR_MS).toISOString() } });
    clock.nowMs += HOUR_MS - 1;
    expect([await rolesOf('agent'), await rolesOf('sub'), await rolesOf('robot')]).toEqual(['fixer', '', 'dba,security']);
    clock.nowMs += 1;
    expect([await rolesOf('agent'), await waits('admin')]).toEqual(['', '']);
    await sweep();
    expect(ledger.events.at(-1)).toMatchObject({ type: 'access.ended.v1', data: { access: id, status: 'expired' } });
    expect(await askFor('agent', 'fixer')).toMatch(/^a-/);
  });

  it('lets its holder approve, while it holds', async () => {
    const { ask, vote, askFor, give, clock } = desk();
    await ask();
    expect(await vote('deputy')).toEqual(NO('approver_role'));
    const id = await askFor('deputy', 'stand-by');
    expect([await vote('deputy'), await give('d1', id)]).toEqual([NO('approver_role'), 'granted']);
    clock.nowMs += HOUR_MS;
    expect(await vote('deputy')).toEqual(NO('approver_role'));
    clock.nowMs -= 1;
    expect(await vote('deputy')).toBe('approved');
  });

  it('signs nothing: neither approval nor the vault takes a signed approval by it', async () => {
    const signed = office([{ role: 'stand-by', count: 1 }], 'agent', ROLES, 'webauthn');
    await signed.ask();
    await signed.give('d1', await signed.askFor('deputy', 'stand-by'));
    const assertion = { authenticator: 'aWQ', clientData: 'e30', authenticatorData: 'AA', signature: 'AA' };
    expect(await signed.vote('deputy', undefined, 'approve', assertion)).toEqual(NO('approver_role'));
    expect(await signed.vote('deputy', undefined, 'deny')).toBe('denied');
  });

  it('is not lent on', async () => {
    const { askFor, give, lend } = desk();
    await give('d1', await askFor('deputy', 'stand-by'));
    expect(await lend('deputy', 'deputy-2', { roles: ['stand-by'] })).toEqual(NO('role_missing'));
  });

  it.each<[string, string, string, string | undefined, object, string]>([
    ['that is not offered', 'agent', 'dba', undefined, {}, 'role_not_obtainable'],
    ['that nobody declared', 'agent', 'king', undefined, {}, 'role_not_obtainable'],
    ['that is not offered to them', 'd1', 'fixer', undefined, {}, 'role_not_obtainable'],
    ['for another’s agent', 'd1', 'fixer', 'agent', {}, 'not_yours'],
    ['for its owner’s other agent', 'robot', 'fixer', 'agent', {}, 'not_yours'],
    ['for longer than it is offered', 'agent', 'fixer', undefined, { seconds: 8 * 3_600 + 1 }, 'access_too_long'],
  ])('is not asked for, one %s, and that is recorded', async (_what, by, role, forWhom, wish, reason) => {
    const { askFor, ledger, waits } = desk();
    expect(await askFor(by, role, forWhom, wish)).toEqual(NO(reason));
    expect(ledger.events).toMatchObject([{ type: 'access.refused.v1', data: { by, attempt: 'request', reason } }]);
    expect(await waits('admin')).toBe('');
  });

  it('is asked for once at a time, and a dozen times an hour', async () => {
    const { askFor, end, clock } = desk();
    const first = await askFor('agent', 'fixer');
    expect([await askFor('owner', 'fixer', 'agent'), await end('agent', first)]).toEqual([NO('access_asked'), 'withdrawn']);
    for (let asked = 2; asked < 12; asked += 1) await end('agent', await askFor('agent', 'fixer'));
    expect(await askFor('agent', 'fixer')).toEqual(NO('access_too_many'));
    clock.nowMs += HOUR_MS;
    expect(await askFor('agent', 'fixer')).toMatch(/^a-/);
  });

  it('is asked for a dozen times more after a restart, and what is open counts all the same', async () => {
    const { askFor, end, startAnew } = desk();
    for (let asked = 0; asked < 12; asked += 1) await end('agent', await askFor('agent', 'fixer'));
    expect(await askFor('agent', 'fixer')).toEqual(NO('access_too_many'));
    startAnew();
    expect(await askFor('agent', 'fixer')).toMatch(/^a-/);
    startAnew();
    expect(await askFor('agent', 'fixer')).toEqual(NO('access_asked'));
  });

  it('does not bring roles together that exclude each other, nor when they came to exclude each other', async () => {
    const separation = { approvers: 'at-decision', exclusiveRoles: [{ name: 'x', roles: ['watcher', 'security'] }] };
    const { askFor } = desk({ separation });
    expect(await askFor('s1', 'watcher')).toEqual(NO('roles_exclude'));
    expect(await askFor('agent', 'watcher')).toEqual(NO('roles_exclude'));
    const other = desk({ separation: { approvers: 'at-decision', exclusiveRoles: [{ name: 'x', roles: ['watcher', 'fixer'] }] } });
    await other.give('s1', await other.askFor('sub', 'fixer'));
    const fixer = [...other.control.state.access.keys()][0]!;
    const watcher = await other.askFor('agent', 'watcher');
    expect([await other.give('d1', fixer), await other.give('d1', watcher)]).toEqual(['granted', NO('roles_exclude')]);
  });
});

describe('whoever decides about a role', () => {
  it.each<[string, string, string, string]>([
    ['is not who asked', 'owner', 'agent', 'not_independent'],
    ['is not who made what gets it', 'creator', 'agent', 'not_independent'],
    ['is not another account of who asked', 'owner-2', 'agent', 'not_independent'],
    ['is no agent', 'robot', 'agent', 'approver_not_human'],
    ['is no agent with a person’s token', 'd2<robot', 'agent', 'approver_not_human'],
    ['has a role that decides, which an administrator is not', 'admin', 'agent', 'approver_role'],
    ['is nobody, where nobody knows who is behind it', 'd1', 'orphan', 'party_unknown'],
  ])('%s', async (_what, voter, forWhom, reason) => {
    const { askFor, give, ledger, rolesOf } = desk();
    const id = await askFor(forWhom === 'agent' ? 'owner' : forWhom, 'fixer', forWhom);
    expect(await give(voter, id)).toEqual(NO(reason));
    expect(ledger.events.at(-1)).toMatchObject({ type: 'access.refused.v1', data: { attempt: 'vote', subject: id, reason } });
    expect(await rolesOf(forWhom)).toBe('');
    if (forWhom === 'agent') expect([await give('d1', id), await give('s1', id)]).toEqual(['pending', 'granted']);
  });

  it('names what was read, decides once, in time, and one no is enough', async () => {
    const { askFor, give, clock, rolesOf } = desk();
    const id = await askFor('agent', 'fixer');
    expect([await give('d1', id, 'approve', 'other'), await give('d1', id), await give('d1', id)]).toEqual([NO('digest_mismatch'), 'pending', NO('already_voted')]);
    clock.nowMs += 24 * HOUR_MS;
    expect(await give('s1', id)).toEqual(NO('access_closed'));
    clock.nowMs -= 1;
    expect([await give('s1', id, 'deny'), await give('s1', id), await rolesOf('agent')]).toEqual(['denied', NO('access_unknown'), '']);
  });

  it.each(['agent', 'owner', 'd1', 's1', 'admin'])('ends it at once: %s', async (name) => {
    const { askFor, give, end, rolesOf, ledger } = desk();
    const id = await askFor('agent', 'fixer');
    await give('d1', id);
    await give('s1', id);
    expect([await rolesOf('agent'), await end(name, id), await rolesOf('agent')]).toEqual(['fixer', 'revoked', '']);
    expect(ledger.events.at(-1)).toMatchObject({ type: 'access.ended.v1', data: { status: 'revoked', by: name } });
  });

  it.each(['deputy', 'robot'])('or is concerned, else it is neither seen nor ended: %s', async (name) => {
    const { askFor, end, waits } = desk();
    const id = await askFor('agent', 'fixer');
    expect([await end(name, id), await waits(name), await waits('d1')]).toEqual([expect.stringMatching(/^(role_missing|human_required): /), '', `${id} pending`]);
  });
});

it('a role for a time is no way to agree to one’s own: an approver by it is judged as any', async () => {
  const { ask, vote, askFor, give } = office(ONE, 'deputy', { roles: [...ROLES.roles, { name: 'x' }].map((role) => (role.name === 'dba' ? { name: 'dba', onRequest: { for: ['deputy'], approvers: [{ role: 'security', count: 1 }], hoursMax: 1 } } : role)) });
  await ask();
  await give('s1', await askFor('deputy', 'dba'));
  expect(await vote('deputy')).toEqual(NO('not_independent'));
});
