import { describe, expect, it } from 'vitest';
import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import type { ApprovalRequest, Configuration, GrantState, Lock } from '@interlock/contracts';
import { Recognition } from '@interlock/domain-identity';
import { accepted, refused } from '@interlock/kernel';
import { ApprovalController } from './approval.controller.js';
import { Changes } from './changes.js';
import { ApprovalDesk } from './desk.js';
import { listed } from './listed.js';
import { Plans } from './plans.js';

const BUS_BYTES = 1024 * 1024;
const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const configuration: Configuration = {
  version: 1, targets: [], masking: { columns: [], content: [] },
  issuers: [{ name: 'demo', url: 'https://issuer.example', audience: 'interlock', algorithms: ['EdDSA'], clockSkewSeconds: 60 }],
  principals: [
    { name: 'agent', kind: 'agent', issuer: 'demo', subject: 'agent', roles: [], owners: ['owner'] },
    ...['owner', 'dba', 'stranger'].map((name) => ({ name, kind: 'human' as const, issuer: 'demo', subject: name, roles: [name], owners: [] })),
  ],
  administration: { changes: ['dba'], secrets: ['dba'], audit: ['dba'], locks: ['dba'] },
};

function request(id: string, text = 'delete from orders'): ApprovalRequest {
  return {
    id, session: 's', command: 'c', connector: 'connector-postgres', instance: '1', target: 'shop', actionDigest: 'a', grantDigest: 'g', reasons: [],
    requester: { name: 'agent', kind: 'agent', issuer: 'https://issuer.example', subject: 'agent', roles: [], party: ['owner'] },
    action: { protocol: 'postgres', verb: 'delete', text, parameters: [], accesses: [], facts: {}, context: {} },
    ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['r'], ruleHash: 'h', windowSeconds: 60 },
    requestedAt: new Date(NOW_MS).toISOString(), expiresAt: new Date(NOW_MS + 60_000).toISOString(),
  };
}

/** A token is the name of its owner here. */
function setUp(locks: readonly Lock[] = []) {
  const ledger = new MemoryLedger();
  const trust = { services: { 'connector-postgres': { signingKey: '', sealingKey: '' } } };
  const grants = new MemoryAggregate<GrantState>();
  const desk = new ApprovalDesk({ grants, ledger, trust, nowMs: () => NOW_MS, configuration: () => configuration, checkSignature: async () => accepted({}) });
  const verifier = { verify: async (token: string) => accepted({ issuer: 'demo', subject: token, claims: {}, expiresAtMs: NOW_MS + 1 }) };
  const state = { bundle: { configuration }, locks: new Map(locks.map((lock) => [lock.id, lock])), access: new Map() };
  const keys = { openText: ({ box }: { box: string }) => accepted(box) };
  const recognition = new Recognition({ verifier, keys, control: { state, caughtUp: async () => true }, nowMs: () => NOW_MS });
  const control = new ApprovalController(desk, recognition, new Plans({ desk, rpc: { call: async () => refused('unavailable', 'Policy is not here.') }, newId: () => 'p', nowMs: () => NOW_MS }), new Changes(grants, () => undefined), { covers: () => false });
  /** As a connector does that carries the requester's own session. */
  return Object.assign(control, { ledger, ask: (asked: ApprovalRequest) => desk.request(asked) });
}

const token = (of: string) => ({ box: of, purpose: 'token' });
const vote = (id: string) => ({ token: token('dba'), id, verdict: 'approve' as const, grantDigest: 'g' });

describe('a request for approval', () => {
  const asked = request('g1');

  it('is of the principal whose token came with it', async () => {
    expect(await setUp().request({ token: token('agent'), request: asked })).toMatchObject({ ok: true });
  });

  it.each(['owner', 'dba'])('is not taken on a connector\'s word: with the token of %s', async (of) => {
    const control = setUp();
    expect(await control.request({ token: token(of), request: asked })).toMatchObject({ ok: false, refusal: { reason: 'requester_mismatch' } });
    expect(control.ledger.events).toMatchObject([{ type: 'approval.rejected.v1', data: { grant: 'g1', approver: 'connector-postgres', reason: 'requester_mismatch' } }]);
    expect(await control.list({ token: token('dba') })).toMatchObject({ value: { approvals: [] } });
  });

  it('is not taken from whoever is locked', async () => {
    const lock: Lock = { id: 'l', scope: 'principal', subject: 'agent', reason: 'odd', by: 'dba', at: '' };
    expect(await setUp([lock]).request({ token: token('agent'), request: asked })).toMatchObject({ refusal: { reason: 'locked' } });
  });
});

describe('a vote', () => {
  it.each([['principal', 'dba'], ['party', 'dba']] as const)('of someone whose %s is locked does not count, nor do they read', async (scope, subject) => {
    const control = setUp([{ id: 'l', scope, subject, reason: 'gone', by: 'owner', at: '' }]);
    await control.ask(request('g1'));
    for (const answer of [await control.vote(vote('g1')), await control.show({ token: token('dba'), id: 'g1' }), await control.list({ token: token('dba') }), await control.changes({ token: token('dba'), after: 0, waitMs: 0 })]) {
      expect(answer).toMatchObject({ ok: false, refusal: { reason: 'locked' } });
    }
  });

  it('counts while a lock stands on someone else', async () => {
    const control = setUp([{ id: 'l', scope: 'principal', subject: 'agent', reason: 'odd', by: 'owner', at: '' }]);
    await control.ask(request('g1'));
    expect(await control.vote(vote('g1'))).toMatchObject({ ok: true, value: { state: { status: 'approved' } } });
  });
});

describe('what people read', () => {
  it('has everything escaped that they would not see, whole or in the list', async () => {
    const control = setUp();
    const asked = request('g1', 'delete from orders\n-- \u202egnihton');
    const action = { ...asked.action, parameters: [{ type: '25', format: 'text' as const, value: 'a\u200bb' }, { type: '25', format: 'text' as const, value: null }], stated: { reason: 'so\u2066', ticket: 'OPS-1' } };
    await control.ask({ ...asked, action });
    const shown = { command: 'delete from orders\n-- \\u{202e}gnihton', reason: 'so\\u{2066}', ticket: 'OPS-1' };
    expect(await control.show({ token: token('dba'), id: 'g1' })).toMatchObject({ ok: true, value: { approval: { request: { action: { text: asked.action.text } }, shown: { ...shown, parameters: ['a\\u{200b}b (type 25, text)', 'NULL (type 25, text)'] } } } });
    expect(await control.list({ token: token('dba') })).toMatchObject({ ok: true, value: { approvals: [{ shown }] } });
  });
});

describe('the list', () => {
  it('is not hidden by requests that are as long as they may be', async () => {
    const control = setUp();
    await control.ask(request('g0', 'drop table orders'));
    for (let index = 1; index <= 20; index += 1) await control.ask(request(`g${index}`, `delete from orders -- ${'x'.repeat(60_000)}`));
    const list = await control.list({ token: token('dba') });
    if (!list.ok) throw new Error(list.refusal.detail);
    expect(list.value.approvals.map((approval) => approval.request.id).sort()).toEqual(Array.from({ length: 21 }, (_, index) => `g${index}`).sort());
    expect(Buffer.byteLength(JSON.stringify(list))).toBeLessThan(BUS_BYTES);
    expect(await control.show({ token: token('dba'), id: 'g1' })).toMatchObject({ ok: true, value: { approval: { request: { action: { text: expect.stringMatching(/x{60000}$/) } } } } });
  });

  it('leaves out plans and samples, which are shown with one of them', async () => {
    const control = setUp();
    const preview = { kind: 'exact' as const, rows: 1, plan: ['Delete on orders'], sample: { columns: ['id'], rows: [['7']] }, takenAt: '2026-01-01T00:00:00.000Z' };
    await control.ask({ ...request('g1'), preview });
    expect(await control.list({ token: token('dba') })).toMatchObject({ ok: true, value: { approvals: [{ request: { preview: { kind: 'exact', rows: 1, takenAt: preview.takenAt } } }] } });
    expect(JSON.stringify(await control.list({ token: token('dba') }))).not.toMatch(/Delete on|sample/);
    expect(await control.show({ token: token('dba'), id: 'g1' })).toMatchObject({ ok: true, value: { approval: { request: { preview } } } });
  });

  it('is not hidden by plans, nor by the commands of one', () => {
    const plan = { ...request('p'), plan: { entries: Array.from({ length: 50 }, () => ({ text: 'x'.repeat(1_000), parameters: [], ask: request('p').ask, reasons: [] })), inOrder: false } };
    const drawn = Array.from({ length: 50 }, (_, entry): GrantState => ({ status: 'approved', request: request(`g${entry}`), votes: [], planned: { plan, entry } }));
    const shown = listed([{ status: 'approved', request: plan, votes: [] }, ...drawn]);
    expect(shown).toHaveLength(51);
    expect(Buffer.byteLength(JSON.stringify(shown))).toBeLessThan(100_000);
  });

  it('stops where the answer would become too long, with the newest in it', async () => {
    const control = setUp();
    for (let index = 0; index < 300; index += 1) {
      const { requester, ...asked } = request(`g${index}`, 'x'.repeat(3_000));
      await control.ask({ ...asked, requester: { ...requester, subject: `agent-${index}` }, requestedAt: new Date(NOW_MS + index).toISOString() });
    }
    const list = await control.list({ token: token('dba') });
    if (!list.ok) throw new Error(list.refusal.detail);
    expect(list.value.approvals[0]?.request.id).toBe('g299');
    expect(list.value.approvals.length).toBeLessThan(300);
    expect(Buffer.byteLength(JSON.stringify(list))).toBeLessThan(BUS_BYTES);
  });
});

describe('changes', () => {
  it('are told to people whom they concern, and to nobody else', async () => {
    const control = setUp();
    await control.ask(request('g1'));
    expect(await control.changes({ token: token('dba'), after: 0, waitMs: 0 })).toMatchObject({ ok: true, value: { changes: [{ approval: { request: { id: 'g1' } } }], fresh: false } });
    expect(await control.changes({ token: token('owner'), after: 0, waitMs: 0 })).toMatchObject({ ok: true, value: { changes: [{ approval: { request: { id: 'g1' } } }] } });
    expect(await control.changes({ token: token('stranger'), after: 0, waitMs: 0 })).toMatchObject({ ok: true, value: { changes: [], next: 1 } });
    expect(await control.changes({ token: token('agent'), after: 0, waitMs: 0 })).toMatchObject({ ok: false, refusal: { reason: 'human_required' } });
  });
});
