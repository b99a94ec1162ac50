import { Configuration, type Principal } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { principalNamed } from './principal-named.js';
import { mayApproveBeside, separateWith } from './separate-with.js';

function configurationOf(approvers: 'by-role' | 'at-decision', more: object[] = []): Configuration {
  const human = (name: string, roles: string[] = [], rest: object = {}) => ({ name, kind: 'human', issuer: 'corp', subject: name, roles, ...rest });
  return Configuration.parse({
    version: 1, targets: [], administration: { changes: ['r'], secrets: ['r'], audit: ['r'], locks: ['r'] }, issuers: [{ name: 'corp', url: 'https://corp', audience: 'interlock', algorithms: ['EdDSA'] }],
    separation: { approvers, exclusiveRoles: [{ name: 'pay', roles: ['payer', 'auditor', 'approver'] }] },
    principals: [human('free'), human('auditor', ['auditor']), human('auditor-2', [], { human: 'auditor' }), human('owner'), { name: 'etl', kind: 'agent', issuer: 'corp', subject: 'etl', owners: ['owner'] }, ...more],
  });
}

const ORPHAN = { name: 'orphan', kind: 'agent', issuer: 'corp', subject: 'orphan' };

describe('a role for a time, beside what someone stands behind', () => {
  it.each<[string, string, string[], Configuration, string]>([
    ['someone with nothing', 'free', ['payer'], configurationOf('by-role'), 'accepted'],
    ['someone with an excluded role', 'auditor', ['payer'], configurationOf('by-role'), 'roles_exclude'],
    ['someone whose other account has it', 'auditor-2', ['payer'], configurationOf('by-role'), 'roles_exclude'],
    ['two roles at once that exclude each other', 'free', ['payer', 'approver'], configurationOf('by-role'), 'roles_exclude'],
    ['a role that they have', 'auditor', ['auditor'], configurationOf('by-role'), 'accepted'],
    ['a role that excludes nothing', 'auditor', ['dba'], configurationOf('by-role'), 'accepted'],
    ['someone who answers for an agent', 'owner', ['dba'], configurationOf('by-role'), 'delegate_asks'],
    ['someone who answers for an agent, where that is judged at the decision', 'owner', ['dba'], configurationOf('at-decision'), 'accepted'],
    ['anyone, while nobody knows who answers for an agent', 'free', ['dba'], configurationOf('by-role', [ORPHAN]), 'delegate_asks'],
  ])('%s', (_what, name, roles, configuration, expected) => {
    const person = principalNamed(name, configuration) as Principal;
    const separate = separateWith(person, roles, configuration);
    const outcome = separate.ok ? mayApproveBeside(person, configuration) : separate;
    expect(outcome.ok ? 'accepted' : outcome.refusal.reason).toBe(expected);
  });

  it('is for someone whose name there is once', () => {
    const twice = configurationOf('by-role', [{ name: 'free', kind: 'human', issuer: 'corp', subject: 'other' }]);
    expect([principalNamed('nobody', twice), principalNamed('free', twice)]).toEqual([undefined, undefined]);
  });
});
