import { FACTS, VERBS, type FactSpec, type FactValue, type ObjectRef, type Verb } from '@interlock/contracts';
import type { Place, Proposition } from '@interlock/domain-policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { access, action, bundle, ETL, judge, SHOP } from '../../spec/given.js';
import { checkPolicies } from '../check.js';
import { CedarForesight } from './foresight.js';

const foresight = (...texts: string[]) => {
  const { rules, problems } = checkPolicies(bundle(...texts).policies);
  expect(problems).toEqual([]);
  return new CedarForesight(rules);
};
const TOP = { type: 'Target', id: 'shop' };
const SCHEMA = { type: 'Schema', id: 'shop/public' };
const ORDERS: Place = { type: 'Table', target: SHOP, id: 'shop/public/orders', parents: [SCHEMA, TOP], name: 'orders', schema: 'public' };
const ANY_TABLE: Place = { type: 'Table', target: SHOP, parents: [SCHEMA, TOP], schema: 'public' };
const ACTOR = { kind: 'agent' as const, name: 'agent-etl', roles: ['etl'], party: ['owner-etl'] };

/** What a permit with this condition comes to, for deleting from orders. */
const comesTo = (condition: string, place = ORDERS, verb: Verb = 'delete'): Proposition | undefined =>
  foresight(`@id("r") permit (principal, action, resource) when { ${condition} };`).on(ACTOR, verb, place)[0]?.when;

describe('what of a condition is settled before the command is known', () => {
  it.each<[string, Proposition | undefined]>([
    ['principal in Role::"etl"', true], ['principal in [Role::"a", Role::"etl"]', true], ['principal in Role::"dba"', undefined],
    ['principal is Agent', true], ['principal is Agent in Role::"dba"', undefined], ['principal == Agent::"agent-etl"', true], ['principal.name like "agent-*"', true],
    ['principal.roles.contains("etl")', true], ['principal.party.containsAny(["x", "owner-etl"])', true],
    ['action in Action::"delete"', true], ['[Action::"drop", Action::"delete"].contains(action)', true], ['action == Action::"drop"', undefined],
    ['resource in Schema::"shop/public"', true], ['resource == Table::"shop/public/orders"', true], ['resource == Table::"shop/public/other"', undefined],
    ['resource.name == "orders" && resource.schema == "public"', true], ['resource is Table', true], ['resource is View', undefined],
    ['context.target.hasTag("env") && context.target.getTag("env") == "demo"', true], ['context.target.hasTag("no")', undefined], ['context.target == Target::"shop"', true],
    ['context.protocol == "postgres"', true], ['context has grant', { atom: 'context has grant of agent agent-etl' }], ['context has hasWhere', true],
    ['context.hasWhere', { atom: 'context.hasWhere' }], ['!context.hasWhere', { not: { atom: 'context.hasWhere' } }], ['context.hasWhere && principal in Role::"dba"', undefined],
    ['context.hasWhere || true', true], ['if context.hasWhere then true else true', { any: [{ atom: 'context.hasWhere' }, { not: { atom: 'context.hasWhere' } }] }],
    ['1 + 1 == 2 && -1 < 0 && !([1].isEmpty())', true],
    ['context.session.hasTag("x")', expect.objectContaining({ atom: expect.any(String) }) as Proposition],
  ])('%s', (condition, expected) => expect(comesTo(condition)).toEqual(expected));

  it('writes a comparison and its opposite with one atom', () => {
    const more = comesTo('context.statementCount > 1');
    expect(more).toEqual({ atom: expect.any(String) });
    expect(comesTo('context.statementCount <= 1')).toEqual({ not: more });
    expect(comesTo('context.setsSetting != "a"')).toEqual({ not: comesTo('"a" == context.setsSetting') });
  });

  it('puts a fact that is asked about from outside as a rule does', () => {
    const asked = (fact: Parameters<CedarForesight['states']>[0]) => foresight('@id("r") permit (principal, action, resource);').states(fact, ACTOR, 'delete', ORDERS);
    expect(asked({ fact: 'hasWhere', is: true })).toEqual(comesTo('context.hasWhere'));
    expect(asked({ fact: 'hasWhere', is: false })).toEqual(comesTo('!context.hasWhere'));
    expect(asked({ fact: 'statementCount', above: 1 })).toEqual(comesTo('context.statementCount > 1'));
    expect(asked({ fact: 'setsSetting', is: 'a' })).toEqual(comesTo('context.setsSetting == "a"'));
    expect(asked({ fact: 'functions', has: 'f' })).toEqual(comesTo('context.functions.contains("f")'));
    expect(asked({ fact: 'functions', above: 2 })).toEqual({ atom: 'context.functions has more than 2 members' });
  });

  it('knows nothing of the names of objects that no rule names, except where they lie', () => {
    expect(comesTo('resource.name == "x"', ANY_TABLE)).toEqual({ atom: expect.any(String) });
    expect(comesTo('resource == Table::"shop/public/orders"', ANY_TABLE)).toBeUndefined();
    expect(comesTo('resource in Schema::"shop/public" && resource.schema == "public"', ANY_TABLE)).toBe(true);
  });

  it('tells what a command says from what belongs to its requester', () => {
    const rules = foresight('@id("r") permit (principal, action, resource) when { context.hasWhere && context has grant && context.session.hasTag("x") };');
    const [one, other] = [ACTOR, { ...ACTOR, name: 'another' }].map((actor) => JSON.stringify(rules.on(actor, 'delete', ORDERS)[0]!.when));
    expect(one!.replaceAll('agent-etl', 'another')).toBe(other);
    expect([one, other].map((text) => [...text!.matchAll(/"atom":"([^"]*(?:\\.[^"]*)*)"/g)].filter((match) => / of agent /.test(match[1]!)).length)).toEqual([2, 2]);
  });

  it('reads scopes and unless', () => {
    const rules = foresight('@id("a") @reason("x") @approvers("dba:2") forbid (principal in Role::"etl", action in [Action::"drop", Action::"delete"], resource is Table in Target::"shop") unless { context.hasWhere };');
    expect(rules.on(ACTOR, 'delete', ORDERS)).toEqual([{ rule: { id: 'a', effect: 'forbid', reads: new Set(['hasWhere']), quorum: [{ role: 'dba', count: 2 }] }, when: { not: { atom: 'context.hasWhere' } } }]);
    expect(rules.on({ ...ACTOR, roles: [] }, 'delete', ORDERS)).toEqual([]);
    expect(rules.on(ACTOR, 'select', ORDERS)).toEqual([]);
  });

  it('does not know who is behind a person\'s token in an agent\'s hands', () => {
    const { party: _party, ...lent } = ACTOR;
    expect(foresight('@id("r") permit (principal, action, resource) when { principal.party.contains("owner-etl") };').on(lent, 'delete', ORDERS)[0]?.when).toEqual({ atom: expect.any(String) });
  });

  it('ends on branches in conditions of branches', () => {
    let condition = 'context.hasWhere';
    for (let depth = 0; depth < 15; depth += 1) condition = `if ${condition} then context.writes else context.tautology`;
    expect(comesTo(condition)).toEqual({ atom: expect.any(String) });
  });
});

const RULES = [
  '@id("p1") permit (principal in Role::"etl", action in Action::"read", resource);',
  '@id("p2") permit (principal, action in [Action::"modify", Action::"delete"], resource in Schema::"shop/public") when { context.hasWhere };',
  '@id("p3") permit (principal is Human, action, resource is Table) when { resource.name like "o*s" || principal.name == "dba" };',
  '@id("p4") permit (principal, action, resource in Target::"shop") when { principal in [Role::"dba", Role::"ops"] } unless { context.tautology && !context.writes };',
  '@id("f1") @reason("x") forbid (principal, action == Action::"drop", resource) when { if context.cascade then resource is Table else context.writes };',
  '@id("f2") @reason("x") forbid (principal, action, resource) when { context.statementCount > 2 || context.functions.contains("f") };',
  '@id("f3") @reason("x") forbid (principal, action, resource) when { context.setsSetting == "a" && action in Action::"read" };',
  '@id("l1") @reason("x") @approvers("dba") forbid (principal is Agent, action in Action::"delete", resource == Table::"shop/public/orders");',
  '@id("l2") @reason("x") @approvers("ops") forbid (principal, action, resource is View) unless { context.hasWhere };',
  '@id("f4") @reason("x") forbid (principal, action, resource) when { context.sleeps && context.statementCount + 9223372036854775807 > 0 };',
];

/** Truth of a proposition in one command. */
function holds(proposition: Proposition, truth: (atom: string) => boolean): boolean {
  if (typeof proposition === 'boolean') return proposition;
  if ('atom' in proposition) return truth(proposition.atom);
  if ('not' in proposition) return !holds(proposition.not, truth);
  return 'all' in proposition ? proposition.all.every((part) => holds(part, truth)) : proposition.any.some((part) => holds(part, truth));
}

describe('held against Cedar', () => {
  const principal = fc.record({ kind: fc.constantFrom('agent' as const, 'human' as const), name: fc.constantFrom('agent-etl', 'dba'), roles: fc.subarray(['etl', 'dba', 'ops']) });
  const object = fc.constantFrom<ObjectRef>({ kind: 'table', path: ['shop', 'public', 'orders'] }, { kind: 'table', path: ['shop', 'public', 'other'] }, { kind: 'view', path: ['shop', 'x', 'orders'] }, { kind: 'target', path: ['shop'] });
  const facts = fc.record({
    hasWhere: fc.boolean(), tautology: fc.boolean(), writes: fc.boolean(), cascade: fc.boolean(), sleeps: fc.boolean(), statementCount: fc.constantFrom(1, 2, 3),
    functions: fc.constantFrom<string[]>(['f'], []), setsSetting: fc.constantFrom('a', 'b'),
  });
  const verb = fc.constantFrom<Verb>('select', 'update', 'delete', 'drop');

  const sets = [RULES, ...fc.sample(fc.subarray(RULES, { minLength: 2 }), { numRuns: 7, seed: 7 })];

  it.each(sets.map((texts, index) => [index, texts] as const))('decides as Cedar does once the command is known (rules %i)', (_, texts) => {
    const [foreseen, judging] = [foresight(...texts), judge(...texts)];
    fc.assert(fc.property(principal, object, verb, facts, (who, where, what, stated) => {
      const command = action([{ ...access(what, 'orders'), object: where }], stated);
      const decision = judging.judge({ principal: { ...ETL, ...who, party: [] }, target: SHOP, action: command });
      fc.pre(decision.reasons[0]!.rule !== 'evaluation-error');
      const applied = foreseen.on({ ...who, party: [] }, what, placeOf(where)).filter(({ when }) => holds(when, (atom) => truthOf(atom, stated)));
      const [permits, forbids] = (['permit', 'forbid'] as const).map((effect) => applied.filter(({ rule }) => rule.effect === effect));
      const expected = permits!.length === 0 || forbids!.some(({ rule }) => !rule.quorum) ? 'deny' : forbids!.length > 0 ? 'ask' : 'allow';
      expect(decision.outcome).toBe(expected);
      if (expected === 'allow') expect(decision.reasons.map(({ rule }) => rule)).toEqual(permits!.map(({ rule }) => rule.id).sort());
    }), { numRuns: 200 });
  });

  /** The few atoms that these rules leave open. */
  function truthOf(atom: string, stated: Record<string, FactValue>): boolean {
    const fact = /^context\.(\w+)$/.exec(atom)?.[1];
    if (fact) return stated[fact] === true;
    if (atom.includes('statementCount')) return !atom.includes('+') && (stated['statementCount'] as number) > 2;
    if (atom.includes('functions')) return (stated['functions'] as string[]).includes('f');
    if (atom.includes('setsSetting')) return stated['setsSetting'] === 'a';
    throw new Error(`an atom that the test does not know: ${atom}`);
  }
});

function placeOf({ kind, path }: ObjectRef): Place {
  if (kind === 'target') return { type: 'Target', target: SHOP, id: 'shop', parents: [], name: 'shop', schema: '' };
  const [, schema = '', name = ''] = path;
  return { type: kind === 'view' ? 'View' : 'Table', target: SHOP, id: path.join('/'), parents: [{ type: 'Schema', id: `shop/${schema}` }, TOP], name, schema };
}

describe('the vocabulary', () => {
  it('is followed whole: every verb lies in its duty, every flag is open', () => {
    const duties = [...new Set(Object.values(VERBS))];
    const flags = Object.entries<FactSpec>(FACTS).filter(([, { type }]) => type === 'boolean').map(([name]) => name);
    const rules = foresight(...duties.map((duty) => `@id("d-${duty}") permit (principal, action in Action::"${duty}", resource);`), ...flags.map((name, index) => `@id("f${index}") permit (principal, action, resource) when { context.${name} };`));
    for (const [verb, duty] of Object.entries(VERBS)) {
      expect(rules.on(ACTOR, verb as Verb, ORDERS)).toEqual([{ rule: { id: `d-${duty}`, effect: 'permit', reads: new Set() }, when: true }, ...flags.map((name, index) => ({ rule: { id: `f${index}`, effect: 'permit', reads: new Set([name]) }, when: { atom: `context.${name}` } }))]);
    }
  });
});
