import { describe, expect, it } from 'vitest';
import type { EventData } from '@interlock/contracts';
import { dba, event, requested, voted } from '../../../spec/events.js';
import { rowsAfter } from '../../../spec/memory-view.js';
import { approvals } from './evolve.js';

const rowOf = (...events: Parameters<typeof rowsAfter>[1]) => rowsAfter(approvals, events).get('g1');

describe('the view of approvals', () => {
  it('holds who asked for what', () => {
    expect(rowOf(requested('g1', 'c1'))).toMatchObject({ grant: 'g1', command: 'c1', requester: 'agent-etl', party: ['owner-etl'], text: 'delete from orders where id = 7', status: 'pending', votes: [], rejected: [] });
  });

  it('holds who agreed, and the one use', () => {
    const row = rowOf(requested('g1', 'c1'), voted('g1', 'approve', 'approved'), event('grant.consumed.v1', { grant: 'g1', grantDigest: 'g1', approvers: ['dba'] }));
    expect(row).toMatchObject({ status: 'consumed', votes: [{ approver: { name: 'dba' }, verdict: 'approve' }] });
    expect(row?.consumedAt).not.toBeNull();
  });

  it('holds who tried and may not', () => {
    const tried = event('approval.rejected.v1', { grant: 'g1', approver: 'owner-etl', reason: 'not_independent', detail: 'they share owner-etl' });
    expect(rowOf(requested('g1', 'c1'), tried)).toMatchObject({ status: 'pending', rejected: [{ approver: 'owner-etl', reason: 'not_independent', at: tried.metadata.time }] });
  });

  it.each(['expired', 'withdrawn'] as const)('holds that it %s', (status) => {
    expect(rowOf(requested('g1', 'c1'), event('approval.ended.v1', { grant: 'g1', status }))).toMatchObject({ status });
  });

  it('knows where in the ledger each step lies, and where its end', () => {
    const asked = requested('g1', 'c1');
    const tried = event('approval.rejected.v1', { grant: 'g1', approver: 'owner-etl', reason: 'not_independent', detail: 'they share owner-etl' });
    const denied = voted('g1', 'deny', 'denied');
    const placeOf = ({ place }: typeof asked): number => place.sequence * 512 + place.position;
    expect(rowOf(asked, tried, denied)).toMatchObject({ rejected: [{ place: placeOf(tried) }], votes: [{ place: placeOf(denied) }], endedPlace: placeOf(denied), lastPlace: placeOf(denied) });
    expect(rowOf(asked, tried, voted('g1', 'approve', 'approved'))).toMatchObject({ endedPlace: null });
  });

  it('holds who broke a glass, what people said of it, who may not, and that it was overdue', () => {
    const { request } = requested('g1', 'c1').data as EventData<'approval.requested.v1'>;
    const broke = event('glass.broken.v1', { request, dueAt: '2026-01-02T00:00:00.000Z' });
    const review = (name: string, verdict: 'accept' | 'object', status: 'due' | 'objected'): ReturnType<typeof event> => event('glass.reviewed.v1', { grant: 'g1', status, review: { reviewer: { ...dba, name }, verdict, note: 'seen', grantDigest: 'g1', at: '2026-01-01T09:00:00.000Z' } });
    expect(rowOf(broke)).toMatchObject({ status: 'approved', text: 'delete from orders where id = 7', glass: { status: 'due', dueAt: '2026-01-02T00:00:00.000Z', reviews: [] } });
    const tried = event('glass.refused.v1', { grant: 'g1', by: 'olga', attempt: 'review', reason: 'not_independent', detail: 'her own' });
    const row = rowOf(broke, tried, review('dana', 'accept', 'due'), event('glass.overdue.v1', { grant: 'g1', principal: 'olga', dueAt: 'd' }), review('sven', 'object', 'objected'), event('glass.settled.v1', { grant: 'g1', principal: 'olga', by: ['dana', 'sven'] }));
    expect(row).toMatchObject({ rejected: [{ approver: 'olga', reason: 'not_independent' }], glass: { status: 'objected', reviews: [{ reviewer: 'dana', verdict: 'accept' }, { reviewer: 'sven', verdict: 'object', note: 'seen' }], overdueAt: expect.any(String), settledAt: expect.any(String) } });
    expect(rowOf(requested('g1', 'c1'))).toMatchObject({ glass: null });
  });

  it('is approved from the beginning as a command of an approved plan', () => {
    const { request } = requested('g1', 'c1').data as EventData<'approval.requested.v1'>;
    expect(rowOf(event('approval.requested.v1', { request, planned: { plan: 'p', entry: 0 } }))).toMatchObject({ status: 'approved', votes: [] });
  });

  it('holds until when its command waits, and another that came back for it', () => {
    const back = event('approval.resumed.v1', { grant: 'g1', holder: { connector: 'connector-postgres', instance: '2', session: 's2', command: 'c2', until: '2026-01-01T00:14:00.000Z' } });
    expect([rowOf(requested('g1', 'c1'))?.waitsUntil, rowOf(requested('g1', 'c1'), back)?.waitsUntil]).toEqual(['2026-01-01T00:15:00.000Z', '2026-01-01T00:14:00.000Z']);
  });

  it('counts a pending vote without an end', () => {
    expect(rowOf(requested('g1', 'c1'), voted('g1', 'approve', 'pending'))).toMatchObject({ status: 'pending', decidedAt: null });
    expect(rowOf(voted('g1', 'approve', 'approved'))).toBeUndefined();
  });
});
