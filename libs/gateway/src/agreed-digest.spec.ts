import { describe, expect, it } from 'vitest';
import { digestOf } from '@interlock/kernel';
import type { ApprovalRequest, Ask, GrantState, Plan, PlanEntry } from '@interlock/contracts';
import { planAsk, planText } from '@interlock/domain-approval';
import { actionDigest, grantDigest } from '@interlock/domain-session';
import { action, CONFIGURATION, DBA, ETL } from '../spec/given.js';
import { agreedDigest } from './agreed-digest.js';
import { agreementNow } from './agreement.js';

const ASK: Ask = { quorum: [{ role: 'dba', count: 1 }], rules: ['rule'], ruleHash: 'hash', windowSeconds: 60 };
const [REQUESTED, EXPIRES, NOW_MS] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:01:00.000Z', Date.parse('2026-01-01T00:00:30Z')];
const entry = (text: string): PlanEntry => ({ text, parameters: [], ask: ASK, reasons: [] });

function requestOf(id: string, about: ApprovalRequest['action'], more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const terms = { id, actionDigest: actionDigest(ETL, 'shop', about), ask: ASK, requestedAt: REQUESTED, expiresAt: EXPIRES, ...more };
  return { ...terms, session: 's', command: 'c', connector: 'connector-postgres', instance: '1', requester: ETL, target: 'shop', action: about, grantDigest: grantDigest(terms), reasons: [], ...more };
}

function planOf(plan: Plan): ApprovalRequest {
  return requestOf('plan', { protocol: 'postgres', verb: 'plan', text: planText(plan), parameters: [], accesses: [], facts: {}, context: { plan: digestOf(plan) } }, { plan, ask: planAsk(plan, 60) });
}

const PLAN = planOf({ entries: [entry('ask one'), entry('ask two')], inOrder: false });
const request = requestOf('g', action('ask two'));

/** The state of the command's grant, by a plan that may have been tampered with after the vote. */
function stateOf(plan: ApprovalRequest, place = 1): GrantState {
  return { status: 'approved', request, votes: [{ approver: DBA, verdict: 'approve', grantDigest: PLAN.grantDigest, at: REQUESTED }], planned: { plan, entry: place } };
}

describe('the digest that people agreed to', () => {
  it('is the request\'s own, where there is no plan', () => expect(agreedDigest(request, { ...stateOf(PLAN), planned: undefined } as unknown as GrantState, NOW_MS)).toEqual({ ok: true, value: request.grantDigest }));

  it('is that of the plan, and their votes then count for its command', () => {
    const agreed = agreedDigest(request, stateOf(PLAN), NOW_MS);
    expect(agreed).toEqual({ ok: true, value: PLAN.grantDigest });
    expect(agreementNow(request, stateOf(PLAN), { configuration: CONFIGURATION, locks: [], delegations: new Map(), nowMs: 0 }, PLAN.grantDigest)).toMatchObject({ ok: true, value: { id: 'g', approvers: ['dba'], rules: ['rule'], ruleHash: 'hash' } });
    expect(agreementNow(request, stateOf(PLAN), { configuration: CONFIGURATION, locks: [], delegations: new Map(), nowMs: 0 })).toMatchObject({ ok: false });
  });

  const entries = PLAN.plan!.entries;
  it.each<[string, ApprovalRequest, number]>([
    ['another place of it', PLAN, 0],
    ['no place of it', PLAN, 2],
    ['a command that was put into it', { ...PLAN, plan: { entries: [entries[0]!, entry('ask three')], inOrder: false } }, 1],
    ['a plan whose text says otherwise', { ...PLAN, action: { ...PLAN.action, text: 'harmless' } }, 1],
    ['a plan of a longer window', { ...PLAN, expiresAt: '2027-01-01T00:00:00.000Z' }, 1],
    ['a plan of another requester', { ...PLAN, requester: { ...ETL, party: ['someone-else'] } }, 1],
    ['no plan at all', requestOf('plan', action('ask two')), 1],
  ])('is none for %s', (_what, plan, place) => expect(agreedDigest(request, stateOf(plan, place), NOW_MS)).toMatchObject({ ok: false }));

  it('is another than that of a plan that was made again around its command, so that no vote names it', () => {
    const agreed = agreedDigest(requestOf('g', action('ask three')), stateOf(planOf({ entries: [entries[0]!, entry('ask three')], inOrder: false })), NOW_MS);
    expect(agreed.ok && agreed.value).not.toBe(PLAN.grantDigest);
  });

  it('is none once the plan is over', () => expect(agreedDigest(request, stateOf(PLAN), Date.parse(EXPIRES))).toMatchObject({ ok: false, refusal: { reason: 'approval_expired' } }));
});
