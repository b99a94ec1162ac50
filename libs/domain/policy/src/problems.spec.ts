import type { Configuration, Separation, TaskStep } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { agent, configuration, person } from '../spec/given.js';
import { configurationProblems } from './configuration-problems.js';
import { withRoleMembers } from './role-members.js';
import { ruleProblems } from './rule-problems.js';
import { separationProblems } from './separation-problems.js';

const told = (...more: Parameters<typeof configuration>) => configurationProblems(configuration(...more)).map((problem) => `${problem.path.join('.')}: ${problem.detail}`);
const [dba, security, auditor] = configuration().principals as [ReturnType<typeof person>, ReturnType<typeof person>, ReturnType<typeof person>];

const offered = (more: object) => ({ name: 'fixer', members: [], onRequest: { for: ['auditor'], approvers: [{ role: 'fixer', count: 1 }], hoursMax: 8, ...more } });

describe('a configuration', () => {
  it('that hangs together has no problem', () => expect(told()).toEqual([]));

  it.each([
    ['an unknown issuer', { principals: [dba, { ...security, issuer: 'other' }, auditor] }, 'principals.1.issuer: there is no issuer other'],
    ['an issuer in clear', { issuers: [{ ...configuration().issuers[0]!, url: 'http://issuer.test' }] }, 'issuers.0.url: the issuer http://issuer.test does not speak https'],
    ['an unknown owner', { principals: [dba, security, auditor, agent('a', ['dba', 'nobody'])] }, 'principals.3.owners.1: there is no principal nobody'],
    ['a circle of owners', { principals: [dba, security, auditor, agent('a', ['b']), agent('b', ['a'])] }, 'principals.3.owners.0: a is behind itself through b'],
    ['an agent that owns itself', { principals: [dba, security, auditor, agent('a', ['a'])] }, 'principals.3.owners.0: a is behind itself through a'],
    ['an unknown maker', { principals: [dba, security, auditor, { ...agent('a', ['dba']), createdBy: ['nobody'] }] }, 'principals.3.createdBy.0: there is no principal nobody'],
    ['a circle of owners and schedulers', { principals: [dba, security, auditor, agent('a', ['b']), { ...agent('b', ['dba']), scheduledBy: ['a'] }] }, 'principals.4.scheduledBy.0: b is behind itself through a'],
    ['an actor whom nobody knows', { delegation: { depth: 1, allowed: [{ actor: 'ghost', for: ['dba'] }] } }, 'delegation.allowed.0.actor: there is no principal ghost'],
    ['an actor for nobody', { delegation: { depth: 1, allowed: [{ actor: 'agent-etl', for: ['dba', 'ghost'] }] } }, 'delegation.allowed.0.for.1: there is no principal ghost'],
    ['an actor for itself', { delegation: { depth: 1, allowed: [{ actor: 'agent-etl', for: ['agent-etl'] }] } }, 'delegation.allowed.0.for.0: agent-etl acts for itself'],
    ['a circle of actors', { delegation: { depth: 1, allowed: [{ actor: 'agent-etl', for: ['dba'] }, { actor: 'dba', for: ['security'] }, { actor: 'security', for: ['agent-etl'] }] } }, 'delegation.allowed.1.for.0: dba acts for itself through security'],
    ['a role for a time for nobody', { roles: [offered({ for: ['ghost'] })] }, 'roles.0.onRequest.for.0: there is no principal ghost'],
    ['a role for a time for whom has it', { roles: [{ ...offered({ for: ['dba'] }), name: 'dba' }] }, 'roles.0.onRequest.for.0: dba has role dba already'],
    ['a role for a time that nobody decides about', { roles: [offered({ approvers: [{ role: 'ghost', count: 1 }] })] }, 'roles.0.onRequest.approvers.0.role: there is no role ghost'],
    ['a role for a time that one role decides about twice', { roles: [offered({ approvers: [{ role: 'fixer', count: 1 }, { role: 'fixer', count: 2 }] })] }, 'roles.0.onRequest.approvers.1.role: role fixer stands there twice'],
    ['a role for a time beside those of tokens', { issuers: [{ ...configuration().issuers[0]!, rolesClaim: 'roles' }], roles: [offered({})] }, 'roles.0.onRequest.for.0: the tokens of auditor carry roles (roles), so when this one is over could not be told'],
    ['a person behind an agent by the wrong word', { principals: [dba, security, auditor, { ...agent('a', []), human: 'dba' }] }, 'principals.3.human: a is an agent'],
    ['two accounts that are each other', { principals: [{ ...dba, human: 'security' }, { ...security, human: 'dba' }, auditor, person('x', 'dba')] }, 'principals.0.human: dba is behind itself'],
    ['a principal named twice', { principals: [dba, security, auditor, { ...dba, subject: 'x' }] }, 'principals.3.name: there is another principal dba above'],
    ['one subject for two', { principals: [dba, security, auditor, { ...agent('a', []), subject: 'dba' }] }, 'principals.3.subject: a has issuer and subject of dba'],
    ['one subject for two, by two names of one issuer', {
      issuers: [configuration().issuers[0]!, { ...configuration().issuers[0]!, name: 'again', audience: 'other' }], principals: [dba, security, auditor, { ...agent('a', []), issuer: 'again', subject: 'dba' }],
    }, 'principals.3.subject: a has issuer and subject of dba'],
    ['an account of an agent', { principals: [dba, security, auditor, agent('a', ['dba']), { ...person('x'), human: 'a' }] }, 'principals.4.human: a is an agent'],
    ['a target named twice', { targets: [configuration().targets[0]!, configuration().targets[0]!] }, 'targets.1.name: there is another target shop above'],
    ['a role that nobody has', { administration: { ...configuration().administration, audit: ['auditor', 'ghost'] } }, 'administration.audit.1: no person has role ghost'],
    ['a role that only an agent has', { administration: { ...configuration().administration, locks: ['etl'] } }, 'administration.locks.0: no person has role etl'],
    ['one administrator alone', { administration: { ...configuration().administration, changes: ['dba'] } }, 'administration.changes: only dba could propose changes, and nobody else approve them: this configuration could never be changed again'],
    ['two accounts of one administrator', { principals: [dba, { ...security, human: 'dba' }, auditor] }, 'administration.changes: only dba could propose changes, and nobody else approve them: this configuration could never be changed again'],
  ])('is told of %s', (_, more, problem) => {
    expect(told(more)).toContain(problem);
  });

  it('is told of everything at once', () => {
    expect(told({ principals: [{ ...dba, issuer: 'x' }, { ...security, issuer: 'y' }, auditor] })).toHaveLength(2);
  });

  it.each(['http://127.0.0.1:8801', 'http://localhost:1', 'http://[::1]:1'])('may have its issuer on this machine (%s)', (url) => {
    expect(told({ issuers: [{ ...configuration().issuers[0]!, url }] })).toEqual([]);
  });

  it('may take its roles from tokens', () => {
    const issuers = [{ ...configuration().issuers[0]!, rolesClaim: 'groups' }];
    expect(told({ issuers, administration: { ...configuration().administration, changes: ['platform'] } })).toEqual([]);
  });

  it('may name people only as the human behind accounts', () => {
    expect(told({ principals: [{ ...dba, human: 'ada' }, security, auditor, agent('a', ['ada'])] })).toEqual([]);
  });

  it('ends on a long line of owners', () => {
    const line = Array.from({ length: 200 }, (_, index) => agent(`a${index}`, [index === 0 ? 'dba' : `a${index - 1}`]));
    expect(told({ principals: [dba, security, auditor, ...line] })).toEqual([]);
  });
});

describe('a separation', () => {
  const separated = (more: Partial<Separation>, rest: Partial<Configuration> = {}) =>
    separationProblems(configuration({ separation: { exclusiveRoles: [], tasks: [], approvers: 'at-decision', ...more }, ...rest })).map(({ path, detail, expected }) => `${path.join('.')}: ${detail}; expected ${expected}`);
  const task = (step: TaskStep) => ({ tasks: [{ name: 't', parties: 2, steps: [step] }] });

  it('that names what is there has no problem', () => {
    expect(separated({ exclusiveRoles: [{ name: 'x', roles: ['etl', 'security'] }], ...task({ verb: 'delete', resource: 'Table::"shop/public/orders"' }) })).toEqual([]);
    expect(separated(task({ duty: 'modify', resource: 'Target::"shop"' }))).toEqual([]);
    expect(separated(task({ administration: 'changes' }))).toEqual([]);
  });

  it.each([
    ['an unknown role', { exclusiveRoles: [{ name: 'x', roles: ['etl', 'ghost'] }] }, 'separation.exclusiveRoles.0.roles.1: nobody has role ghost; expected one of dba, security, auditor, etl'],
    ['a role twice', { exclusiveRoles: [{ name: 'x', roles: ['etl', 'etl'] }] }, 'separation.exclusiveRoles.0.roles.1: role etl stands there twice; expected every role once'],
    ['a step without a place', task({ verb: 'delete' }), 'separation.tasks.0.steps.0: the step does not say one thing; expected a duty or a verb with a resource, or a role, or a task of administration'],
    ['a step that says two things', task({ role: 'etl', administration: 'changes' }), 'separation.tasks.0.steps.0: the step does not say one thing; expected a duty or a verb with a resource, or a role, or a task of administration'],
    ['an unknown target', task({ verb: 'delete', resource: 'Table::"shp/public/orders"' }), 'separation.tasks.0.steps.0.resource: there is no target shp; expected shop'],
    ['a place of another form', task({ verb: 'delete', resource: 'Table::"shop/orders"' }), 'separation.tasks.0.steps.0.resource: "shop/orders" is no table\'s place; expected target/schema/name'],
    ['a type of nowhere', task({ verb: 'delete', resource: 'Agent::"agent-etl"' }), expect.stringContaining('there is no type Agent; expected one of Target, Schema, Table')],
    ['a role of nobody in a step', task({ role: 'ghost' }), 'separation.tasks.0.steps.0.role: nobody has role ghost; expected one of dba, security, auditor, etl'],
  ])('is told of %s', (_, more, problem) => expect(separated(more)).toContainEqual(problem));

  it('is told of roles that are not declared, and of members who do not exist, where roles are declared', () => {
    const roles = [{ name: 'dba', members: ['dba', 'nobody'] }, { name: 'security', members: [] }, { name: 'etl', members: [] }];
    expect(separated({}, { roles })).toEqual([
      'roles.0.members.1: there is no principal nobody; expected the name of a principal of this file',
      'principals.2.roles.0: there is no role auditor; expected one of dba, security, etl',
      'administration.audit.0: there is no role auditor; expected one of dba, security, etl',
    ]);
    expect(told({ roles: [...roles, { name: 'dba', members: [] }] })).toEqual(['roles.3.name: there is another role dba above']);
  });

  it('may have roles by membership: they are the principals\' own', () => {
    const declared = configuration({ principals: [dba, { ...security, roles: [] }, auditor], roles: [{ name: 'security', members: ['security', 'dba'] }] });
    expect(withRoleMembers(declared).principals.map(({ name, roles }) => [name, roles])).toEqual([['dba', ['dba', 'security']], ['security', ['security']], ['auditor', ['auditor']]]);
  });
});

describe('a rule', () => {
  const problems = (type: string, id: string) => ruleProblems({ entities: [{ type, id }] }, configuration()).map(({ detail, expected }) => `${detail}; expected ${expected}`);

  it.each([
    ['Agent', 'agent-etl'], ['Human', 'dba'], ['Role', 'etl'], ['Target', 'shop'], ['Schema', 'shop/public'], ['Table', 'shop/public/orders'],
    ['Database', 'shop/shop'], ['Other', 'shop/public/orders/trigger'], ['Action', 'select'],
  ])('may name %s %s', (type, id) => expect(problems(type, id)).toEqual([]));

  it.each([
    ['Agent', 'agent-elt', 'there is no agent agent-elt; expected agent-etl'],
    ['Agent', 'dba', 'dba is a human; expected Human::"dba"'],
    ['Role', 'elt', 'nobody has role elt; expected one of dba, security, auditor, etl'],
    ['Target', 'shp', 'there is no target shp; expected shop'],
    ['Table', 'shp/public/orders', 'there is no target shp; expected shop'],
    ['Table', 'public.orders', '"public.orders" is no table\'s place; expected target/schema/name'],
    ['Schema', 'shop', '"shop" is no schema\'s place; expected target/name'],
    ['Table', 'shop//orders', '"shop//orders" is no table\'s place; expected target/schema/name'],
  ])('may not name %s %s', (type, id, problem) => expect(problems(type, id)).toEqual([problem]));

  it('may not wait for people who are not there', () => {
    const seats = (role: string, count: number) => ruleProblems({ entities: [], quorum: [{ role, count }] }, configuration()).map((problem) => problem.detail);
    expect(seats('dba', 1)).toEqual([]);
    expect(seats('dba', 2)).toEqual(['only 1 of 2 people have role dba']);
    expect(seats('etl', 1)).toEqual(['no person has role etl']);
  });

  it('may rest on a chat only where people are declared in it', () => {
    const slack = { team: 'T1AB', app: 'A1AB', channel: 'C1AB', api: 'https://slack.com/api', users: [{ id: 'U1AB', principal: 'dba' }] };
    const accepting = (chat?: Configuration['chat']) => ruleProblems({ entities: [], accepts: ['slack'] }, configuration(chat && { chat })).map(({ mention, detail }) => `${mention}: ${detail}`);
    expect(accepting()).toEqual(['@accepts: there is no slack in chat of interlock.yaml']);
    expect(accepting({ page: 'https://i.test', webhooks: [], slack: { ...slack, users: [] } })).toEqual(['@accepts: nobody may answer in slack: it declares no users']);
    expect(accepting({ page: 'https://i.test', webhooks: [], slack })).toEqual([]);
  });
});
