import { describe, expect, it } from 'vitest';
import type { GrantFact, Principal, Stated } from '@interlock/contracts';
import { access, action, DBA, ETL, judge, policy, SHOP } from '../spec/given.js';
import { checkPolicies } from './check.js';
import { describeProblem } from './problem.js';

const FORBID = 'forbid (principal, action == Action::"delete", resource);';
const rule = (annotations: string): string => `@id("asks") @reason("Deleting asks.") ${annotations}\n${FORBID}`;
const GLASS = '@approvers("dba") @break_glass("oncall") @reviewers("dba,security") @review_within("2h")';
const ONCALL: Principal = { ...DBA, name: 'olga', subject: 'olga', roles: ['oncall'], party: ['olga'] };
const WHY: Stated = { breakGlass: 'the shop is down' };

function decided(texts: readonly string[], principal: Principal, stated: Stated | undefined = WHY, grant?: GrantFact): string {
  const { outcome, ask, reasons } = judge('@id("all") permit (principal, action, resource);', ...texts).judge({ principal, target: SHOP, action: { ...action([access('delete', 'orders')]), ...(stated && { stated }) }, ...(grant && { grant }) });
  return outcome === 'ask' ? (ask!.glass ? `broken: ${ask!.glass.reviewers.join()} within ${ask!.glass.reviewSeconds}` : 'ask') : outcome === 'deny' ? `deny: ${reasons.map(({ message }) => message).join(' ')}` : 'allow';
}

describe('a glass of a rule', () => {
  it('is read with who breaks it, who reviews it, and by when', () => {
    const lift = (annotations: string) => checkPolicies(policy(rule(annotations))).rules[0]!.lift!.glass;
    expect(lift(GLASS)).toEqual({ breakers: ['oncall'], reviewers: ['dba', 'security'], reviewSeconds: 7_200 });
    expect(lift('@approvers("dba") @break_glass("oncall") @reviewers("dba")')).toMatchObject({ reviewSeconds: 86_400 });
  });

  it.each([
    ['that nobody reviews', '@approvers("dba")\n@break_glass("oncall")', 'policies/p0.cedar:2:1: nobody reviews what breaks this glass; expected @reviewers("role") beside @break_glass'],
    ['without approvers', '@break_glass("oncall")\n@reviewers("dba")', '@break_glass without approvers means nothing'],
    ['whose reviewers stand alone', '@approvers("dba")\n@reviewers("dba")', '@reviewers without break_glass means nothing'],
    ['that names nobody', '@approvers("dba")\n@break_glass(",")\n@reviewers("dba")', '"," names no roles'],
    ['that names a reviewer twice', '@approvers("dba") @break_glass("oncall")\n@reviewers("dba,dba")', '"dba,dba" names no roles'],
    ['that is reviewed never', '@approvers("dba") @break_glass("oncall") @reviewers("dba")\n@review_within("400h")', '"400h" is not a time for a review'],
    ['before what has to be signed', '@approvers("dba") @signed("webauthn") @reviewers("dba")\n@break_glass("oncall")', 'what has to be signed is done under rights that no glass gives'],
  ])('%s does not load', (_what, annotations, told) => expect(checkPolicies(policy(rule(annotations))).problems.map(describeProblem).join('\n')).toContain(told));

  it.each<[string, Principal, Stated | undefined, string]>([
    ['is broken by a person of its role, who says why', ONCALL, WHY, 'broken: dba,security within 7200'],
    ['is left whole where nobody says that it is to be broken', ONCALL, {}, 'ask'],
    ['is left whole where a reason is stated, and no more', ONCALL, { reason: 'the shop is down' }, 'ask'],
    ['is not broken without a reason', ONCALL, { breakGlass: '  ' }, 'deny: Deleting asks. Whoever breaks its glass says why.'],
    ['is not broken by a person of another role', DBA, WHY, 'deny: Deleting asks. Its glass is broken by people of role oncall, and dba has none of these.'],
    ['is not broken by an agent, whatever its roles', { ...ETL, roles: ['oncall'] }, WHY, 'deny: Deleting asks. Only people break its glass, in their own name, and agent-etl is no person.'],
    ['is not broken by an agent with a person’s token', { ...ONCALL, actors: ['robot'] }, WHY, 'deny: Deleting asks. Only people break its glass, in their own name, and robot acts for olga.'],
  ])('%s', (_what, principal, stated, expected) => expect(decided([rule(GLASS)], principal, stated)).toBe(expected));

  it('is judged anew for each who breaks it: one judge remembers no other’s', () => {
    const one = judge('@id("all") permit (principal, action, resource);', rule(GLASS));
    const outcomes = ([[ONCALL, WHY], [{ ...ONCALL, actors: ['robot'] }, WHY], [ONCALL, { breakGlass: ' ' }], [ONCALL, undefined], [ONCALL, WHY]] satisfies [Principal, Stated | undefined][])
      .map(([principal, stated]) => one.judge({ principal, target: SHOP, action: { ...action([access('delete', 'orders')]), ...(stated && { stated }) } }));
    expect(outcomes.map(({ outcome, ask }) => `${outcome}${ask?.glass ? ' glass' : ''}`)).toEqual(['ask glass', 'deny', 'deny', 'ask', 'ask glass']);
  });

  it('lets nobody past another rule: each must have one, and one role must review all of them', () => {
    const other = (annotations: string): string => `@id("other") @reason("Other.") ${annotations} ${FORBID}`;
    expect(decided([rule(GLASS), other('@approvers("dba")')], ONCALL)).toBe('deny: Other. It has no glass to break.');
    expect(decided([rule(GLASS), other('')], ONCALL)).toBe('deny: Other.');
    expect(decided([rule(GLASS), other('@approvers("dba") @break_glass("oncall") @reviewers("security") @review_within("1h")')], ONCALL)).toBe('broken: security within 3600');
    expect(decided([rule(GLASS), other('@approvers("dba") @break_glass("oncall") @reviewers("audit")')], ONCALL)).toBe('deny: Its glass cannot be broken together with that of other: no role reviews all of them.');
  });

  it('lifts its rule for who broke it, and nobody is said to have agreed', () => {
    const rules = [rule(GLASS), '@id("agreed") @reason("Only what people agreed to.") forbid (principal, action == Action::"delete", resource) when { context has grant };'];
    const ask = judge('@id("all") permit (principal, action, resource);', rule(GLASS)).judge({ principal: ONCALL, target: SHOP, action: { ...action([access('delete', 'orders')]), stated: WHY } }).ask!;
    const grant: GrantFact = { id: 'g1', rules: ask.rules, ruleHash: ask.ruleHash, approvers: [], glass: true };
    expect(decided([rule(GLASS)], ONCALL, WHY, grant)).toBe('allow');
    expect(decided(rules, ONCALL, WHY, grant)).toBe('allow');
    expect(decided([rule(GLASS)], { ...ONCALL, roles: [] }, WHY, grant)).toContain('deny');
    expect(decided([rule(GLASS)], { ...ETL, roles: ['oncall'] }, WHY, grant)).toContain('deny');
    expect(decided([rule(GLASS)], ONCALL, {}, grant)).toBe('ask');
    expect(decided([rule(`${GLASS} @window("1h")`)], ONCALL, WHY, grant)).toContain('broken');
  });
});
