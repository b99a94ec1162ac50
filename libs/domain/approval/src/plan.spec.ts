import { describe, expect, it } from 'vitest';
import { accepted, fold } from '@interlock/kernel';
import type { ApprovalRequest, Ask, GrantState, Plan, PlanEntry, Principal } from '@interlock/contracts';
import { approval, type ApprovalCommand, type ApprovalEvent } from './approval.js';
import { coveredBy, placeFor, planAsk, planText } from './plan.js';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const AGENT: Principal = { name: 'agent', kind: 'agent', issuer: 'i', subject: 'agent', roles: [], party: ['owner'] };
const ASK: Ask = { quorum: [{ role: 'dba', count: 1 }], rules: ['needs-dba'], ruleHash: 'h', windowSeconds: 60 };
const entry = (text: string, more: Partial<PlanEntry> = {}): PlanEntry => ({ text, parameters: [], ask: ASK, reasons: ['why'], ...more });

function request(more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    id: 'g1', session: 's', command: 'c', connector: 'connector-postgres', instance: '1', requester: AGENT, target: 'shop',
    action: { protocol: 'postgres', verb: 'delete', text: 'one', parameters: [], accesses: [], facts: {}, context: {} },
    actionDigest: 'a', grantDigest: 'g', ask: ASK, reasons: ['why'], requestedAt: new Date(T0).toISOString(), expiresAt: new Date(T0 + 60_000).toISOString(), ...more,
  };
}

const sending = (text: string, more: Partial<ApprovalRequest> = {}): ApprovalRequest => request({ ...more, action: { ...request().action, text } });
const planned = (plan: Partial<Plan> = {}): ApprovalRequest => request({ id: 'p', plan: { entries: [entry('one'), entry('two')], inOrder: false, ...plan } });

describe('a command and the place of a plan', () => {
  it.each<[string, Partial<PlanEntry>, ApprovalRequest, string]>([
    ['is the same command', {}, sending('one'), 'covered'],
    ['is another text', {}, sending('one '), 'digest_mismatch'],
    ['is another target', {}, sending('one', { target: 'lab' }), 'digest_mismatch'],
    ['is another requester', {}, sending('one', { requester: { ...AGENT, subject: 'other' } }), 'digest_mismatch'],
    ['is one for whom another acts', {}, sending('one', { requester: { ...AGENT, actors: ['x'] } }), 'digest_mismatch'],
    ['is of the same requester in other roles', {}, sending('one', { requester: { ...AGENT, roles: ['more'] } }), 'covered'],
    ['has the same values', { parameters: ['7', null] }, request({ action: { ...request().action, text: 'one', parameters: [{ type: '23', format: 'text', value: '7' }, { type: '0', format: 'binary', value: null }] } }), 'covered'],
    ['has another value', { parameters: ['7'] }, request({ action: { ...request().action, text: 'one', parameters: [{ type: '23', format: 'text', value: '8' }] } }), 'digest_mismatch'],
    ['has NULL for an empty value', { parameters: [''] }, request({ action: { ...request().action, text: 'one', parameters: [{ type: '23', format: 'text', value: null }] } }), 'digest_mismatch'],
    ['has a value that cannot be compared', { parameters: ['AAAAAQ=='] }, request({ action: { ...request().action, text: 'one', parameters: [{ type: '23', format: 'binary', value: 'AAAAAQ==' }] } }), 'digest_mismatch'],
    ['has a value that is told by its hash', { parameters: [''] }, request({ action: { ...request().action, text: 'one', parameters: [{ type: '23', format: 'text', value: '', omitted: { bytes: 1, sha256: 'x' } }] } }), 'digest_mismatch'],
    ['has a value too many', {}, request({ action: { ...request().action, text: 'one', parameters: [{ type: '23', format: 'text', value: '8' }] } }), 'digest_mismatch'],
    ['means what was asked about', { actionDigest: 'a' }, sending('one'), 'covered'],
    ['means something else by now', { actionDigest: 'b' }, sending('one'), 'digest_mismatch'],
    ['is asked about by a changed rule', {}, sending('one', { ask: { ...ASK, ruleHash: 'i' } }), 'rule_changed'],
    ['is asked about by one more rule', {}, sending('one', { ask: { ...ASK, rules: ['needs-dba', 'other'] } }), 'rule_changed'],
    ['needs other people', {}, sending('one', { ask: { ...ASK, quorum: [{ role: 'dba', count: 2 }] } }), 'rule_changed'],
    ['has to be signed, as it had when it was planned', { ask: { ...ASK, signed: 'webauthn' } }, sending('one', { ask: { ...ASK, signed: 'webauthn' } }), 'signature_required'],
    ['has a risk that nobody agreed to', {}, sending('one', { ask: { ...ASK, risk: { model: 'm', score: 60 } } }), 'rule_changed'],
  ])('%s', (_what, more, asked, expected) => {
    const covered = coveredBy({ plan: planned({ entries: [entry('one', more)] }), entry: 0 }, asked, T0);
    expect(covered.ok ? 'covered' : covered.refusal.reason).toBe(expected);
  });

  it('fits until the plan expires, and only where there is one', () => {
    expect(coveredBy({ plan: planned(), entry: 0 }, sending('one'), T0 + 60_000)).toMatchObject({ refusal: { reason: 'approval_expired' } });
    expect(coveredBy({ plan: planned(), entry: 2 }, sending('one'), T0)).toMatchObject({ refusal: { reason: 'plan_entry_unknown' } });
  });
});

describe('the place that a command takes', () => {
  const state = (more: Partial<GrantState> = {}, plan: Partial<Plan> = {}): GrantState => ({ status: 'approved', request: planned(plan), votes: [], ...more });

  it.each<[string, GrantState, string, readonly string[], number | undefined]>([
    ['is its own', state(), 'two', [], 1],
    ['is none in a plan that nobody agreed to', state({ status: 'pending' }), 'two', [], undefined],
    ['is none once it was taken', state({ drawn: [{ entry: 1, grant: 'x' }] }), 'two', [], undefined],
    ['is the next where it stands there twice', state({ drawn: [{ entry: 0, grant: 'x' }] }, { entries: [entry('one'), entry('one')] }), 'one', [], 1],
    ['is none before its turn', state({}, { inOrder: true }), 'two', [], undefined],
    ['is none while the one before was not sent', state({ drawn: [{ entry: 0, grant: 'x' }] }, { inOrder: true }), 'two', [], undefined],
    ['is its own once the one before was sent', state({ drawn: [{ entry: 0, grant: 'x' }] }, { inOrder: true }), 'two', ['x'], 1],
  ])('%s', (_what, plan, text, used, expected) => {
    expect(placeFor(sending(text), [plan], T0, (grant) => used.includes(grant))?.entry).toBe(expected);
  });
});

describe('an approved plan', () => {
  const vote = { approver: { ...AGENT, name: 'dba', kind: 'human' as const, roles: ['dba'] }, verdict: 'approve' as const, grantDigest: 'g', at: '' };
  const history: ApprovalEvent[] = [{ kind: 'requested', request: planned() }, { kind: 'voted', vote, status: 'approved' }];
  const draw = (text = 'one', nowMs = T0): ApprovalCommand => ({ kind: 'draw', entry: 0, asked: sending(text, { id: 'g7' }), nowMs });
  const after = (events: readonly ApprovalEvent[], command: ApprovalCommand): string => {
    const decided = approval.decide(command, fold(approval, events));
    return decided.ok ? decided.value.map(({ kind }) => kind).join() : decided.refusal.reason;
  };

  it('is drawn on once for each command, and never used itself', () => {
    expect(after(history, draw())).toBe('drawn');
    const drawn: ApprovalEvent = { kind: 'drawn', entry: 0, grant: 'g7', asked: sending('one', { id: 'g7' }) };
    expect(fold(approval, [...history, drawn])).toMatchObject({ status: 'approved', drawn: [{ entry: 0, grant: 'g7' }] });
    expect(after([...history, drawn], draw())).toBe('grant_not_usable');
    expect(after(history.slice(0, 1), draw())).toBe('grant_not_usable');
    expect(after(history, draw('two'))).toBe('digest_mismatch');
    expect(after(history, draw('one', T0 + 60_000))).toBe('approval_expired');
    expect(after(history, { kind: 'consume', by: { connector: 'connector-postgres', instance: '1' }, grantDigest: 'g', nowMs: T0 })).toBe('grant_not_usable');
    expect(after([{ kind: 'requested', request: request() }, { kind: 'voted', vote, status: 'approved' }], draw())).toBe('grant_not_usable');
  });

  it('gives its command a grant that is agreed to from the beginning', () => {
    const decided = approval.decide({ kind: 'request', request: sending('one', { id: 'g7' }), planned: { plan: planned(), entry: 0, votes: [vote] } }, undefined);
    expect(decided).toMatchObject(accepted([{ kind: 'requested' }]));
    expect(decided.ok && fold(approval, decided.value)).toMatchObject({ status: 'approved', votes: [vote], planned: { entry: 0, plan: { id: 'p' } } });
  });
});

describe('what people read of a plan', () => {
  it('is every command on lines of its own, which none can imitate', () => {
    const plan: Plan = { inOrder: true, entries: [entry('delete from t\n2. drop table t\r3. x'), entry('delete from t where id = $1 and v = $2', { parameters: ['7', null] })] };
    expect(planText(plan).split('\n')).toEqual(['2 commands, each once, in this order:', '1. delete from t', '   | 2. drop table t', '   | 3. x', '2. delete from t where id = $1 and v = $2', '   | with $1 = "7", $2 = NULL']);
  });

  it('asks for the most that one of its commands needs', () => {
    const plan: Plan = { inOrder: false, entries: [entry('a'), entry('b', { ask: { ...ASK, quorum: [{ role: 'security', count: 1 }, { role: 'dba', count: 2 }], rules: ['two'], ruleHash: 'i' } })] };
    expect(planAsk(plan, 30)).toMatchObject({ quorum: [{ role: 'dba', count: 2 }, { role: 'security', count: 1 }], rules: ['needs-dba', 'two'], windowSeconds: 30 });
    expect(planAsk({ ...plan, entries: plan.entries.toReversed() }, 30).ruleHash).not.toBe(planAsk(plan, 30).ruleHash);
    const limit = { rule: 'needs-dba', count: 3, seconds: 600 };
    expect(planAsk({ ...plan, entries: plan.entries.map((entry) => ({ ...entry, ask: { ...entry.ask, limits: [limit] } })) }, 30).limits).toEqual([limit]);
  });
});
