import { describe, expect, it } from 'vitest';
import { model } from '../spec/risky.js';
import { configuration, person } from '../spec/given.js';
import { contentHash } from './content-hash.js';
import { summarise } from './summary.js';

const rules = [{ id: 'a', file: 'policies/a.cedar', text: '@id("a")\npermit (principal, action, resource);' }];
const before = { configuration: configuration(), rules };

describe('a summary', () => {
  it('tells the first configuration whole', () => {
    const lines = summarise(undefined, before);
    expect(lines[0]).toBe('the first configuration: 1 issuer, 4 principals, 1 target, 1 rule');
    expect(lines).toContain('adds principal dba: kind human, issuer demo, subject dba, roles dba');
    expect(lines).toContain('adds rule a');
    expect(lines).toContain('changes who may administer changes: from nothing to dba and security');
  });

  it('tells the first separation as an addition', () => {
    const lines = summarise(undefined, { ...before, configuration: configuration({ separation: { exclusiveRoles: [{ name: 'x', roles: ['etl', 'dba'] }], tasks: [], approvers: 'by-role' } }) });
    expect(lines).toContain('adds exclusive roles x: roles etl and dba');
  });

  it('tells the first budget as an addition', () => {
    const budget = { name: 'b', of: { role: 'etl' }, what: 'commands' as const, most: 10, windowSeconds: 60, divide: [] };
    expect(summarise(undefined, { ...before, configuration: configuration({ budgets: [budget] }) })).toContain('adds budget b: what commands, most 10, windowSeconds 60, of role etl');
  });

  it('tells who is taken for whom in a chat, and where messages go', () => {
    const slack = { team: 'T1AB', app: 'A1AB', channel: 'C1AB', api: 'https://slack.com/api', users: [{ id: 'U1AB', principal: 'dba' }] };
    const chat = { page: 'https://i.test', slack, webhooks: [{ name: 'pager', url: 'https://p.test', network: 'public' as const }] };
    const withChat = { ...before, configuration: configuration({ chat }) };
    expect(summarise(before, withChat)).toEqual([
      'adds chat person U1AB of slack: principal dba', 'adds chat slack: team T1AB, app A1AB, channel C1AB, api https://slack.com/api', 'adds chat webhook pager: url https://p.test, network public', 'adds chat page: is https://i.test',
    ]);
    expect(summarise(undefined, withChat)).toContain('adds chat person U1AB of slack: principal dba');
    expect(summarise(withChat, { ...before, configuration: configuration({ chat: { ...chat, slack: { ...slack, users: [{ id: 'U1AB', principal: 'security' }] } } }) })).toEqual(['changes chat person U1AB of slack: principal from dba to security']);
  });

  it('says so when only the words around it changed', () => expect(summarise(before, before)).toEqual(['Nothing changes its meaning: comments, order or layout only.']));

  it.each([
    ['a target moved', { targets: [{ ...configuration().targets[0]!, host: 'elsewhere', labels: { env: 'prod' } }] }, 'changes target shop: host from db to elsewhere, labels from nothing to env=prod'],
    ['a principal gone', { principals: configuration().principals.slice(0, 3) }, 'removes principal agent-etl'],
    ['a role given', { principals: [person('dba', 'dba', 'security'), ...configuration().principals.slice(1)] }, 'changes principal dba: roles from dba to dba and security'],
    ['a masking rule', { masking: { columns: [{ id: 'm', target: 'shop', column: 'public.c.d', transform: 'redact' as const, except: [] }], content: [] } }, 'adds masking rule m: target shop, column public.c.d, transform redact'],
    ['what a column holds', { masking: { columns: [], content: [], tags: [{ target: 'shop', column: 'public.c.d', tag: 'email', sure: 0.9, by: 'dba' }] } }, 'adds tags of shop public.c.d: are email, 90 % sure, by dba'],
    ['a classification', { masking: { columns: [], content: [], classifications: [{ name: 'personal', tags: ['email', 'phone'] }] } }, 'adds classification personal: tags email and phone'],
    ['a purpose', { masking: { columns: [], content: [], purposes: [{ name: 'refunds', roles: ['support'] }] } }, 'adds purpose refunds: roles support'],
    ['content detection', { masking: { columns: [], content: [{ target: 'shop', kinds: ['card' as const] }] } }, 'adds content detection at shop: kinds card'],
    ['what recognizers are looked for', { masking: { columns: [], content: [{ target: 'shop', kinds: [], recognizers: ['staff-no'] }] } }, 'adds content detection at shop: recognizers staff-no'],
    ['a recognizer', { masking: { columns: [], content: [], recognizers: [{ id: 'staff-no', pattern: 'EMP-\\d{6}', score: 0.8, transform: 'redact' as const }] } }, 'adds recognizer staff-no: pattern EMP-\\d{6}, score 0.8, transform redact'],
    ['roles kept apart', { separation: { exclusiveRoles: [{ name: 'load-or-guard', roles: ['etl', 'security'] }], tasks: [], approvers: 'by-role' as const } }, 'adds exclusive roles load-or-guard: roles etl and security'],
    ['a task', { separation: { exclusiveRoles: [], tasks: [{ name: 'purge', parties: 2, steps: [{ verb: 'delete' as const, resource: 'Target::"shop"' }, { role: 'dba' }] }], approvers: 'by-role' as const } }, 'adds task purge: parties 2, steps delete Target::"shop" and dba'],
    ['who acts for others', { delegation: { depth: 1, allowed: [{ actor: 'agent-etl', for: ['dba'] }, { actor: 'agent-etl', for: ['security'] }] } }, 'adds delegation to agent-etl: of dba and security'],
    ['actors of actors', { delegation: { depth: 2, allowed: [] } }, 'adds delegation depth: is 2'],
    ['who made someone', { principals: [...configuration().principals.slice(0, 3), { ...configuration().principals[3]!, createdBy: ['security'] }] }, 'changes principal agent-etl: createdBy from nothing to security'],
    ['acts kept apart', { separation: { exclusiveRoles: [], tasks: [], approvers: 'by-role' as const, dynamic: [{ name: 'enter-or-pay', kind: 'session' as const, between: [{ verb: 'insert' as const }, { role: 'payer' }] }] } }, 'adds separation enter-or-pay: kind session, between insert and payer'],
    ['approvers kept apart otherwise', { separation: { exclusiveRoles: [], tasks: [], approvers: 'at-decision' as const } }, 'changes how approvers are kept apart: from by-role to at-decision'],
    ['a budget', { budgets: [{ name: 'b', of: { party: 'dba' }, what: 'mutations' as const, most: 10, windowSeconds: 60, divide: [{ principal: 'agent-etl', most: 4 }] }] }, 'adds budget b: what mutations, most 10, windowSeconds 60, of party dba, divide 4 for agent-etl'],
    ['administrators', { administration: { ...configuration().administration, locks: ['dba'] } }, 'changes who may administer locks: from security to dba'],
  ])('tells of %s', (_, more, line) => expect(summarise(before, { configuration: configuration(more), rules })).toEqual([line]));

  it('tells of a risk model: what follows from which score, and every term', () => {
    const risk = model({ acts: [{ verb: 'drop', points: 40 }], times: [{ days: ['sat', 'sun'], points: 5 }], thresholds: { ask: { score: 40, approvers: [{ role: 'dba', count: 2 }] }, deny: 45 } });
    const declared = { configuration: configuration({ risk }), rules };
    expect(summarise(before, declared)).toEqual([
      'adds risk thresholds: ask 40 (2 of dba, 15 minutes), deny 45', 'adds risk time zone: is UTC', 'adds risk acts: terms verb=drop points=40', 'adds risk times: terms days=sat,sun points=5',
    ]);
    expect(summarise(declared, { configuration: configuration({ risk: { ...risk, times: [], thresholds: { deny: 45 } } }), rules })).toEqual([
      'removes risk times', 'changes risk thresholds: ask from 40 (2 of dba, 15 minutes) to nothing',
    ]);
    expect(summarise(declared, before)).toContain('removes risk thresholds');
  });

  it('tells of rules by id, wherever they stand', () => {
    const moved = [{ ...rules[0]!, file: 'policies/other.cedar' }];
    expect(summarise(before, { ...before, rules: moved })).toEqual(['Nothing changes its meaning: comments, order or layout only.']);
    expect(summarise(before, { ...before, rules: [{ ...rules[0]!, text: '@id("a")\nforbid (principal, action, resource);' }] })).toEqual(['changes rule a: text']);
    expect(summarise(before, { ...before, rules: [] })).toEqual(['removes rule a']);
  });

  it('tells who gets power before anything that could push it out of sight', () => {
    const many = Array.from({ length: 500 }, (_, index) => person(`p${index}`));
    const coup = configuration({ principals: [...configuration().principals, ...many], administration: { ...configuration().administration, changes: ['dba', 'security', 'auditor'] } });
    expect(summarise(before, { ...before, configuration: coup })[0]).toBe('changes who may administer changes: from dba and security to dba and security and auditor');
  });

  it('does not print certificates, and ends', () => {
    const ca = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(500)}`;
    expect(summarise(before, { ...before, configuration: configuration({ targets: [{ ...configuration().targets[0]!, ca }] }) })).toEqual(['changes target shop: ca']);
    expect(summarise({ ...before, configuration: configuration({ targets: [] }) }, { ...before, configuration: configuration({ targets: [{ ...configuration().targets[0]!, ca }] }) })).toEqual([expect.stringMatching(/^adds target shop: .*, ca of 528 characters/)]);
    const many = Array.from({ length: 500 }, (_, index) => person(`p${index}`));
    expect(summarise(before, { ...before, configuration: configuration({ principals: [...configuration().principals, ...many] }) })).toHaveLength(201);
  });
});

describe('the content hash', () => {
  const files = [{ file: 'interlock.yaml', text: 'a' }, { file: 'policies/a.cedar', text: 'b' }];
  it('does not depend on the order of files', () => expect(contentHash(files)).toBe(contentHash(files.toReversed())));
  it('depends on every name and text', () => {
    const others = [[files[0]!], [files[0]!, { ...files[1]!, text: 'c' }], [files[0]!, { ...files[1]!, file: 'policies/b.cedar' }]];
    expect(new Set([files, ...others].map((some) => contentHash(some))).size).toBe(4);
  });
});
