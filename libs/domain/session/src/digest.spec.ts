import { describe, expect, it } from 'vitest';
import type { Action, Principal } from '@interlock/contracts';
import { actionDigest, grantDigest, requesterText, statementDigest } from './digest.js';

const action: Action = {
  protocol: 'postgres', verb: 'delete', text: 'delete from orders where id = $1', parameters: [{ type: '23', format: 'text', value: '7' }],
  accesses: [], facts: { hasWhere: true }, context: { searchPath: 'public' },
};
const agent: Principal = { name: 'agent', kind: 'agent', issuer: 'i', subject: 's', roles: ['etl'], party: ['b', 'a'] };

function digest(change: { action?: Partial<Action>; agent?: Partial<Principal>; target?: string } = {}): string {
  const changed = { ...action, ...change.action };
  return actionDigest(requesterText({ ...agent, ...change.agent }), change.target ?? 'shop', statementDigest(changed), changed.parameters);
}

describe('actionDigest', () => {
  it.each<[string, Parameters<typeof digest>[0]]>([
    ['the text', { action: { text: 'delete from orders where id =  $1' } }],
    ['a parameter', { action: { parameters: [{ type: '23', format: 'text', value: '8' }] } }],
    ['a parameter that is NULL', { action: { parameters: [{ type: '23', format: 'text', value: null }] } }],
    ["a parameter's type", { action: { parameters: [{ type: '25', format: 'text', value: '7' }] } }],
    ['the session context', { action: { context: { searchPath: 'evil' } } }],
    ['the target', { target: 'sandbox' }],
    ['the requester', { agent: { subject: 'other' } }],
    ['a human behind it', { agent: { party: ['a', 'b', 'c'] } }],
  ])('changes with %s', (_what, change) => {
    expect(digest(change)).not.toBe(digest());
  });

  it('does not depend on the order in which humans or facts are named', () => {
    expect(digest({ agent: { party: ['a', 'b'] }, action: { facts: { hasWhere: true } } })).toBe(digest());
  });
});

describe('grantDigest', () => {
  const ask = { rules: ['one', 'two'], ruleHash: 'h' };

  it('binds action, rules and window', () => {
    const base = grantDigest('a', ask, 't');
    expect(new Set([base, grantDigest('b', ask, 't'), grantDigest('a', { ...ask, ruleHash: 'x' }, 't'), grantDigest('a', { ...ask, rules: ['one'] }, 't'), grantDigest('a', ask, 'u')]).size).toBe(5);
    expect(grantDigest('a', { ...ask, rules: ['two', 'one'] }, 't')).toBe(base);
  });
});
