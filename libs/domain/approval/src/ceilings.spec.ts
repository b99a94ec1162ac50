import { describe, expect, it } from 'vitest';
import type { ApprovalRequest, GrantState } from '@interlock/contracts';
import { ASKED_PER_HOUR_MAX, belowCeilings, OPEN_PER_REQUESTER_MAX, REQUEST_BYTES_MAX, shortEnough } from './ceilings.js';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');

function request(id: string, { text = '', subject = 'agent', askedMsAgo = 0, party = [] as string[], limits = undefined as ApprovalRequest['ask']['limits'], rules = ['r'], quorum = [{ role: 'dba', count: 1 }] } = {}): ApprovalRequest {
  return {
    id, requester: { name: subject, kind: 'agent', issuer: 'i', subject, roles: [], party }, action: { text }, ask: { rules, limits, quorum }, requestedAt: new Date(NOW_MS - askedMsAgo).toISOString(),
  } as unknown as ApprovalRequest;
}

const several = (count: number, status: GrantState['status'], more: Parameters<typeof request>[1] = {}): GrantState[] =>
  Array.from({ length: count }, (_, index) => ({ status, request: request(`g${index}`, more), votes: [] }));

const reasonOf = (outcome: ReturnType<typeof shortEnough>) => (outcome.ok ? 'accepted' : outcome.refusal.reason);

describe('what people are asked to read', () => {
  const spare = REQUEST_BYTES_MAX - JSON.stringify(request('g')).length;

  it.each([
    ['as long as may be', 'x'.repeat(spare), 'accepted'],
    ['one byte longer', 'x'.repeat(spare + 1), 'approval_too_large'],
    ['as many characters, and more bytes', 'é'.repeat(spare), 'approval_too_large'],
  ])('%s', (_what, text, expected) => expect(reasonOf(shortEnough(request('g', { text })))).toBe(expected));
});

describe('one more approval', () => {
  it.each<[string, GrantState[], string]>([
    ['is the last that may be open', several(OPEN_PER_REQUESTER_MAX - 1, 'pending'), 'accepted'],
    ['is one too many', several(OPEN_PER_REQUESTER_MAX, 'pending'), 'approvals_too_many'],
    ['is one too many beside those that are approved and not used', several(OPEN_PER_REQUESTER_MAX, 'approved'), 'approvals_too_many'],
    ['is fine beside those that ended', several(OPEN_PER_REQUESTER_MAX, 'withdrawn'), 'accepted'],
    ['is fine beside those of someone else', several(OPEN_PER_REQUESTER_MAX, 'pending', { subject: 'other' }), 'accepted'],
    ['is the last within the hour', several(ASKED_PER_HOUR_MAX - 1, 'withdrawn'), 'accepted'],
    ['is too many within the hour', several(ASKED_PER_HOUR_MAX, 'withdrawn'), 'approvals_too_many'],
    ['is fine when the hour is over', several(ASKED_PER_HOUR_MAX, 'withdrawn', { askedMsAgo: 3_600_000 }), 'accepted'],
  ])('%s', (_what, others, expected) => expect(reasonOf(belowCeilings(request('new'), others, NOW_MS))).toBe(expected));

  it('is the same one when it is asked for again', () => {
    expect(belowCeilings(request('g0'), several(OPEN_PER_REQUESTER_MAX, 'pending'), NOW_MS)).toMatchObject({ ok: true });
  });
});

describe('a rule that limits how often people are asked', () => {
  const limits = [{ rule: 'r', count: 3, seconds: 600 }];
  it.each<[string, GrantState[], string]>([
    ['asks as often as it says', several(2, 'consumed'), 'accepted'],
    ['and no more, whatever became of the others', several(3, 'consumed'), 'approvals_too_many'],
    ['again when its time is over', several(3, 'pending', { askedMsAgo: 600_000 }), 'accepted'],
    ['whatever is drawn on a plan', several(3, 'consumed').map((state) => ({ ...state, planned: { plan: request('p'), entry: 0 } })), 'accepted'],
    ['whatever other rules ask', several(3, 'pending', { rules: ['other'] }), 'accepted'],
    ['whatever others ask', several(3, 'pending', { subject: 'other', party: ['bob'] }), 'accepted'],
    ['not through another agent of the same human', several(3, 'pending', { subject: 'other', party: ['alice', 'bob'] }), 'approvals_too_many'],
  ])('%s', (_what, others, expected) => {
    expect(reasonOf(belowCeilings(request('new', { limits, party: ['alice'] }), others, NOW_MS))).toBe(expected);
  });

  it('says when people can be asked again', () => {
    const others = [...several(2, 'denied'), ...several(1, 'denied', { askedMsAgo: 60_000 })];
    expect(belowCeilings(request('new', { limits }), others, NOW_MS)).toMatchObject({ refusal: { rule: 'r', retryable: true, hint: expect.stringContaining('2026-01-01T00:09:00.000Z') as string } });
  });
});

describe('a role whose people are asked so often at most', () => {
  const roles = [{ name: 'dba', members: [], asked: { most: 3, minutes: 10 } }, { name: 'security', members: [] }];
  const asked = (others: GrantState[], more: Parameters<typeof request>[1] = {}) => belowCeilings(request('new', more), others, NOW_MS, roles);
  const security = { quorum: [{ role: 'security', count: 1 }] };

  it.each<[string, GrantState[], Parameters<typeof request>[1], string]>([
    ['is asked once more', several(2, 'consumed', { subject: 'other' }), {}, 'accepted'],
    ['is asked no more, whoever asks, by whatever rule', several(3, 'denied', { subject: 'other', rules: ['another'] }), {}, 'approvals_too_many'],
    ['counts where others have to agree beside it', several(3, 'pending', { subject: 'other' }), { quorum: [{ role: 'security', count: 1 }, { role: 'dba', count: 1 }] }, 'approvals_too_many'],
    ['is asked again when its time is over', several(3, 'denied', { subject: 'other', askedMsAgo: 600_000 }), {}, 'accepted'],
    ['is not asked what others are asked', several(3, 'pending', { subject: 'other', ...security }), {}, 'accepted'],
    ['keeps nobody from asking others', several(3, 'pending', { subject: 'other' }), security, 'accepted'],
    ['is not asked what a plan covers', several(3, 'consumed', { subject: 'other' }).map((state) => ({ ...state, planned: { plan: request('p'), entry: 0 } })), {}, 'accepted'],
  ])('%s', (_what, others, more, expected) => expect(reasonOf(asked(others, more))).toBe(expected));

  it('says when it can be asked again', () => {
    const others = [...several(2, 'denied', { subject: 'other' }), ...several(1, 'denied', { subject: 'other', askedMsAgo: 60_000 })];
    expect(asked(others)).toMatchObject({ refusal: { retryable: true, hint: expect.stringContaining('2026-01-01T00:09:00.000Z') as string } });
  });
});
