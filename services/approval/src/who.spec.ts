import { describe, expect, it } from 'vitest';
import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { Configuration, type ApprovalRequest, type GrantState } from '@interlock/contracts';
import { principalOf, Recognition } from '@interlock/domain-identity';
import { accepted } from '@interlock/kernel';
import { ApprovalController } from './approval.controller.js';
import { Changes } from './changes.js';
import { ApprovalDesk } from './desk.js';
import { Plans } from './plans.js';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const human = (name: string, roles: string[] = [], more: object = {}) => ({ name, kind: 'human', issuer: 'demo', subject: name, roles, ...more });
const agent = (name: string, owners: string[], roles: string[] = []) => ({ name, kind: 'agent', issuer: 'demo', subject: name, owners, roles });

const configuration = Configuration.parse({
  version: 1, targets: [], issuers: [{ name: 'demo', url: 'https://issuer.example', audience: 'interlock', algorithms: ['EdDSA'] }],
  delegation: { allowed: [{ actor: 'robot', for: ['d1', 'd2', 'owner'] }] },
  administration: { changes: ['admin'], secrets: ['admin'], audit: ['admin'], locks: ['admin'] },
  principals: [
    { ...agent('agent', ['owner']), createdBy: ['creator'], scheduledBy: ['scheduler'] }, agent('sub', ['agent']), agent('robot', ['d3'], ['dba', 'security']), agent('orphan', []),
    human('owner', ['dba', 'security']), human('creator', ['dba']), human('scheduler', ['dba']), human('owner-2', ['dba'], { human: 'owner' }),
    ...['d1', 'd2', 'd3'].map((name) => human(name, ['dba'])), human('d1-2', ['security'], { human: 'd1' }),
    human('s1', ['security']), human('both', ['dba', 'security']), human('admin', ['admin']),
  ],
});

/** A token is the name of its owner here, with those who act with it behind a dash: `owner<robot`. */
function setUp(quorum: readonly { role: string; count: number }[], requester = 'agent') {
  const ledger = new MemoryLedger();
  const claims = (actors: readonly string[]): object => (actors.length === 0 ? {} : { act: { sub: actors[0], ...claims(actors.slice(1)) } });
  const verified = (token: string) => {
    const [subject = '', ...actors] = token.split('<');
    return { issuer: 'demo', subject, claims: claims(actors) as Record<string, unknown>, expiresAtMs: NOW_MS + 1 };
  };
  const asked = principalOf(verified(requester), configuration);
  if (!asked.ok) throw new Error(asked.refusal.detail);
  const request: ApprovalRequest = {
    id: 'g1', session: 's', command: 'c', connector: 'connector-postgres', instance: '1', target: 'shop', actionDigest: 'a', grantDigest: 'g', reasons: [], requester: asked.value,
    action: { protocol: 'postgres', verb: 'delete', text: 'delete from orders', parameters: [], accesses: [], facts: {}, context: {} },
    ask: { quorum: [...quorum], rules: ['r'], ruleHash: 'h', windowSeconds: 60 }, requestedAt: new Date(NOW_MS).toISOString(), expiresAt: new Date(NOW_MS + 60_000).toISOString(),
  };
  const grants = new MemoryAggregate<GrantState>();
  const desk = new ApprovalDesk({
    grants, ledger, nowMs: () => NOW_MS, configuration: () => configuration, checkSignature: async () => accepted({}), trust: { services: { 'connector-postgres': { signingKey: '', sealingKey: '' } } },
  });
  const keys = { openText: ({ box }: { box: string }) => accepted(box) };
  const recognition = new Recognition({ keys, verifier: { verify: async (token) => accepted(verified(token)) }, control: { state: { bundle: { configuration }, locks: new Map() }, caughtUp: () => Promise.resolve(true) } });
  const control = new ApprovalController(desk, recognition, new Plans({ desk, rpc: { call: () => Promise.reject(new Error('policy is not here')) }, newId: () => 'p', nowMs: () => NOW_MS }), new Changes(grants, () => undefined));
  const token = (of: string) => ({ box: of, purpose: 'token' });
  const said = (answer: Awaited<ReturnType<ApprovalController['vote']>>): string => (answer.ok ? answer.value.state.status : `${answer.refusal.reason}: ${answer.refusal.detail}`);
  return {
    ledger, ask: () => control.request({ token: token(requester), request }),
    vote: async (of: string) => said(await control.vote({ token: token(of), id: 'g1', verdict: 'approve', grantDigest: 'g' })),
    takeBack: async (of: string) => said(await control.takeBack({ token: token(of), id: 'g1' })),
  };
}

const ONE = [{ role: 'dba', count: 1 }];
const TWO = [{ role: 'dba', count: 2 }];
const EACH = [{ role: 'dba', count: 1 }, { role: 'security', count: 1 }];

async function votes(quorum: readonly { role: string; count: number }[], names: readonly string[], requester?: string): Promise<string[]> {
  const { ask, vote } = setUp(quorum, requester);
  await ask();
  const said: string[] = [];
  for (const name of names) said.push(await vote(name));
  return said;
}

describe('a quorum is full', () => {
  it.each<[string, readonly { role: string; count: number }[], string[], string[]]>([
    ['with one of the role', ONE, ['d1'], ['approved']],
    ['with two of the role', TWO, ['d1', 'd2'], ['pending', 'approved']],
    ['with one of each', EACH, ['d1', 's1'], ['pending', 'approved']],
    ['in any order', EACH, ['s1', 'd1'], ['pending', 'approved']],
    ['with whoever is in both groups on the seat that is needed', EACH, ['both', 'd1'], ['pending', 'approved']],
    ['with whoever is in both groups on the other seat, too', EACH, ['both', 's1'], ['pending', 'approved']],
    ['not with one who is in both groups', EACH, ['both'], ['pending']],
    ['not with two of one group', EACH, ['d1', 'd2'], ['pending', 'pending']],
    ['not with two accounts of one human', EACH, ['d1', 'd1-2'], ['pending', expect.stringMatching(/^not_independent: .*d1-2 is another account of the human d1/) as unknown as string]],
    ['not with the same vote twice', TWO, ['d1', 'd1'], ['pending', expect.stringMatching(/^already_voted: d1 has voted/) as unknown as string]],
    ['with those who are left after a vote was refused', EACH, ['d1', 'd1-2', 's1'], ['pending', expect.stringMatching(/^not_independent/) as unknown as string, 'approved']],
  ])('%s', async (_what, quorum, names, expected) => expect(await votes(quorum, names)).toEqual(expected));
});

describe('a vote is refused, with its reason', () => {
  it.each<[string, string, string | undefined, RegExp]>([
    ['the owner', 'owner', undefined, /^not_independent: .*: owner owns agent\.$/],
    ['the creator', 'creator', undefined, /^not_independent: .*: creator made agent\.$/],
    ['the scheduler', 'scheduler', undefined, /^not_independent: .*: scheduler has agent run\.$/],
    ['the owner of the owner', 'owner', 'sub', /^not_independent: .*owner stands behind sub through agent/],
    ['a second account of the same human', 'owner-2', undefined, /^not_independent: .*: owner-2 is another account of the human owner; owner owns agent\.$/],
    ['the delegator', 'd1', 'd1<robot', /^not_independent: /],
    ['another account of the delegator', 'd1-2', 'd1<robot', /^not_independent: .*robot acts with a token that d1 delegated to it/],
    ['whoever is behind the one that acts', 'd3', 'd1<robot', /^not_independent: .*d3 stands behind robot, which acts with the token of d1/],
    ['the requester', 'd1', 'd1', /^not_independent: This is d1's own/],
    ['an administrator', 'admin', undefined, /^approver_role: /],
    ['an agent', 'robot', undefined, /^approver_not_human: /],
    ['an agent with the token of a DBA', 'd2<robot', undefined, /^approver_not_human: /],
    ['anyone, where nobody knows who is behind the requester', 'd2', 'orphan', /^party_unknown: Not every human behind orphan is known/],
  ])('%s', async (_who, voter, requester, expected) => {
    const { ask, vote, ledger } = setUp(ONE, requester);
    await ask();
    const said = await vote(voter);
    expect(said).toMatch(expected);
    const [, reason, detail] = /^(\w+): (.*)$/.exec(said)!;
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.rejected.v1', data: { grant: 'g1', reason, detail } });
    // Nothing but who they are stood against it.
    expect(await vote('d2')).toBe(requester === 'orphan' ? said : 'approved');
  });
});

describe('a request is taken back', () => {
  it.each(['agent', 'owner', 'creator', 'owner-2'])('by %s, who asked for it or answers for who did', async (name) => {
    const { ask, vote, takeBack, ledger } = setUp(TWO);
    await ask();
    await vote('d1');
    expect(await takeBack(name)).toBe('withdrawn');
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.ended.v1', data: { grant: 'g1', status: 'withdrawn', by: name } });
    expect(await vote('d2')).toMatch(/^approval_closed/);
  });

  it.each(['d1', 'robot', 'admin', 'owner<robot'])('not by %s, and that is recorded', async (name) => {
    const { ask, vote, takeBack, ledger } = setUp(ONE);
    await ask();
    expect(await takeBack(name)).toMatch(/^not_yours: /);
    expect(ledger.events.at(-1)).toMatchObject({ type: 'approval.rejected.v1', data: { grant: 'g1', reason: 'not_yours' } });
    expect(await vote('d1')).toBe('approved');
  });
});
