import { describe, expect, it } from 'vitest';
import { files } from '../spec/files.js';
import { analyseConfiguration, conflictProblems } from './analyse-configuration.js';
import { describeProblem } from '@interlock/adapter-cedar';
import { readConfiguration } from './read-configuration.js';

const PEOPLE = `
  - { name: carol, kind: human, issuer: demo, subject: carol, roles: [developer] }
  - { name: dave, kind: human, issuer: demo, subject: dave, roles: [dba, admin] }
  - { name: erin, kind: human, issuer: demo, subject: erin, roles: [dba, admin] }
  - { name: frank, kind: human, issuer: demo, subject: frank, roles: [admin] }`;
const AGENTS = `
  - { name: loader, kind: agent, issuer: demo, subject: loader, roles: [etl], owners: [carol] }`;

const READS = '@id("etl-reads") permit (principal in Role::"etl", action in Action::"read", resource in Target::"shop");\n';
const DELETES = '@id("etl-deletes") permit (principal in Role::"etl", action == Action::"delete", resource in Schema::"shop/public");\n';
const ASKS = '@id("asks") @reason("A DBA agrees.") @approvers("dba")\nforbid (principal in Role::"etl", action == Action::"delete", resource in Target::"shop");\n';

interface Given { readonly people?: string; readonly agents?: string; readonly separation?: string; readonly rules?: string; readonly issuer?: string; readonly more?: string }

function analysed({ people = PEOPLE, agents = AGENTS, separation = '', rules = READS, issuer = '', more = '' }: Given) {
  const yaml = `version: 1
issuers:
  - { name: demo, url: http://127.0.0.1:8801, audience: interlock, algorithms: [EdDSA]${issuer} }
principals:${people}${agents}
targets:
  - { name: shop, protocol: postgres, host: 127.0.0.1, database: shop, tls: require, labels: { env: production } }
  - { name: attic, protocol: postgres, host: 127.0.0.1, database: attic, tls: require, labels: { env: staging } }
administration: { changes: [admin], secrets: [admin], audit: [admin], locks: [admin] }
${separation === '' ? '' : `separation:${separation}\n`}${more}`;
  const read = readConfiguration(files(yaml, rules));
  expect(read.problems).toEqual([]);
  return analyseConfiguration({ ...read, configuration: read.configuration! });
}

const found = (given: Given) => analysed(given).findings.map(({ level, kind, file, line, detail }) => `${level} ${kind} ${file}:${line}: ${detail}`);
const agent = (name: string, roles: string, owners: string) => `\n  - { name: ${name}, kind: agent, issuer: demo, subject: ${name}, roles: [${roles}], owners: [${owners}] }`;
const task = (steps: string, parties = 2) => `\n  tasks:\n    - { name: purge, parties: ${parties}, steps: [${steps}] }`;

const delegation = (actor: string, principal: string, more = '') => `delegation: { depth: 2, allowed: [{ actor: ${actor}, for: [${principal}] }${more}] }\n`;

describe('a configuration whose parties are kept apart', () => {
  it('has no finding', () => {
    expect(found({ rules: READS + DELETES + ASKS })).toEqual([]);
    expect(found({ rules: READS + DELETES + ASKS, separation: `\n  exclusiveRoles: [{ name: x, roles: [etl, dba] }]${task('{ verb: delete, resource: Table::"shop/public/orders" }, { role: dba }')}` })).toEqual([]);
  });
});

describe('acts that are kept apart as they are done', () => {
  const writes = '@id("writes") permit (principal in Role::"etl", action in [Action::"insert", Action::"update"], resource == Table::"shop/public/orders");\n';
  const enters = '@id("writes") permit (principal in Role::"etl", action == Action::"insert", resource == Table::"shop/public/orders");\n@id("pays") permit (principal in Role::"payer", action == Action::"update", resource == Table::"shop/public/orders");\n';
  const orders = 'resource: Table::"shop/public/orders"';
  const dynamic = (kind = 'kind: window, windowSeconds: 86400') => `\n  dynamic:\n    - { name: enter-or-pay, ${kind}, between: [{ verb: insert, ${orders} }, { verb: update, ${orders} }] }`;

  it('are nothing to find where one may do both', () => {
    expect(found({ rules: READS + writes, separation: dynamic() })).toEqual([]);
    expect(found({ rules: READS + writes, separation: dynamic('kind: session') })).toEqual([]);
    expect(found({ rules: READS + enters, agents: `${AGENTS}${agent('payer', 'payer', 'dave')}`, separation: dynamic() })).toEqual([]);
  });

  it('are a warning where nobody may do one of them', () => {
    expect(found({ rules: READS + enters.split('\n', 1)[0]!, separation: dynamic() }))
      .toEqual(['warning separation-idle interlock.yaml:16: separation enter-or-pay keeps nothing apart: nobody may do its second act']);
  });

  it('are no proof that a task takes two, and that is said', () => {
    const steps = `{ verb: insert, ${orders} }, { verb: update, ${orders} }`;
    expect(found({ rules: READS + writes, separation: `${dynamic()}${task(steps)}` })[0])
      .toContain('that completes task purge, which takes 2 independent parties; separation enter-or-pay keeps its steps apart for 24 h, not for good');
  });
});

describe('roles that can be asked for', () => {
  const declared = (more: string) => `roles:\n  - { name: etl }\n  - { name: dba${more} }\n  - { name: admin }\n  - { name: developer }\n`;
  const offer = (name: string) => `, onRequest: { for: [${name}], approvers: [{ role: admin, count: 1 }], hoursMax: 8 }`;
  const separation = '\n  exclusiveRoles: [{ name: load-or-guard, roles: [etl, dba] }]';

  it('count as held: what excludes one of them does not load beside it', () => {
    expect(found({ separation, more: declared('') })).toEqual([]);
    expect(found({ separation, more: declared(offer('carol')) }).filter((line) => line.startsWith('conflict'))).toEqual([
      expect.stringContaining('one person alone: carol owns loader, which has role etl, and can ask for role dba for a time, which exclude each other (load-or-guard)') as string,
    ]);
    expect(found({ separation, more: declared(offer('frank')) }).filter((line) => line.startsWith('conflict'))).toEqual([]);
  });

  it('count as held by whoever would approve their own agent', () => {
    const rules = READS + DELETES + ASKS;
    expect(found({ rules, more: declared(offer('frank')) })).toEqual([]);
    expect(found({ rules, more: declared(offer('carol')) })).toEqual([expect.stringContaining('can ask for role dba for a time, which approves it') as string]);
  });

  it('count as held by agents, in what they could do', () => {
    const rules = READS + '@id("dba-deletes") permit (principal in Role::"dba", action == Action::"delete", resource in Schema::"shop/public");\n';
    const purge = task('{ verb: delete, resource: Table::"shop/public/orders" }, { role: developer }');
    expect(found({ rules, separation: purge, more: declared('') }).filter((line) => line.startsWith('conflict'))).toEqual([]);
    expect(found({ rules, separation: purge, more: declared(offer('loader')) }).filter((line) => line.startsWith('conflict'))).toHaveLength(1);
  });
});

describe('roles that exclude each other', () => {
  const separation = '\n  exclusiveRoles:\n    - { name: load-or-guard, roles: [etl, dba] }';
  it.each<[string, string, string]>([
    ['of an agent and its owner', agent('loader', 'etl', 'dave'), 'one person alone: dave owns loader, which has role etl, and has role dba, which exclude each other (load-or-guard)'],
    ['of two agents of one owner', `${AGENTS}${agent('guard', 'dba', 'carol')}`, 'one person alone: carol owns loader, which has role etl, and owns guard, which has role dba, which exclude each other (load-or-guard)'],
    ['through an agent\'s agent', `${agent('boss', 'idle', 'dave')}${agent('loader', 'etl', 'boss')}`, 'one person alone: dave owns boss, which owns loader, which has role etl, and has role dba, which exclude each other (load-or-guard)'],
    ['through another account of a person', `${AGENTS}\n  - { name: carol-admin, kind: human, issuer: demo, subject: carol-admin, roles: [dba], human: carol }`, 'one person alone: carol owns loader, which has role etl, and has the account carol-admin, which has role dba, which exclude each other (load-or-guard)'],
  ])('are found %s', (_, agents, detail) => {
    const all = found({ agents, separation });
    expect(all.filter((line) => line.startsWith('conflict'))).toEqual([expect.stringMatching(/^conflict exclusive-roles interlock\.yaml:\d+: /)]);
    expect(all[0]).toContain(detail);
  });

  it('are found where nobody knows who owns an agent: it counts as everyone\'s', () => {
    const all = found({ agents: agent('loader', 'etl', ''), separation });
    expect(all[0]).toContain('one person alone: dave counts as standing behind loader, whose owners are not all known, which has role etl, and has role dba');
    expect(all.at(-1)).toMatch(/^warning owners-unknown interlock\.yaml:9: nobody is known to stand behind loader/);
  });
});

describe('a declared task', () => {
  const apart = `${AGENTS}${agent('sweeper', 'cleaner', 'dave')}`;
  const together = `${AGENTS}${agent('sweeper', 'cleaner', 'carol')}`;
  const cleans = '@id("cleans") permit (principal in Role::"cleaner", action in Action::"delete", resource in Schema::"shop/public") when { context.hasWhere };\n';
  const writes = '@id("writes") permit (principal in Role::"etl", action == Action::"insert", resource == Table::"shop/public/orders");\n';
  const steps = '{ verb: insert, resource: Table::"shop/public/orders" }, { duty: delete, resource: Table::"shop/public/orders" }';

  it('is no one\'s alone when its steps lie in different hands', () => expect(found({ agents: apart, rules: READS + cleans + writes, separation: task(steps) })).toEqual([]));

  it('is found to be one person\'s through two agents, whatever the condition', () => {
    expect(found({ agents: together, rules: READS + cleans + writes, separation: task(steps) })).toEqual([
      'conflict task-alone interlock.yaml:17: one person alone: carol owns loader, which may insert on table shop/public/orders, and owns sweeper, which may delete on table shop/public/orders: that completes task purge, which takes 2 independent parties',
    ]);
  });

  it('is not one person\'s where another rule refuses all of it', () => {
    const never = '@id("never") @reason("x") forbid (principal, action in Action::"delete", resource in Target::"shop") when { context.hasWhere };\n';
    const all = found({ agents: together, rules: READS + cleans + writes + never, separation: task(steps) });
    expect(all.filter((line) => line.startsWith('conflict'))).toEqual([]);
  });

  it('counts dropping the schema as deleting what lies in it', () => {
    const drops = '@id("cleans") permit (principal in Role::"cleaner", action == Action::"drop", resource == Schema::"shop/public");\n';
    expect(found({ agents: together, rules: READS + drops + writes, separation: task(steps) })[0]).toContain('owns sweeper, which may drop on schema shop/public');
  });

  it('is found in a person\'s token lent to an agent', () => {
    const own = '@id("own") permit (principal is Agent in Role::"developer", action == Action::"delete", resource == Table::"shop/public/orders");\n';
    const given = { rules: READS + own + writes, separation: task(steps) };
    expect(found({ ...given, more: delegation('dave', 'carol') })[0]).toContain('carol owns loader, which may insert on table shop/public/orders, and can let dave act for it, which then may delete on table shop/public/orders');
    expect(found(given).filter((line) => line.startsWith('conflict'))).toEqual([]);
  });

  it('with approval is two people\'s, and not three\'s', () => {
    const rules = READS + DELETES + ASKS;
    const asked = '{ verb: delete, resource: Table::"shop/public/orders" }';
    expect(found({ rules, separation: task(asked, 2) })).toEqual([]);
    expect(found({ rules, separation: task(asked, 3) })).toEqual([
      'conflict task-alone interlock.yaml:16: 2 people are enough: carol owns loader, which may delete on table shop/public/orders when 1 of dba agrees; dave agrees: that completes task purge, which takes 3 independent parties',
      'conflict task-alone interlock.yaml:16: 2 people are enough: carol owns loader, which may delete on table shop/public/orders when 1 of dba agrees; erin agrees: that completes task purge, which takes 3 independent parties',
    ]);
    expect(found({ rules: rules.replace('"dba"', '"dba:2"'), separation: task(asked, 3) })).toEqual([]);
  });

  it('may name a role and a task in Interlock itself', () => {
    expect(found({ people: PEOPLE.replace('[developer]', '[developer, admin]'), separation: task('{ role: etl }, { administration: changes }') })[0])
      .toContain('one person alone: carol owns loader, which has role etl, and has role admin, which administers changes: that completes task purge');
  });
});

describe('a command that needs approval', () => {
  const free = '@id("free") permit (principal in Role::"helper", action == Action::"delete", resource == Table::"shop/public/orders");\n';

  it('may not be done without it by another agent of the same owner', () => {
    expect(found({ agents: `${AGENTS}${agent('helper', 'helper', 'carol')}`, rules: READS + DELETES + ASKS + free })).toEqual([
      'conflict approval-evaded policies/shop.cedar:3: one person alone: carol owns loader, which may delete on table shop/public/orders only when 1 of dba agrees, and owns helper, which may do it with nobody asked (rule asks)',
    ]);
    expect(found({ agents: `${AGENTS}${agent('helper', 'helper', 'dave')}`, rules: READS + DELETES + ASKS + free }).filter((line) => line.includes('approval-evaded'))).toEqual([]);
  });

  it('is the same command for both: a condition on what it says is weighed once', () => {
    const bounded = '@id("asks") @reason("x") @approvers("dba")\nforbid (principal in Role::"etl", action == Action::"delete", resource in Target::"shop") when { !context.hasWhere };\n';
    const narrow = (condition: string) => free.replace(';', ` when { ${condition} };`);
    const agents = `${AGENTS}${agent('helper', 'helper', 'carol')}`;
    const evaded = (condition: string) => found({ agents, rules: READS + DELETES + bounded + narrow(condition) }).filter((line) => line.includes('approval-evaded')).length;
    expect(evaded('context.hasWhere')).toBe(0);
    expect(evaded('!context.hasWhere')).toBe(1);
    expect(evaded('context.hasLimit')).toBe(1);
  });

  it('is told of, and loads, where the owner may do it by hand', () => {
    const people = PEOPLE.replace('[developer]', '[helper]');
    expect(found({ people, rules: READS + DELETES + ASKS + free })).toEqual([expect.stringMatching(/^warning approval-evaded .*carol owns loader, which may delete .*, and may do it with nobody asked/)]);
  });

  it('must have someone who may agree', () => {
    const people = PEOPLE.replace('name: dave,', 'name: dave, owners: [carol],').replace('name: erin,', 'name: erin, owners: [carol],');
    const rules = READS + DELETES + ASKS;
    expect(found({ people, rules }).filter((line) => line.includes('approval-impossible'))).toEqual([
      'warning approval-impossible policies/shop.cedar:3: rule asks waits for 1 of dba, and for loader there is nobody who could agree without sharing a human with the requester or each other',
    ]);
    const half = found({ agents: `${AGENTS}${agent('second', 'etl', 'dave, erin')}`, rules });
    expect(half.filter((line) => line.includes('approval-impossible'))).toEqual([expect.stringMatching(/^warning approval-impossible .* for second there is nobody/)]);
  });

  it('must have approvers who are independent of each other, each seated once', () => {
    const two = ASKS.replace('"dba"', '"dba:2"');
    expect(found({ rules: READS + DELETES + two })).toEqual([]);
    const people = PEOPLE.replace('name: erin,', 'name: erin, owners: [dave],');
    expect(found({ people, rules: READS + DELETES + two })).toEqual([
      'warning approval-impossible policies/shop.cedar:3: rule asks waits for 2 of dba, and for loader there are not as many people who could agree without sharing a human with the requester or each other',
    ]);
    const seats = READS + DELETES + ASKS.replace('"dba"', '"dba,developer"');
    expect(found({ people: PEOPLE.replace('[dba, admin]', '[dba, admin, developer]'), rules: seats }).filter((line) => line.includes('impossible'))).toEqual([]);
    expect(found({ people: PEOPLE.replace('[dba, admin]', '[dba, admin, developer]').replace('roles: [dba, admin] }', 'roles: [admin] }'), rules: seats })).toContainEqual(expect.stringMatching(/^warning approval-impossible .* waits for 1 of dba and 1 of developer/));
  });

  const owned = agent('loader', 'etl', 'dave');
  it('names people on both sides, whom run time refuses, where that is said to be enough', () => {
    expect(found({ agents: owned, rules: READS + DELETES + ASKS, separation: '\n  approvers: at-decision' })).toEqual([
      'warning both-sides policies/shop.cedar:3: one person on both sides: dave owns loader, which may delete on schema shop/public, and has role dba, which approves it (rule asks); the approval itself is refused at run time',
    ]);
  });

  it('has nobody on both sides', () => {
    expect(found({ agents: owned, rules: READS + DELETES + ASKS })).toEqual([
      'conflict both-sides policies/shop.cedar:3: one person alone: dave owns loader, which may delete on schema shop/public, and has role dba, which approves it (rule asks)',
    ]);
  });
});

describe('acting for others', () => {
  const agents = `${AGENTS}${agent('sweeper', 'cleaner', 'dave')}${agent('helper', 'idle', 'carol')}${agent('middle', 'idle', 'frank')}`;
  const cleans = '@id("cleans") permit (principal in Role::"cleaner", action in Action::"delete", resource in Schema::"shop/public");\n';
  const writes = '@id("writes") permit (principal in Role::"etl", action == Action::"insert", resource == Table::"shop/public/orders");\n';
  const steps = task('{ verb: insert, resource: Table::"shop/public/orders" }, { duty: delete, resource: Table::"shop/public/orders" }');
  const conflicts = (given: Given) => found(given).filter((line) => line.startsWith('conflict'));

  it('completes a task that the owner of an actor could not complete otherwise', () => {
    const given = { agents, rules: READS + cleans + writes, separation: steps };
    expect(conflicts(given)).toEqual([]);
    expect(conflicts({ ...given, more: delegation('helper', 'sweeper') })).toEqual([
      'conflict task-alone interlock.yaml:19: one person alone: carol owns loader, which may insert on table shop/public/orders, and owns helper, which may act for sweeper, which may delete on table shop/public/orders: that completes task purge, which takes 2 independent parties',
    ]);
  });

  it('completes it through others, as deep as tokens may be handed on', () => {
    const given = { agents, rules: READS + cleans + writes, separation: steps };
    const chain = delegation('helper', 'middle', ', { actor: middle, for: [sweeper] }');
    expect(conflicts({ ...given, more: chain })).toEqual([expect.stringContaining('carol owns loader, which may insert on table shop/public/orders, and owns helper, which may act for middle, which may act for sweeper, which may delete on table shop/public/orders')]);
    expect(conflicts({ ...given, more: chain.replace('depth: 2', 'depth: 1') })).toEqual([]);
  });

  it('exercises roles that exclude each other', () => {
    expect(conflicts({ agents, separation: '\n  exclusiveRoles: [{ name: x, roles: [etl, cleaner] }]', more: delegation('helper', 'sweeper') })).toEqual([
      expect.stringContaining('carol owns loader, which has role etl, and owns helper, which may act for sweeper, which has role cleaner, which exclude each other (x)'),
    ]);
  });

  it('goes around an approval: another\'s token is not asked, or its own is not once it is in other hands', () => {
    const free = '@id("free") permit (principal in Role::"cleaner", action == Action::"delete", resource == Table::"shop/public/orders");\n';
    expect(conflicts({ agents, rules: READS + DELETES + ASKS + free, more: delegation('helper', 'sweeper') })).toEqual([
      expect.stringContaining('carol owns loader, which may delete on table shop/public/orders only when 1 of dba agrees, and owns helper, which may act for sweeper, which may do it with nobody asked (rule asks)'),
    ]);
    const people = PEOPLE.replace('[developer]', '[etl]');
    const inPerson = ASKS.replace('principal in', 'principal is Human in');
    expect(conflicts({ people, agents: agent('helper', 'idle', 'carol'), rules: READS + DELETES + inPerson, more: delegation('helper', 'carol') })).toEqual([
      expect.stringContaining('carol may delete on schema shop/public only when 1 of dba agrees, and owns helper, which may act for carol, which may do it with nobody asked (rule asks)'),
    ]);
  });

  it('puts someone on both sides, and never on the side that agrees', () => {
    const own = agent('guard', 'idle', 'dave');
    expect(conflicts({ agents: AGENTS + own, rules: READS + DELETES + ASKS, more: delegation('guard', 'loader') })).toEqual([
      expect.stringContaining('dave owns guard, which may act for loader, which may delete on schema shop/public, and has role dba, which approves it (rule asks)'),
    ]);
    expect(conflicts({ rules: READS + DELETES + ASKS, more: delegation('carol', 'dave') })).toEqual([]);
  });

  it('in more ways than are looked at counts as a conflict', () => {
    const many = Array.from({ length: 30 }, (_, index) => `helper-${index}`);
    const allowed = many.map((name, index) => `, { actor: ${name}, for: [${['loader', ...many.slice(0, index)].join(', ')}] }`).join('');
    const more = delegation('carol', 'loader', allowed).replace('depth: 2', 'depth: 8');
    expect(found({ agents: AGENTS + many.map((name) => agent(name, 'idle', 'carol')).join(''), more })).toEqual([
      'conflict undecided interlock.yaml:44: what one party alone could reach by acting for others cannot be decided: there are more than 20000 ways of handing a token on',
    ]);
  });

  it('tells who made an agent, and who has it run', () => {
    const made = agents.replace('owners: [dave] }', 'owners: [dave], createdBy: [helper] }');
    expect(conflicts({ agents: made, rules: READS + cleans + writes, separation: steps })[0]).toContain('carol owns loader, which may insert on table shop/public/orders, and owns helper, which made sweeper, which may delete on table shop/public/orders');
    expect(conflicts({ agents: made.replace('createdBy: [helper]', 'scheduledBy: [carol]'), rules: READS + cleans + writes, separation: steps })[0]).toContain('and schedules sweeper, which may delete');
  });
});

describe('people whom a risk asks', () => {
  const risk = (more: string, ask = '{ score: 50, approvers: [{ role: dba }] }') => `risk: { ${more}, thresholds: { ask: ${ask} } }\n`;
  const deleting = 'acts: [{ duty: delete, points: 50 }]';
  const conflicts = (given: Given) => found(given).filter((line) => line.startsWith('conflict'));
  const deletesOrders = task('{ verb: delete, resource: Table::"shop/public/orders" }');

  it('are a second party wherever the risk asks for certain', () => {
    const rules = READS + DELETES;
    expect(conflicts({ rules, separation: deletesOrders })).toEqual([expect.stringContaining('one person alone: carol owns loader, which may delete on table shop/public/orders')]);
    expect(found({ rules, separation: deletesOrders, more: risk(deleting) })).toEqual([]);
    expect(found({ rules, separation: deletesOrders.replace('parties: 2', 'parties: 3'), more: risk(deleting) })).toEqual([
      expect.stringContaining('2 people are enough: carol owns loader, which may delete on table shop/public/orders when 1 of dba agrees; dave agrees'), expect.stringContaining('erin agrees'),
    ]);
  });

  it.each([
    ['where another term would have to be true', 'acts: [{ duty: delete, points: 30 }], times: [{ days: [sat], points: 20 }]'],
    ['where it takes a fact', 'facts: [{ fact: hasWhere, is: false, points: 50 }]'],
    ['where the label is another', 'acts: [{ duty: delete, points: 30 }], labels: [{ label: env, is: staging, points: 20 }]'],
  ])('are none %s', (_, terms) => {
    expect(conflicts({ rules: READS + DELETES, separation: deletesOrders, more: risk(terms) })).toEqual([expect.stringContaining('one person alone: carol owns loader, which may delete on table shop/public/orders')]);
  });

  it('are asked where a rule lets nothing else through', () => {
    const bare = '@id("bare") @reason("x") forbid (principal, action == Action::"delete", resource) when { context.hasWhere };\n';
    expect(conflicts({ rules: READS + DELETES + bare, separation: deletesOrders, more: risk('facts: [{ fact: hasWhere, is: false, points: 50 }]') })).toEqual([]);
  });

  it('nobody may be on both sides of', () => {
    const given = { agents: agent('loader', 'etl', 'dave'), rules: READS + DELETES };
    expect(conflicts(given)).toEqual([]);
    expect(conflicts({ ...given, more: risk(deleting) })).toEqual([
      'conflict both-sides interlock.yaml:14: one person alone: dave owns loader, which may delete on schema shop/public, and has role dba, which approves it (risk)',
    ]);
    expect(found({ ...given, more: risk(deleting), separation: '\n  approvers: at-decision' })).toEqual([expect.stringMatching(/^warning both-sides .*at run time$/)]);
    expect(conflicts({ ...given, more: risk('acts: [{ verb: update, points: 50 }]') })).toEqual([]);
  });

  it('must be there, and people', () => {
    const people = PEOPLE.replace('name: dave,', 'name: dave, owners: [carol],').replace('name: erin,', 'name: erin, owners: [carol],');
    expect(found({ people, rules: READS + DELETES, more: risk(deleting), separation: '\n  approvers: at-decision' })).toContainEqual(expect.stringContaining('risk waits for 1 of dba, and for loader there is nobody who could agree'));
    expect(found({ agents: agent('loader', 'etl, dba', 'carol'), rules: READS, more: risk(deleting) })).toContainEqual(expect.stringContaining('agent loader has role dba, whose members approve'));
  });

  it('are asked about nothing that is denied anyway', () => {
    const given = { agents: agent('loader', 'etl', 'dave'), rules: READS + DELETES };
    expect(conflicts({ ...given, more: `risk: { ${deleting}, labels: [{ label: env, is: production, points: 10 }], thresholds: { ask: { score: 50, approvers: [{ role: dba }] }, deny: 60 } }\n` })).toEqual([]);
  });
});

describe('Interlock\'s own administration', () => {
  it('takes two independent people for a change, and for lifting a lock', () => {
    const people = PEOPLE.replace('roles: [admin]', 'roles: [developer]').replace('name: erin,', 'name: erin, owners: [dave],');
    expect(found({ people })).toEqual([
      'conflict administration-impossible interlock.yaml:13: a change of the configuration takes an author and an approver who share no human, and no two of dave, erin are',
      'warning unlock-impossible interlock.yaml:13: a lock is lifted by two people who share no human, and no two of dave, erin are: it would stand for ever',
    ]);
  });

  it('cannot be told from here where tokens carry roles', () => {
    expect(found({ issuer: ', rolesClaim: groups' })).toEqual([expect.stringMatching(/^warning roles-by-token interlock\.yaml:3: issuer demo grants roles by its tokens \(groups\)/)]);
    expect(found({ issuer: ', rolesClaim: groups', separation: '\n  exclusiveRoles: [{ name: x, roles: [etl, dba] }]' })[0]).toMatch(/^conflict roles-by-token .*cannot be decided/);
  });

  it('is not for agents', () => expect(found({ agents: agent('loader', 'etl, admin', 'carol') })).toEqual(['warning agent-approves interlock.yaml:9: agent loader has role admin, whose members approve or administer; agents never do']));
});

describe('a glass that one person may break', () => {
  const role = (name: string): string => `@id("deletes") permit (principal in Role::"${name}", action == Action::"delete", resource in Schema::"shop/public");\n`;
  const glass = (breakers: string, reviewers = 'dba,admin'): string => `@id("asks") @reason("A DBA agrees.") @approvers("dba") @break_glass("${breakers}")\n@reviewers("${reviewers}") @review_within("2h")\nforbid (principal in Role::"${breakers}", action == Action::"delete", resource in Target::"shop");\n`;
  const exceptions = (given: Given) => found(given).filter((line) => line.includes('glass'));

  it('is an exception from what is proved, told with who, what and who reviews it', () => {
    expect(exceptions({ rules: READS + role('developer') + glass('developer') })).toEqual([
      'exception break-glass policies/shop.cedar:3: one person alone, by breaking the glass of rule asks: carol may delete on schema shop/public with nobody asked; it is recorded, and two people of dba or admin review it within 2 h, or who broke it is locked',
    ]);
    expect(conflictProblems(analysed({ rules: READS + role('developer') + glass('developer') }))).toEqual([]);
  });

  it('is one for each task that it completes', () => {
    const separation = task('{ verb: delete, resource: Table::"shop/public/orders" }, { role: developer }');
    expect(exceptions({ rules: READS + role('developer') + glass('developer'), separation })).toContainEqual(expect.stringMatching(/^exception break-glass interlock\.yaml:\d+: one person alone: carol may delete on \w+ shop\/public\S* by breaking the glass of rule asks, and has role developer: that completes task purge, which takes 2 independent parties$/));
    expect(found({ rules: READS + role('developer') + glass('developer').replace('@break_glass("developer")', '').replace(/@reviewers.*2h"\)/, ''), separation })).toEqual([]);
  });

  it('is none where nobody of its role may do it at all, and agents never break it', () => {
    expect(exceptions({ rules: READS + DELETES + ASKS.replace('@approvers("dba")', '@approvers("dba") @break_glass("etl,developer") @reviewers("dba")') })).toEqual([]);
  });

  it('does not load where no two people could review it', () => {
    expect(exceptions({ rules: READS + role('dba') + glass('dba', 'dba') })[0]).toMatch(/^conflict review-impossible policies\/shop\.cedar:4: nobody could review what dave, erin do by breaking the glass of rule asks: it takes two people of dba who share no human/);
  });

  it.each([
    ['nobody has', 'ghost', 'policies/shop.cedar:4:1: no person has role ghost, and a review takes two'],
    ['one person alone has', 'developer', 'policies/shop.cedar:4:1: only one person has role developer, and a review takes two'],
  ])('does not load by reviewers of a role that %s', (_what, reviewers, told) => {
    const yaml = `version: 1
issuers: [{ name: demo, url: http://127.0.0.1:8801, audience: interlock, algorithms: [EdDSA] }]
principals:${PEOPLE}
targets: [{ name: shop, protocol: postgres, host: 127.0.0.1, database: shop, tls: require, labels: {} }]
administration: { changes: [admin], secrets: [admin], audit: [admin], locks: [admin] }
`;
    expect(readConfiguration(files(yaml, READS.replace('etl"', 'dba"') + role('developer') + glass('dba', reviewers))).problems.map(describeProblem)).toEqual([expect.stringContaining(told)]);
  });
});

describe('a rule of no use', () => {
  const about = (rules: string) => found({ rules: READS + rules }).map((line) => line.replace(/^warning (\S+) policies.shop.cedar:\d+: /, '$1: '));
  it.each<[string, string, string[]]>([
    ['that never applies', '@id("r") permit (principal in Role::"etl", action, resource) when { context.target.hasTag("zone") };', ['rule-never-applies: rule r never applies to any principal and target of this configuration']],
    ['of an agent that has no such role', '@id("r") permit (principal is Agent in Role::"admin", action == Action::"drop", resource) when { principal.name == "loader" };', ['rule-never-applies: rule r never applies to any principal and target of this configuration']],
    ['that another permit covers', '@id("r") permit (principal in Role::"etl", action == Action::"select", resource == Table::"shop/public/orders") when { context.hasLimit };', ['rule-shadowed: rule r changes nothing: wherever it applies, etl-reads decides already']],
    ['that a forbid refuses whole', '@id("r") permit (principal in Role::"etl", action == Action::"drop", resource); @id("no") @reason("x") forbid (principal, action == Action::"drop", resource);', ['rule-shadowed: rule r changes nothing: wherever it applies, no decides already']],
    ['that asks where another refuses', '@id("r") @reason("x") @approvers("dba") forbid (principal, action == Action::"drop", resource); @id("no") @reason("x") forbid (principal, action == Action::"drop", resource);', ['rule-shadowed: rule r changes nothing: wherever it applies, no decides already']],
    ['that allows everything', '@id("r") permit (principal in Role::"etl", action, resource in Target::"attic");', ['rule-always-allows: rule r lets loader do everything at target attic, whatever the command says']],
    ['not: a condition leaves something', '@id("r") permit (principal in Role::"etl", action, resource in Target::"attic") when { context.hasWhere };', []],
  ])('%s', (_, rules, expected) => expect(about(rules)).toEqual(expected));
});

describe('a rule that reads what no command of its scope can state', () => {
  const about = (rule: string) => found({ rules: `${READS}@id("r") @reason("x")\n${rule}` }).filter((line) => line.includes('fact-never-said'));
  it.each([
    ['a fact of queries, of control of a transaction', 'forbid (principal, action in [Action::"commit", Action::"rollback"], resource)\nwhen { !context.hasWhere };', 'conflict fact-never-said policies/shop.cedar:4: rule r reads hasWhere, which no command that it applies to can state: it is told only at targets of protocol postgres, of commands that hold a query, when they run'],
    ['a fact of queries, of a statement that is only prepared', 'forbid (principal, action, resource)\nwhen { [Action::"prepare"].contains(action) && context.functions.contains("f") };', 'conflict fact-never-said policies/shop.cedar:4: rule r reads functions, which'],
    ['a fact of drops, of reading', 'forbid (principal, action in Action::"read", resource) when { context.cascade };', 'conflict fact-never-said policies/shop.cedar:3: rule r reads cascade, which no command that it applies to can state: it is told only at targets of protocol postgres, of drop, truncate, alter'],
  ])('is an error at its place: %s', (_, rule, expected) => expect(about(rule)).toEqual([expect.stringContaining(expected)]));

  it.each([
    ['where its head names a verb beside, that cannot', 'forbid (principal, action in Action::"delete", resource)\nwhen { context.estimatedRows > 9 };', 'rule r reads estimatedRows and applies to truncate, drop, too, which cannot state it: it is told only at targets of protocol postgres, of select, insert, update, delete, merge'],
    ['where it names none', 'forbid (principal, action, resource)\nwhen { context.estimatedRows > 9 };', 'rule r reads estimatedRows and applies to'],
  ])('of what is estimated is an error already %s', (_, rule, expected) => expect(about(rule)).toEqual([expect.stringContaining(expected)]));

  it.each([
    ['of what is estimated, where every verb states it', 'forbid (principal, action == Action::"delete", resource) when { context.estimatedRows > 9 };'],
    ['of what is estimated, where a condition leaves no other', 'forbid (principal, action, resource) when { [Action::"merge", Action::"delete"].contains(action) && context.estimatedRows > 9 };'],
    ['where some verb of its scope states it', 'forbid (principal, action in Action::"delete", resource) when { context.cascade };'],
    ['where its scope is everything', 'forbid (principal, action, resource) when { context.transactionControl == "commit" };'],
    ['of facts of every command', 'forbid (principal, action == Action::"prepare", resource) when { context.statementCount > 1 && context.textBytes > 9 };'],
  ])('is none: %s', (_, rule) => expect(about(rule)).toEqual([]));
});

describe('what cannot be decided', () => {
  /** Refused unless seven pigeons sit in six holes, each alone: no command could say so, and finding that out takes long. */
  function pigeons(): string {
    const sits = (pigeon: number, hole: number) => `(context.textBytes == ${pigeon}${hole})`;
    const range = (count: number) => Array.from({ length: count }, (_, index) => index);
    const somewhere = range(7).map((pigeon) => range(6).map((hole) => sits(pigeon, hole)).join(' || '));
    const alone = range(6).flatMap((hole) => range(7).flatMap((one) => range(one).map((other) => `!${sits(one, hole)} || !${sits(other, hole)}`)));
    return [...somewhere, ...alone].map((condition, index) => `@id("f${index}") @reason("x") forbid (principal, action == Action::"delete", resource == Table::"shop/public/orders") unless { ${condition} };`).join('\n');
  }

  it('counts as a conflict: conditions that are too involved', () => {
    const rules = `${READS}@id("r") permit (principal in Role::"etl", action == Action::"delete", resource == Table::"shop/public/orders");\n${pigeons()}`;
    expect(found({ rules })).toContain('conflict undecided interlock.yaml:1: 1 condition is too involved to decide whether all of it can hold');
  });

  it('is little: a thousand principals of few roles are few questions', () => {
    const agents = Array.from({ length: 1_000 }, (_, index) => agent(`a${index}`, 'etl', 'carol')).join('');
    expect(analysed({ agents }).extent.casts).toBeLessThan(12);
  });
});

it('conflicts keep a configuration from loading, and are told with their remedy', () => {
  const problems = conflictProblems(analysed({ agents: agent('loader', 'etl', 'dave'), separation: '\n  exclusiveRoles:\n    - { name: x, roles: [etl, dba] }' }));
  expect(problems).toEqual([{ file: 'interlock.yaml', line: 16, column: 7, detail: 'one person alone: dave owns loader, which has role etl, and has role dba, which exclude each other (x). Take one of the roles away, or give one of the agents to someone else.' }]);
});
