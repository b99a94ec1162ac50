import { describe, expect, it } from 'vitest';
import { decided, event, outcome } from '../../../spec/events.js';
import { rowsAfter } from '../../../spec/memory-view.js';
import { commands } from './evolve.js';

const rowOf = (...events: Parameters<typeof rowsAfter>[1]) => rowsAfter(commands, events).get('c1');

describe('the view of commands', () => {
  it('holds what was asked, what was decided, and why', () => {
    expect(rowOf(decided('c1', 'allow'))).toMatchObject({
      command: 'c1', session: 's1', exchange: 'x1', principal: 'agent-etl', target: 'shop', verb: 'select', text: 'select 1', decision: 'allow',
      reasons: [{ rule: 'reads', effect: 'permit', message: 'reading is allowed' }], bundleVersion: 3, status: null, approvers: null,
    });
  });

  it('holds what history said for each decision, by access', () => {
    const [own, apart] = [[{ ownCreation: true, preexisting: false, creators: [{ name: 'agent-etl', at: '2026-01-01T00:00:00Z', shared: 'They are the same.' }] }, null], [null]];
    expect(rowOf(decided('c1', 'ask', { gathered: own }), decided('c1', 'allow', { phase: 'forward', gathered: apart }))).toMatchObject({ gathered: apart, asking: { gathered: own } });
    expect(rowOf(decided('c1', 'allow'))).toMatchObject({ gathered: null });
  });

  it('holds what came of it', () => {
    expect(rowOf(decided('c1', 'allow'), outcome('c1', 'completed', {}, { firstByte: 12 }))).toMatchObject({ asking: null, status: 'completed', summary: 'SELECT 1', rows: 1, bytes: 40, masked: 1, durationMs: 1.5, firstByte: 12 });
  });

  it('follows a command through asking and agreement, at the place where it was asked', () => {
    const asked = decided('c1', 'ask');
    const allowed = decided('c1', 'allow', { phase: 'forward', grant: { id: 'g1', rules: ['deletes'], ruleHash: 'h', approvers: ['dba'] } });
    expect(rowOf(asked, allowed)).toMatchObject({ decision: 'allow', grant: 'g1', approvers: ['dba'], askedAt: asked.metadata.time, decidedAt: allowed.metadata.time, sequence: asked.place.sequence, event: allowed.metadata.id,
      asking: { event: asked.metadata.id, at: asked.metadata.time, bundleVersion: 3, ask: { quorum: [{ role: 'dba', count: 1 }] } },
    });
    expect(rowOf(asked, event('grant.consumed.v1', { grant: 'g1', grantDigest: 'd', approvers: ['dba'] }, { session: 's1', command: 'c1' }))).toMatchObject({ grant: 'g1', approvers: ['dba'] });
  });

  it('holds what it scored, when it was asked and when it was allowed', () => {
    const [risk, later] = [{ score: 61, terms: [{ kind: 'act' as const, points: 61, because: 'so' }], model: 'm' }, { score: 60, terms: [], model: 'm' }];
    expect(rowOf(decided('c1', 'ask', { risk }), decided('c1', 'allow', { phase: 'forward', risk: later }))).toMatchObject({ risk: later, asking: { risk } });
    expect(rowOf(decided('c1', 'allow'))!.risk).toBeNull();
  });

  it('lets an unknown outcome give way to a known one, and never the reverse', () => {
    expect(rowOf(decided('c1', 'allow'), outcome('c1', 'unknown'), outcome('c1', 'completed'))?.status).toBe('completed');
    expect(rowOf(decided('c1', 'allow'), outcome('c1', 'failed', {}, { errorCode: '42P01' }), outcome('c1', 'unknown'))).toMatchObject({ status: 'failed', errorCode: '42P01' });
    expect(rowOf(outcome('c1', 'completed'))).toBeUndefined();
  });

  it('knows where in the ledger each step lies', () => {
    const place = (sequence: number, position: number) => ({ sequence, position });
    expect(rowOf(decided('c1', 'ask', place(7, 1)), decided('c1', 'allow', { phase: 'forward', ...place(9, 0) }), outcome('c1', 'completed', place(9, 3)))).toMatchObject({ sequence: 7, position: 1, decidedPlace: 9 * 512, endedPlace: 9 * 512 + 3 });
  });

  it('holds what never became an action', () => {
    const refusedCommand = event('command.refused.v1', { principal: 'agent-etl', target: 'shop', text: 'selec', textHash: 'h', reason: 'not_parsed', detail: 'syntax error' }, { session: 's1', command: 'c1' });
    expect(rowOf(refusedCommand)).toMatchObject({ decision: 'refused', text: 'selec', reasons: [{ rule: 'not_parsed', effect: 'forbid', message: 'syntax error' }] });
  });

  it('keeps the row and loses the content when the key was destroyed', () => {
    expect(rowOf(decided('c1', 'allow', { erased: true }), outcome('c1', 'completed', { erased: true }))).toMatchObject({ erased: true, text: null, decision: null, status: 'erased', rows: null });
  });
});
