import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VERBS, type Access, type GrantFact, type Verb } from '@interlock/contracts';
import { action, ETL, judge, SANDBOX, SHOP } from '../spec/given.js';
import { Recent } from './recent.js';
import { shapeOf } from './shape.js';

const RULES = `
@id("reads") permit (principal in Role::"etl", action in Action::"read", resource in Target::"shop") when { !context.columnsRead.contains("b") };
@id("writes") permit (principal, action in [Action::"modify", Action::"delete"], resource in Schema::"shop/a") when { principal.party.contains("ab") || context.functions.contains("a") };
@id("asks") @reason("x") @approvers("dba") forbid (principal, action in Action::"delete", resource) unless { context.hasWhere };
@id("never") @reason("x") forbid (principal, action, resource == Table::"shop/a/1%2Fb");
@id("made") @reason("x") forbid (principal, action in Action::"modify", resource) when { context.ownCreation } unless { context.preexisting };
`;

/** Few letters and the signs that shapes are built of, so that neighbours are near. */
const word = fc.stringMatching(/^[ab1:;#|/?]{0,3}$/);
const words = fc.array(word, { maxLength: 3 });
const access: fc.Arbitrary<Access> = fc.record({
  verb: fc.constantFrom<Verb>('select', 'update', 'delete', 'drop'), kind: fc.constantFrom('table' as const, 'view' as const),
  path: fc.tuple(fc.constant('shop'), fc.constantFrom('a', 'b', 'a/1'), word), columnsRead: fc.option(words, { nil: undefined }),
}).map(({ verb, kind, path, columnsRead }) => ({ verb, duty: VERBS[verb], object: { kind, path }, ...(columnsRead && { columnsRead }) }));
const request = fc.record({
  roles: words.map((roles) => [...roles, 'etl']), party: words, target: fc.constantFrom(SHOP, SANDBOX),
  accesses: fc.array(access, { minLength: 1, maxLength: 2 }), functions: words, hasWhere: fc.boolean(),
  gathered: fc.array(fc.record({ ownCreation: fc.boolean(), preexisting: fc.boolean() }), { minLength: 2, maxLength: 2 }),
}).map(({ roles, party, target, accesses, functions, hasWhere, gathered }) => ({
  principal: { ...ETL, roles, party }, target, action: action(accesses, { functions, hasWhere }), gathered: gathered.slice(0, accesses.length),
}));

/** A grant that lifts nothing: with it, every decision is made anew. */
const NOTHING: GrantFact = { id: 'none', rules: [], ruleHash: '', approvers: [] };

describe('a remembered decision', () => {
  it('is the one that would be made anew', () => {
    const rules = judge(RULES);
    fc.assert(fc.property(fc.array(request, { minLength: 2, maxLength: 6 }), (requests) => {
      for (const one of requests) expect(rules.judge(one)).toEqual(rules.judge({ ...one, grant: NOTHING }));
    }), { numRuns: 150 });
  });

  it('belongs to one shape: different requests have different ones', () => {
    fc.assert(fc.property(request, request, (one, other) => {
      const same = JSON.stringify([one.principal, one.target.name, one.action, one.gathered]) === JSON.stringify([other.principal, other.target.name, other.action, other.gathered]);
      fc.pre(!same && one.action.accesses.every((each) => each.columnsRead) && other.action.accesses.every((each) => each.columnsRead));
      expect(shapeOf(one, 'all')).not.toBe(shapeOf(other, 'all'));
    }), { numRuns: 2_000 });
  });

  it('is none when its shape is too long', () => {
    const many = action(Array.from({ length: 200 }, (_, index) => ({ verb: 'select', duty: 'read' as const, object: { kind: 'table' as const, path: ['shop', 'a', `table${index}`] } })));
    expect(shapeOf({ principal: ETL, target: SHOP, action: many }, new Set())).toBeUndefined();
  });
});

describe('what was used lately', () => {
  it('is kept, and never more than twice the size', () => {
    const recent = new Recent<number>(10);
    for (let index = 0; index < 100; index += 1) {
      recent.set(`k${index}`, index);
      expect(recent.get('k0')).toBe(0);
    }
    const kept = Array.from({ length: 100 }, (_, index) => recent.get(`k${index}`)).filter((value) => value !== undefined);
    expect(kept.length).toBeLessThanOrEqual(20);
    expect(recent.get('k99')).toBe(99);
    expect(recent.get('k50')).toBeUndefined();
  });
});
