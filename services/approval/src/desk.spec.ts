import { describe, expect, it } from 'vitest';
import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import type { ApprovalRequest, Configuration, GrantState, Principal } from '@interlock/contracts';
import { accepted, LedgerUnavailable, refused, type Outcome } from '@interlock/kernel';
import { ApprovalDesk } from './desk.js';

const T0 = Date.parse('2026-01-01T00:00:00Z');

function human(name: string, roles: string[] = [], party = [name]): Principal {
  return { name, kind: 'human', issuer: 'i', subject: name, roles, party };
}

const request: ApprovalRequest = {
  id: 'g1', session: 's1', command: 'c1', connector: 'connector-postgres', instance: '1',
  requester: { name: 'agent', kind: 'agent', issuer: 'i', subject: 'agent', roles: [], party: ['owner'] }, target: 'shop',
  action: { protocol: 'postgres', verb: 'delete', text: 'delete from orders where id = 7', parameters: [], accesses: [], facts: {}, context: {} },
  actionDigest: 'a', grantDigest: 'g', ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['needs-dba'], ruleHash: 'h', windowSeconds: 60 },
  reasons: ['why'], requestedAt: new Date(T0).toISOString(), expiresAt: new Date(T0 + 60_000).toISOString(),
};

const keys = { signingKey: '', sealingKey: '' };
const trust = { services: { 'connector-postgres': keys, api: keys } };

const people = ['owner', 'dba', 'd1', 'd2', 'y'].map((name) => ({ name, kind: 'human', issuer: 'i', subject: name, roles: name === 'dba' ? ['dba'] : [], owners: [] }));

const entryOf = (entry: object) => ({ issuer: 'i', subject: (entry as { name: string }).name, roles: [], ...entry });

function setUp(owners: string[] = ['owner'], principals?: object[]) {
  const grants = new MemoryAggregate<GrantState>();
  const ledger = new MemoryLedger();
  const clock = { nowMs: T0 + 1 };
  const signatures = { answer: accepted({}) as Outcome<unknown>, asked: [] as unknown[] };
  const configuration = { issuers: [{ name: 'i', url: 'i' }], principals: principals?.map(entryOf) ?? [...people, { name: 'agent', kind: 'agent', issuer: 'i', subject: 'agent', roles: [], owners }, { name: 'alias', kind: 'human', issuer: 'i', subject: 'alias', roles: [], owners: [], human: 'owner' }] } as unknown as Configuration;
  const desk = new ApprovalDesk({ grants, ledger, trust, nowMs: () => clock.nowMs, configuration: () => configuration, checkSignature: async (person, digest, signed) => (signatures.asked.push([person.subject, digest, signed]), signatures.answer) });
  return { desk, ledger, grants, clock, signatures, types: () => ledger.events.map((draft) => draft.type) };
}

const assertion = { authenticator: 'aWQ', clientData: 'e30', authenticatorData: 'AA', signature: 'AA' };

const approve = { verdict: 'approve', grantDigest: 'g' } as const;

describe('the desk', () => {
  it('records a request, a vote and its effect, in this order', async () => {
    const { desk, types } = setUp();
    await desk.request(request);
    expect(await desk.vote('g1', human('dba', ['dba']), approve)).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect(types()).toEqual(['approval.requested.v1', 'approval.voted.v1']);
  });

  it.each([
    ['the owner of the agent', human('owner', ['dba']), 'not_independent'],
    ['another account of the owner', human('alias', ['dba'], ['owner']), 'not_independent'],
    ['someone nobody knows the humans of', human('x', ['dba'], []), 'party_unknown'],
    ['someone without the role', human('y'), 'approver_role'],
    ['an agent', { ...human('z', ['dba']), kind: 'agent' as const }, 'approver_not_human'],
  ])('refuses %s with the reason, and records that', async (_who, voter, reason) => {
    const { desk, ledger } = setUp();
    await desk.request(request);
    expect(await desk.vote('g1', voter, approve)).toMatchObject({ ok: false, refusal: { reason } });
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.rejected.v1', data: { grant: 'g1', approver: voter.name, reason } });
  });

  it.each([
    ['an agent that owns the agent', [{ name: 'agent', kind: 'agent', owners: ['agent-2'] }, { name: 'agent-2', kind: 'agent', owners: ['dba'] }]],
    ['an account of an account', [{ name: 'agent', kind: 'agent', owners: ['one'] }, { name: 'one', kind: 'human', owners: [], human: 'two' }, { name: 'two', kind: 'human', owners: [], human: 'dba' }]],
    ['an owner nobody knows', [{ name: 'agent', kind: 'agent', owners: ['gone'] }]],
  ])('follows whoever stands behind the requester now to the end: %s', async (_what, principals) => {
    const { desk } = setUp(undefined, [...principals, { name: 'dba', kind: 'human', owners: [] }]);
    await desk.request(request);
    expect(await desk.vote('g1', human('dba', ['dba']), approve)).toMatchObject({ ok: false, refusal: { reason: expect.stringMatching(/^not_independent$|^party_unknown$/) } });
  });

  it('judges an earlier approver by the humans of now too', async () => {
    const two = { ...request, ask: { ...request.ask, quorum: [{ role: 'dba', count: 2 }] } };
    const { desk } = setUp(undefined, [{ name: 'agent', kind: 'agent', owners: ['owner'] }, { name: 'owner', kind: 'human', owners: [] }, { name: 'dba', kind: 'human', owners: [], human: 'dba2' }, { name: 'dba2', kind: 'human', owners: [] }]);
    await desk.request(two);
    expect(await desk.vote('g1', human('dba', ['dba']), approve)).toMatchObject({ ok: true, value: { status: 'pending' } });
    expect(await desk.vote('g1', human('dba2', ['dba']), approve)).toMatchObject({ ok: false, refusal: { reason: 'not_independent' } });
  });

  it.each(['', 'a b', '>', 'g1.*', '../g1', 'x'.repeat(129)])('knows no approval named %j, and says so', async (id) => {
    const { desk } = setUp();
    expect(await desk.request({ ...request, id })).toMatchObject({ ok: false, refusal: { reason: 'approval_id_invalid' } });
    const answers = [await desk.show(id), await desk.vote(id, human('dba', ['dba']), approve), await desk.withdraw(id, { connector: 'connector-postgres', instance: '1' })];
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, refusal: { reason: 'approval_unknown' } });
  });

  it('judges independence by the owners of now as well as of the request', async () => {
    const { desk } = setUp(['dba']);
    await desk.request(request);
    expect(await desk.vote('g1', human('dba', ['dba']), approve)).toMatchObject({ ok: false, refusal: { reason: 'not_independent' } });
  });

  it('lets one of two racing votes have effect and says so of the other', async () => {
    const { desk, types } = setUp();
    await desk.request({ ...request, ask: { ...request.ask, quorum: [{ role: 'dba', count: 2 }] } });
    const votes = await Promise.all(['d1', 'd2'].map((name) => desk.vote('g1', human(name, ['dba']), approve)));
    expect(votes.map((vote) => vote.ok && vote.value.status).sort()).toEqual(['approved', 'pending']);
    expect(types().filter((type) => type === 'approval.rejected.v1')).toHaveLength(1);
  });

  it('has no effect while the ledger gives no acknowledgement', async () => {
    const { desk, ledger, grants } = setUp();
    await desk.request(request);
    ledger.failWith('away');
    await expect(desk.vote('g1', human('dba', ['dba']), approve)).rejects.toThrow(LedgerUnavailable);
    expect((await grants.get('g1'))?.value.status).toBe('pending');
  });

  describe('asked again for the same after the wait was over', () => {
    const brief = { ...request, ask: { ...request.ask, waitSeconds: 10 } };
    const again = (of: string) => ({ ...brief, id: `g-${of}`, session: `s-${of}`, command: `c-${of}`, instance: of });

    it('answers the open request, and records who came back', async () => {
      const { desk, clock, types, ledger } = setUp();
      await desk.request(brief);
      clock.nowMs = T0 + 10_000;
      expect(await desk.request(again('2'))).toMatchObject({ ok: true, value: { id: 'g1', resumed: { status: 'pending', request: { id: 'g1' }, holder: { instance: '2', command: 'c-2' } } } });
      expect(types()).toEqual(['approval.requested.v1', 'approval.resumed.v1']);
      expect(ledger.events.at(-1)).toMatchObject({ session: 's-2', command: 'c-2', data: { grant: 'g1' } });
      expect(await desk.request(again('2'))).toMatchObject({ ok: true, value: { id: 'g1', resumed: { holder: { command: 'c-2' } } } });
      expect(types()).toHaveLength(2);
    });

    it('lets one of two that come back at once have it, and asks people for the other', async () => {
      const { desk, clock, grants } = setUp();
      await desk.request(brief);
      await desk.vote('g1', human('dba', ['dba']), approve);
      clock.nowMs = T0 + 10_000;
      const outcomes = await Promise.all(['2', '3'].map((of) => desk.request(again(of))));
      expect(outcomes.map((outcome) => outcome.ok && outcome.value.id === 'g1').sort()).toEqual([false, true]);
      expect((await grants.list()).map(({ value }) => value.status).sort()).toEqual(['approved', 'pending']);
    });

    it('finds it although the requester may ask for no more', async () => {
      const { desk, clock } = setUp();
      await desk.request(brief);
      for (let index = 1; index < 32; index += 1) await desk.request({ ...request, id: `m${index}`, actionDigest: `other-${index}` });
      clock.nowMs = T0 + 10_000;
      expect(await desk.request(again('2'))).toMatchObject({ ok: true, value: { id: 'g1' } });
    });
  });

  it('ends what is over', async () => {
    const { desk, clock, types } = setUp();
    await desk.request(request);
    await desk.expireOverdue();
    expect(types()).toEqual(['approval.requested.v1']);
    clock.nowMs = T0 + 60_000;
    await desk.expireOverdue();
    expect(await desk.show('g1')).toMatchObject({ ok: true, value: { status: 'expired' } });
  });

  it('lets one requester have so many open and no more, also when they come at once', async () => {
    const { desk, grants, ledger, clock } = setUp();
    const many = Array.from({ length: 40 }, (_, index) => ({ ...request, id: `m${index}` }));
    const outcomes = await Promise.all(many.map((one) => desk.request(one)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(32);
    expect(outcomes.at(-1)).toMatchObject({ ok: false, refusal: { reason: 'approvals_too_many', hint: expect.stringContaining('Wait') } });
    expect([(await grants.list()).length, ledger.events.length]).toEqual([32, 32]);
    expect(await desk.request(many[0]!)).toMatchObject({ ok: true });
    expect(await desk.request({ ...request, requester: { ...request.requester, name: 'other', subject: 'other' } })).toMatchObject({ ok: true });
    clock.nowMs = T0 + 60_000;
    await desk.expireOverdue();
    expect(await desk.request({ ...request, id: 'later' })).toMatchObject({ ok: true });
  });

  it('takes no request that is too long to be read', async () => {
    const { desk, ledger } = setUp();
    expect(await desk.request({ ...request, action: { ...request.action, text: 'x'.repeat(64 * 1024) } })).toMatchObject({ ok: false, refusal: { reason: 'approval_too_large' } });
    expect(ledger.events).toEqual([]);
  });

  it.each(['api', 'connector-elsewhere'])('takes requests from connectors of this installation only: %s is none', async (connector) => {
    expect(await setUp().desk.request({ ...request, connector })).toMatchObject({ ok: false, refusal: { reason: 'connector_unknown' } });
  });

  it('takes a signed vote where the signature is good, and says whose word that is', async () => {
    const { desk, ledger, signatures } = setUp();
    await desk.request({ ...request, ask: { ...request.ask, signed: 'webauthn' } });
    const dba = human('dba', ['dba']);
    expect(await desk.vote('g1', dba, approve)).toMatchObject({ ok: false, refusal: { reason: 'signature_required', rule: 'needs-dba' } });
    signatures.answer = refused('signature_wrong', 'not yours');
    expect(await desk.vote('g1', dba, { ...approve, assertion })).toMatchObject({ ok: false, refusal: { reason: 'signature_wrong' } });
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.rejected.v1', data: { reason: 'signature_wrong' } });
    signatures.answer = accepted({});
    expect(await desk.vote('g1', dba, { ...approve, assertion })).toMatchObject({ ok: true, value: { status: 'approved', votes: [{ assertion }] } });
    expect(signatures.asked.at(-1)).toEqual(['dba', 'g', assertion]);
  });

  it('takes a no without a signature', async () => {
    const { desk } = setUp();
    await desk.request({ ...request, ask: { ...request.ask, signed: 'webauthn' } });
    expect(await desk.vote('g1', human('dba', ['dba']), { ...approve, verdict: 'deny' })).toMatchObject({ ok: true, value: { status: 'denied' } });
  });
});
