import { describe, expect, it } from 'vitest';
import type { GrantState } from '@interlock/contracts';
import { glassInWords, impactOf, isToReview, leftUntil, parameterText, statedIn, stillNeeded, whatItDoes, whatYesMeans, whoAsks, type Impact } from './words.js';

type Request = GrantState['request'];
const takenAt = '2026-01-01T00:00:00.000Z';

const request = {
  requester: { name: 'agent-etl', kind: 'agent', party: ['owner-etl'], roles: [] }, target: 'shop', expiresAt: '2026-01-01T00:10:00Z',
  action: { accesses: [{ verb: 'delete', object: { kind: 'table', path: ['shop', 'public', 'orders'] } }, { verb: 'delete', object: { kind: 'table', path: ['shop', 'public', 'orders'] } }, { verb: 'select', object: { kind: 'target', path: ['shop'] } }] },
  ask: { quorum: [{ role: 'dba', count: 2 }, { role: 'security', count: 1 }] },
} as unknown as Request;

const vote = (...roles: string[]) => ({ verdict: 'approve', approver: { roles } }) as unknown as GrantState['votes'][number];

describe('what an approver reads', () => {
  it('says who asks, and who stands behind', () => {
    expect(whoAsks(request)).toBe('agent-etl, an agent; behind it: owner-etl');
    expect(whoAsks({ ...request, requester: { ...request.requester, party: [] } })).toContain('nobody that is known');
    expect(whoAsks({ ...request, requester: { ...request.requester, kind: 'human', actors: ['agent-x'] } })).toBe('agent-etl, a person, through agent-x');
  });

  it('says who broke a glass, whether it ran, who reviews it, and what they said', () => {
    const { ask } = request;
    const state = (status: GrantState['status'], glass: GrantState['glass']): GrantState => ({ status, votes: [], request: { ...request, ask: { ...ask, rules: ['r'], glass: { reviewers: ['dba', 'security'], reviewSeconds: 60 } } }, glass });
    const said = (verdict: 'accept' | 'object') => ({ verdict }) as NonNullable<GrantState['glass']>['reviews'][number];
    const due = state('consumed', { dueAt: '2026-01-01T00:10:00Z', reviews: [said('accept')], overdueAt: 'x' });
    expect([isToReview(due), glassInWords(due).join('|')]).toEqual([true, expect.stringMatching(/^agent-etl broke the glass of rule r, with nobody asked\. The command was let through at once\.\|Two people of dba or security review it until .*\|It was not reviewed in time, and agent-etl is locked for that\.$/)]);
    const done = state('withdrawn', { dueAt: '2026-01-01T00:10:00Z', reviews: [said('accept'), said('object')], overdueAt: 'x', liftedAt: 'y' });
    expect([isToReview(done), glassInWords(done).join('|')]).toEqual([false, expect.stringMatching(/not let through: it is withdrawn\.\|Reviewed by two: objected to\.\|.* was locked for that\.$/)]);
    expect([isToReview({ status: 'pending', votes: [], request }), glassInWords({ status: 'pending', votes: [], request })]).toEqual([false, []]);
  });

  it('says what it does to what, once', () => expect(whatItDoes(request)).toEqual(['delete table public.orders', 'select target shop']));

  it.each<[string, Impact, RegExp]>([
    ['nothing was counted', {}, /No preview was taken/],
    ['an estimate', { preview: { kind: 'estimate', estimatedRows: 1, takenAt } }, /About 1 row, .*nothing was run/],
    ['a count', { preview: { kind: 'exact', rows: 12, changes: [{ object: 'public.orders', inserted: 0, updated: 0, deleted: 12 }], takenAt } }, /12 rows counted.*\|public\.orders: 12 deleted/],
    ['why not', { preview: { kind: 'none', reason: 'It calls random().', takenAt } }, /No preview could be taken\.\|It calls random/],
  ])('says the impact: %s', (_what, impact, expected) => expect(impactOf({ ...request, ...impact }).join('|')).toMatch(expected));

  it('says what the requester says it is for, where it does', () => {
    expect(statedIn(request)).toEqual([]);
    expect(statedIn({ ...request, action: { ...request.action, stated: { reason: 'end of month', ticket: 'OPS-1' } } })).toEqual(['“end of month”', 'ticket OPS-1']);
  });

  it('says what a yes means, and its bound', () => {
    expect(whatYesMeans(request, [], [])).toMatch(/^Yes means: exactly this command runs once at shop, as agent-etl, before .*void\.$/);
    expect(whatYesMeans({ ...request, ask: { ...request.ask, signed: 'webauthn' } }, [], [])).toContain('runs once at shop, for agent-etl and under the elevated rights that are kept for what is signed, before');
    expect(whatYesMeans(request, ['If it would change more than 12 rows, it is rolled back.', 'A trigger comes with it.'], ['1 more of dba'])).toMatch(/more than 12 rows, it is rolled back\. A trigger comes with it\. The rules.*Others have to agree, too: 1 more of dba\.$/);
    expect(whatYesMeans({ ...request, plan: { entries: [], inOrder: true } }, [], [])).toMatch(/^Yes means: each of these commands may run once, in this order, as it stands here, at shop, as agent-etl, before /);
  });

  it.each<[string, GrantState['votes'], string[], string[]]>([
    ['nobody yet, reader a DBA', [], ['dba'], ['1 more of dba', '1 more of security']],
    ['a DBA, reader a DBA', [vote('dba')], ['dba'], ['1 more of security']],
    ['both DBAs, reader in security', [vote('dba'), vote('dba')], ['security'], []],
    ['reader in no such role', [], [], ['2 more of dba', '1 more of security']],
    ['one person in two roles counts once', [vote('dba', 'security')], ['dba'], ['1 more of security']],
  ])('says who has to agree besides: %s', (_what, votes, roles, expected) => expect(stillNeeded({ request, votes, status: 'pending' }, { roles })).toEqual(expected));

  it('takes no omitted value for an empty one', () => {
    const parameter = { type: '25', format: 'text' as const, value: '' };
    expect(parameterText({ ...parameter, omitted: { bytes: 9, sha256: 'aa' } })).toBe('a value of 9 bytes, SHA-256 aa');
    expect(parameterText({ ...parameter, value: null })).toBe('NULL');
  });

  it.each([[0, 'over'], [119, '119 s left'], [600, '10 min left'], [7_200, '2 h left']])('says what is left of %d s', (seconds, expected) => expect(leftUntil(new Date(seconds * 1_000).toISOString(), 0)).toBe(expected));
});
