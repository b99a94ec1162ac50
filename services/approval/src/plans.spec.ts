import { describe, expect, it } from 'vitest';
import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import type { ApprovalRequest, Ask, Configuration, Decision, GrantState, Principal, RpcClient } from '@interlock/contracts';
import { principalOf } from '@interlock/domain-identity';
import { actionDigest, grantDigest } from '@interlock/domain-session';
import { accepted } from '@interlock/kernel';
import { ApprovalDesk } from './desk.js';
import { Plans, type PlanWish } from './plans.js';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const ASK: Ask = { quorum: [{ role: 'dba', count: 1 }], rules: ['needs-dba'], ruleHash: 'h', windowSeconds: 60 };
const configuration = {
  version: 1, masking: { columns: [], content: [] }, targets: [{ name: 'shop', protocol: 'postgres' }],
  issuers: [{ name: 'demo', url: 'https://issuer.example', audience: 'interlock', algorithms: ['EdDSA'], clockSkewSeconds: 60 }],
  principals: [
    { name: 'agent', kind: 'agent', issuer: 'demo', subject: 'agent', roles: [], owners: ['owner'] },
    ...['owner', 'other', 'dba'].map((name) => ({ name, kind: 'human', issuer: 'demo', subject: name, roles: [name], owners: [] })),
  ],
  administration: { changes: ['dba'], secrets: ['dba'], audit: ['dba'], locks: ['dba'] },
} as unknown as Configuration;

function named(name: string): Principal {
  const principal = principalOf({ issuer: 'demo', subject: name, claims: {}, expiresAtMs: 0 }, configuration);
  if (!principal.ok) throw new Error(principal.refusal.detail);
  return principal.value;
}

/** Policy foresees by the text: `allowed`, `denied` and `signed` say it themselves, everything else asks. */
function foreseen(text: string): Decision {
  const reasons: Decision['reasons'] = [{ rule: 'needs-dba', effect: 'forbid', message: 'A DBA agrees.' }];
  if (text.startsWith('allowed')) return { outcome: 'allow', reasons: [{ rule: 'r', effect: 'permit', message: 'may' }], bundleVersion: 1 };
  return text.startsWith('denied') ? { outcome: 'deny', reasons, bundleVersion: 1 } : { outcome: 'ask', reasons, bundleVersion: 1, ask: text.startsWith('signed') ? { ...ASK, signed: 'webauthn' } : ASK };
}

function setUp() {
  const grants = new MemoryAggregate<GrantState>();
  const ledger = new MemoryLedger();
  const clock = { nowMs: T0 };
  const trust = { services: { 'connector-postgres': { signingKey: '', sealingKey: '' } } };
  const desk = new ApprovalDesk({ grants, ledger, trust, nowMs: () => clock.nowMs, configuration: () => configuration, checkSignature: async () => accepted({}) });
  const rpc = { call: async (_name: string, { text }: { text: string }) => accepted({ decision: foreseen(text) }) } as unknown as RpcClient;
  const plans = new Plans({ desk, rpc, newId: () => 'plan', nowMs: () => clock.nowMs });
  const propose = (by: string, wish: Partial<PlanWish> & Pick<PlanWish, 'commands'>) => plans.propose({ principal: named(by), configuration, expiresAtMs: T0 + 1 }, { target: 'shop', inOrder: false, ...wish });
  const send = (id: string, text: string, more: Partial<ApprovalRequest> = {}) => desk.request(sent(id, text, more));
  return { desk, grants, ledger, clock, propose, send };
}

function sent(id: string, text: string, more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const requester = named('agent');
  const action = { protocol: 'postgres', verb: 'delete', text, parameters: [], accesses: [], facts: {}, context: {} };
  const terms = { id, actionDigest: actionDigest(requester, 'shop', action), ask: ASK, requestedAt: new Date(T0).toISOString(), expiresAt: new Date(T0 + 60_000).toISOString() };
  return { ...terms, session: `s-${id}`, command: `c-${id}`, connector: 'connector-postgres', instance: '1', requester, target: 'shop', action, grantDigest: grantDigest(terms), reasons: [], ...more };
}

const texts = (...all: string[]): PlanWish['commands'] => all.map((text) => ({ text, parameters: [] }));

async function approved(wish: Partial<PlanWish> & Pick<PlanWish, 'commands'>) {
  const world = setUp();
  const proposed = await world.propose('agent', wish);
  if (!proposed.ok) throw new Error(proposed.refusal.detail);
  const voted = await world.desk.vote('plan', named('dba'), { verdict: 'approve', grantDigest: proposed.value.request.grantDigest });
  expect(voted).toMatchObject({ ok: true, value: { status: 'approved' } });
  return world;
}

describe('a plan', () => {
  it('is a request like any other, with the digests of all that people read', async () => {
    const { propose, ledger } = setUp();
    const proposed = await propose('agent', { commands: texts('one', 'two'), inOrder: true, reason: 'tonight' });
    if (!proposed.ok) throw new Error(proposed.refusal.detail);
    const { request, status } = proposed.value;
    expect(status).toBe('pending');
    expect(request).toMatchObject({ requester: { name: 'agent' }, target: 'shop', action: { verb: 'plan', text: '2 commands, each once, in this order:\n1. one\n2. two', stated: { reason: 'tonight' } }, reasons: ['A DBA agrees.'], ask: { quorum: ASK.quorum, windowSeconds: 60 } });
    expect([request.actionDigest, request.grantDigest]).toEqual([actionDigest(request.requester, 'shop', request.action), grantDigest(request)]);
    expect(ledger.events).toMatchObject([{ type: 'approval.requested.v1', data: { request: { id: 'plan' } } }]);
  });

  it.each<[string, string, Partial<PlanWish>, string]>([
    ['by a stranger', 'other', { as: 'agent' }, 'not_concerned'],
    ['by one agent for a human', 'agent', { as: 'owner' }, 'not_concerned'],
    ['for a target that is none', 'agent', { target: 'elsewhere' }, 'target_unknown'],
    ['of what would be denied', 'agent', { commands: texts('one', 'denied') }, 'plan_denied'],
    ['of what is signed', 'agent', { commands: texts('one', 'signed') }, 'plan_signed'],
    ['of what nobody is asked about', 'agent', { commands: texts('allowed') }, 'plan_needless'],
    ['for longer than the rules let', 'agent', { windowSeconds: 61 }, 'window_too_long'],
    ['of a digest that nobody asked about', 'agent', { commands: [{ digest: 'a'.repeat(64) }] }, 'digest_unknown'],
  ])('is not taken %s', async (_what, by, wish, reason) => {
    const { propose, ledger } = setUp();
    expect(await propose(by, { commands: texts('one'), ...wish })).toMatchObject({ ok: false, refusal: { reason } });
    expect(ledger.events).toEqual([]);
  });

  it('is taken from the owner of the agent, who may not agree to it', async () => {
    const { propose, desk } = setUp();
    const proposed = await propose('owner', { as: 'agent', commands: texts('one') });
    expect(proposed).toMatchObject({ ok: true, value: { request: { requester: { name: 'agent' } } } });
    if (proposed.ok) expect(await desk.vote('plan', { ...named('owner'), roles: ['dba'] }, { verdict: 'approve', grantDigest: proposed.value.request.grantDigest })).toMatchObject({ ok: false, refusal: { reason: 'not_independent' } });
  });

  it('gives each of its commands a grant, once, and records it', async () => {
    const { send, ledger, grants } = await approved({ commands: texts('one', 'two') });
    expect(await send('g2', 'two')).toMatchObject({ ok: true, value: { id: 'g2', resumed: { status: 'approved', planned: { entry: 1, plan: { id: 'plan' } }, votes: [{ approver: { name: 'dba' } }] } } });
    expect(ledger.events.slice(-2)).toMatchObject([
      { type: 'plan.drawn.v1', session: 's-g2', command: 'c-g2', data: { grant: 'plan', entry: 1, as: 'g2' } }, { type: 'approval.requested.v1', data: { planned: { plan: 'plan', entry: 1 } } },
    ]);
    expect(await send('g2', 'two')).toMatchObject({ ok: true, value: { id: 'g2', resumed: { status: 'approved' } } });
    expect(await send('g3', 'two')).toEqual(accepted({ id: 'g3' }));
    expect((await grants.get('g3'))!.value.status).toBe('pending');
  });

  it('gives one place to one of two that come at once', async () => {
    const { send } = await approved({ commands: texts('one', 'two') });
    const outcomes = await Promise.all(['g2', 'g3'].map((id) => send(id, 'one')));
    expect(outcomes.map((outcome) => outcome.ok && outcome.value.resumed?.status)).toEqual(expect.arrayContaining(['approved', undefined]));
  });

  it('keeps its order: what comes before its turn asks as usual', async () => {
    const { send, grants } = await approved({ commands: texts('one', 'two'), inOrder: true });
    expect(await send('g2', 'two')).toEqual(accepted({ id: 'g2' }));
    expect(await send('g3', 'one')).toMatchObject({ value: { resumed: { status: 'approved' } } });
    expect(await send('g4', 'two')).toEqual(accepted({ id: 'g4' }));
    const first = (await grants.get('g3'))!;
    await grants.put('g3', { ...first.value, status: 'consumed' }, first.revision);
    expect(await send('g5', 'two')).toMatchObject({ value: { resumed: { status: 'approved', planned: { entry: 1 } } } });
  });

  it.each<[string, string, Partial<ApprovalRequest>]>([
    ['what it does not name', 'three', {}], ['what another rule asks about', 'one', { ask: { ...ASK, ruleHash: 'changed' } }], ['what comes for another target', 'one', { target: 'lab' }],
  ])('does not cover %s', async (_what, text, more) => {
    const { send } = await approved({ commands: texts('one', 'two') });
    expect(await send('g2', text, more)).toEqual(accepted({ id: 'g2' }));
  });

  it('covers nothing before people agreed to it, and nothing once it is over', async () => {
    const waiting = setUp();
    await waiting.propose('agent', { commands: texts('one') });
    expect(await waiting.send('g2', 'one')).toEqual(accepted({ id: 'g2' }));
    const over = await approved({ commands: texts('one'), windowSeconds: 30 });
    over.clock.nowMs = T0 + 30_000;
    expect(await over.send('g2', 'one')).toEqual(accepted({ id: 'g2' }));
  });

  it('holds a command of a digest to what it meant when it was asked about', async () => {
    const world = setUp();
    const { actionDigest: digest } = sent('g1', 'one');
    await world.send('g1', 'one');
    await world.desk.withdraw('g1', { connector: 'connector-postgres', instance: '1' });
    const proposed = await world.propose('agent', { commands: [{ digest }] });
    expect(proposed).toMatchObject({ ok: true, value: { request: { action: { text: '1 command, each once:\n1. one' }, plan: { entries: [{ actionDigest: digest }] } } } });
    if (proposed.ok) await world.desk.vote('plan', named('dba'), { verdict: 'approve', grantDigest: proposed.value.request.grantDigest });
    expect(await world.send('g2', 'one', { actionDigest: 'f'.repeat(64) })).toEqual(accepted({ id: 'g2' }));
    expect(await world.send('g3', 'one')).toMatchObject({ value: { resumed: { status: 'approved' } } });
  });
});
