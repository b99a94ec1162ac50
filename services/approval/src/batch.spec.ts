import { describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '@interlock/contracts';
import { office, ONE, TWO } from '../spec/office.js';

const NO = (reason: string): unknown => expect.stringMatching(new RegExp(`^${reason}: `));
const action = (text: string, table = 'orders'): ApprovalRequest['action'] => ({
  protocol: 'postgres', verb: 'delete', text, parameters: [], facts: {}, context: {}, accesses: [{ verb: 'delete', duty: 'delete', object: { kind: 'table', path: ['shop', 'public', table] } }],
});
const named = (id: string, more: Partial<ApprovalRequest> = {}): Partial<ApprovalRequest> => ({ id, grantDigest: `d-${id}`, action: action(`delete from orders where id = ${id.slice(1)}`), ...more });
const ids = (...all: string[]) => all.map((id) => [id, `d-${id}`] as const);

async function waiting(desk: ReturnType<typeof office>, ...requests: Partial<ApprovalRequest>[]): Promise<void> {
  for (const one of requests) await desk.ask(one);
}

describe('one decision about several requests', () => {
  it('is a vote on each, under its own digest, and the ledger tells that they came together', async () => {
    const desk = office(ONE);
    await waiting(desk, named('g1'), named('g2'), named('g3'));
    expect(await desk.voteMany('d1', ids('g1', 'g3'))).toBe('g1 approved,g3 approved');
    const votes = desk.ledger.events.filter(({ type }) => type === 'approval.voted.v1').map(({ data }) => data as { grant: string; vote: { grantDigest: string; batch: string } });
    expect(votes.map(({ grant, vote }) => `${grant} ${vote.grantDigest}`)).toEqual(['g1 d-g1', 'g3 d-g3']);
    expect(new Set(votes.map(({ vote }) => vote.batch)).size).toBe(1);
    expect(await desk.voteMany('d1', ids('g2'))).toBe('g2 approved');
  });

  it('refuses by itself what does not hold for one of them, and counts for the others', async () => {
    const desk = office(TWO);
    await waiting(desk, named('g1'), named('g2'), named('g3'));
    expect(await desk.voteMany('d1', ids('g1', 'g2', 'g3'))).toBe('g1 pending,g2 pending,g3 pending');
    expect(await desk.voteMany('d2', [['g1', 'd-g1'], ['g2', 'd-g1'], ['g3', 'd-g3']])).toBe('g1 approved,g2 digest_mismatch,g3 approved');
    expect(await desk.voteMany('d2', ids('g1', 'g2'))).toBe('g1 approval_closed,g2 approved');
  });

  it.each<[string, Partial<ApprovalRequest>]>([
    ['at another target', { target: 'bank' }],
    ['of other objects', { action: action('delete from customers', 'customers') }],
    ['by other rules', { ask: { quorum: [...ONE], rules: ['other'], ruleHash: 'h', windowSeconds: 60 } }],
    ['by a changed rule', { ask: { quorum: [...ONE], rules: ['r'], ruleHash: 'other', windowSeconds: 60 } }],
    ['of somebody else', { requester: { name: 'sub', kind: 'agent', issuer: 'https://issuer.example', subject: 'sub', roles: [], party: ['creator', 'owner', 'scheduler'] } }],
  ])('is about one kind: not with one %s, and then nothing is voted on', async (_what, more) => {
    const desk = office(ONE);
    await waiting(desk, named('g1'), named('g2', more));
    expect(await desk.voteMany('d1', ids('g1', 'g2'))).toEqual(NO('shapes_differ'));
    expect([await desk.voteMany('d1', ids('g1', 'gone')), await desk.voteMany('d1', [...ids('g1'), ...ids('g1')])]).toEqual([NO('approval_unknown'), NO('batch_invalid')]);
    expect(desk.ledger.events.filter(({ type }) => type === 'approval.voted.v1')).toEqual([]);
    expect([await desk.voteMany('d1', ids('g1')), await desk.voteMany('d1', ids('g2'))]).toEqual(['g1 approved', 'g2 approved']);
  });

  it.each<[string, Partial<ApprovalRequest>, RegExp]>([
    ['has to be signed', { ask: { quorum: [...ONE], rules: ['r'], ruleHash: 'h', windowSeconds: 60, signed: 'webauthn' } }, /^batch_not_possible: g1 has to be signed/],
    ['is a plan', { plan: { entries: [], inOrder: false } as unknown as NonNullable<ApprovalRequest['plan']> }, /^batch_not_possible: g1 is a plan/],
  ])('is not about what %s, and then nothing is voted on', async (_what, more, refusal) => {
    const desk = office(ONE);
    await waiting(desk, named('g1', more), named('g2', more));
    expect(await desk.voteMany('d1', ids('g1', 'g2'))).toMatch(refusal);
    expect(await desk.voteMany('d1', ids('g1'))).toBe(more.plan ? 'g1 approved' : 'g1 signature_required');
    expect(desk.ledger.events.filter(({ type }) => type === 'approval.voted.v1')).toHaveLength(more.plan ? 1 : 0);
  });

  it('obeys what a vote obeys: no owner, no agent, and another’s stead only where it was given', async () => {
    const desk = office(ONE);
    await waiting(desk, named('g1'), named('g2'));
    expect(await desk.voteMany('owner', ids('g1', 'g2'))).toBe('g1 not_independent,g2 not_independent');
    expect(await desk.voteMany('robot', ids('g1', 'g2'))).toBe('g1 approver_not_human,g2 approver_not_human');
    expect(await desk.voteMany('deputy', ids('g1', 'g2'), 'approve', 'd1')).toBe('g1 not_delegated,g2 not_delegated');
    await desk.lend('d1', 'deputy');
    expect(await desk.voteMany('deputy', ids('g1', 'g2'), 'deny', 'd1')).toBe('g1 denied,g2 denied');
  });
});
