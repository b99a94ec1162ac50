import { readPolicies } from '@interlock/adapter-cedar';
import type { Configuration } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { signedRuleProblems } from './signed-rules.js';

const configuration = { targets: [{ name: 'shop' }, { name: 'sandbox' }] } as unknown as Configuration;

function problems(head: string, elevated: string[], signed = '@signed("webauthn") '): string[] {
  const { rules, problems: found } = readPolicies([{ file: 'policies/p.cedar', text: `@id("r") @reason("x") @approvers("dba") ${signed}forbid (principal, action, ${head});` }]);
  expect(found).toEqual([]);
  return signedRuleProblems(rules, configuration, elevated).map(({ detail }) => detail);
}

describe('a rule that asks for signatures', () => {
  it.each([
    ['resource in Target::"shop"', ['shop'], []],
    ['resource == Table::"shop/public/orders"', ['shop'], []],
    ['resource in Schema::"shop/public"', [], ['rule r asks for signatures, and shop has no elevated credential']],
    ['resource is Table in Target::"shop"', ['sandbox'], ['rule r asks for signatures, and shop has no elevated credential']],
    ['resource is Table', ['shop'], ['rule r asks for signatures, and sandbox has no elevated credential']],
    ['resource', [], ['rule r asks for signatures, and shop, sandbox have no elevated credential']],
    ['resource', ['shop', 'sandbox'], []],
  ])('about %s, with elevated credentials at %j', (head, elevated, expected) => expect(problems(head, elevated)).toEqual(expected));

  it('is no matter where it asks for none', () => expect(problems('resource', [], '')).toEqual([]));
});
