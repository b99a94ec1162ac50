import { describeProblem } from '@interlock/adapter-cedar';
import { describe, expect, it } from 'vitest';
import { CEDAR, files, YAML } from '../spec/files.js';
import { CONFIGURATION_LIMITS } from './limits.js';
import { readConfiguration } from './read-configuration.js';

const problems = (yaml = YAML, cedar = CEDAR) => readConfiguration(files(yaml, cedar)).problems.map(describeProblem);
const change = (from: string, to: string) => {
  expect(YAML).toContain(from);
  return YAML.replace(from, to);
};

describe('a configuration', () => {
  it('is read with its defaults filled in', () => {
    const read = readConfiguration(files());
    expect(read.problems).toEqual([]);
    expect(read.configuration).toMatchObject({ version: 1, targets: [{ name: 'shop', port: 5432, labels: {} }], masking: { columns: [], content: [] }, issuers: [{ clockSkewSeconds: 60 }] });
    expect(read.rules.map((rule) => rule.id)).toEqual(['etl-reads']);
  });

  it('has declared members of roles among the principals\' own roles', () => {
    const read = readConfiguration(files(change('administration:', 'roles:\n  - { name: etl }\n  - { name: dba }\n  - { name: security, members: [dba] }\nadministration:')));
    expect(read.problems).toEqual([]);
    expect(read.configuration!.principals.map((entry) => entry.roles)).toEqual([['etl'], ['dba', 'security'], ['security']]);
  });

  it('may have no rules at all', () => expect(readConfiguration([files()[0]!]).problems).toEqual([]));
});

describe('an author is told file, line, column and what was expected', () => {
  it.each([
    ['a key with a slip', change('audience: interlock', 'audiense: interlock'), ['interlock.yaml:3:5: audience is missing; expected a text', 'interlock.yaml:5:5: there is no key "audiense" (did you mean audience?)']],
    ['a key of nowhere', change('    tls: require\n', '    tls: require\n    colour: red\n'), ['interlock.yaml:17:5: there is no key "colour"; expected one of name, protocol, host, port, database, tls, ca, labels']],
    ['a key of nowhere at the top', `${YAML}policies: []\n`, ['interlock.yaml:22:1: there is no key "policies"; expected one of version, issuers, principals, roles, delegation, separation, risk, targets, budgets, chat, masking, administration']],
    ['a wrong type', change('database: shop', 'database: [shop]'), ['interlock.yaml:15:15: database is a list; expected a text']],
    ['a text for a number', change('    tls: require', '    port: "5432"\n    tls: require'), ['interlock.yaml:16:11: port is "5432"; expected a number']],
    ['a number out of range', change('    tls: require', '    port: 99999\n    tls: require'), ['interlock.yaml:16:11: port is 99999; expected at most 65535']],
    ['a word that is none of those', change('tls: require', 'tls: maybe'), ['interlock.yaml:16:10: tls is "maybe"; expected one of disable, require, verify-full']],
    ['another version', change('version: 1', 'version: 2'), ['interlock.yaml:1:10: version is 2; expected 1']],
    ['a name that is none', change('- name: shop', '- name: "The Shop"'), ['interlock.yaml:12:11: name is "The Shop"; expected a name of lower-case letters, digits, dot, dash, underscore']],
    ['an address that is none', change('http://127.0.0.1:8801', 'localhost'), ['interlock.yaml:4:10: url is "localhost"; expected an address such as https://issuer.example']],
    ['an empty list', change('algorithms: [EdDSA]', 'algorithms: []'), ['interlock.yaml:6:17: algorithms is an empty list; expected at least one entry']],
    ['an algorithm that is no signature', change('algorithms: [EdDSA]', 'algorithms: [none]'), ['interlock.yaml:6:18: entry 1 of algorithms is "none"; expected one of EdDSA, Ed25519, ES256, ES384, RS256, PS256']],
    ['a section left out', YAML.slice(0, YAML.indexOf('administration')), ['interlock.yaml:1:1: administration is missing; expected a section']],
    ['a broken line', change('  - { name: dba,', '  - { name: dba: x,'), [expect.stringMatching(/^interlock\.yaml:9:\d+: /)]],
    ['a key given twice', change('version: 1', 'version: 1\nversion: 1'), ['interlock.yaml:2:1: the key "version" is there twice: it stands at line 1 already; expected every key once in its section']],
    ['a key given twice further in', change('    tls: require', '    tls: require\n    host: b'), [expect.stringMatching(/^interlock\.yaml:17:5: the key "host" is there twice: it stands at line 14 already/)]],
    ['a line indented otherwise than its neighbours, once', change('    database: shop', '   database: shop'), [expect.stringMatching(/^interlock\.yaml:15:1: the line does not fit between its neighbours; expected keys of one section at the same indentation/)]],
    ['a tab', change('    database: shop', '\tdatabase: shop'), ['interlock.yaml:15:1: a tab indents the line; expected spaces']],
    ['a text that does not end', change('database: shop', 'database: "shop'), [expect.stringMatching(/^interlock\.yaml:22:1: Missing closing "quote$/)]],
    ['a tab', change('    audience', '\taudience'), [expect.stringMatching(/^interlock\.yaml:5:1: /)]],
    ['an unknown issuer', change('{ name: dba, kind: human, issuer: demo', '{ name: dba, kind: human, issuer: dmeo'), ['interlock.yaml:9:39: there is no issuer dmeo; expected demo']],
    ['an unknown owner', change('owners: [dba]', 'owners: [dab]'), ['interlock.yaml:8:94: there is no principal dab; expected the name of a person or of another agent of this file']],
    ['an agent behind itself', change('owners: [dba]', 'owners: [agent-etl]'), ['interlock.yaml:8:94: agent-etl is behind itself through agent-etl; expected a line that ends at people']],
    ['a step with a verb that is none', change('administration:', 'separation:\n  tasks:\n    - { name: purge, steps: [{ verb: divine, role: etl }] }\nadministration:'), [expect.stringContaining('interlock.yaml:19:38: verb is "divine"; expected one of select')]],
    ['a window of no length', change('administration:', 'separation:\n  dynamic:\n    - name: apart\n      kind: window\n      between: [{ verb: insert }, { verb: update }]\nadministration:'), ['interlock.yaml:20:13: it is not said how long the window is; expected windowSeconds, e.g. 86400']],
    ['a window that is too short', change('administration:', 'separation:\n  dynamic:\n    - name: apart\n      kind: window\n      windowSeconds: 5\n      between: [{ verb: insert }, { verb: update }]\nadministration:'), ['interlock.yaml:21:22: windowSeconds is 5; expected at least 60']],
    ['a budget of subjects without columns', change('administration:', 'budgets:\n  - { name: b, of: { principal: dba }, what: subjects, target: shop, most: 2001, windowSeconds: 60 }\nadministration:'), [
      'interlock.yaml:18:46: no column says whose a row is; expected subjects, a list of schema.table.column', 'interlock.yaml:18:76: 2001 different subjects are too many to keep; expected at most 2000',
    ]],
    ['a budget of nobody', change('administration:', 'budgets:\n  - { name: b, of: { principal: dbb }, what: commands, most: 1, windowSeconds: 60 }\nadministration:'), ['interlock.yaml:18:33: there is no principal dbb; expected the name of a principal of this file']],
    ['a person of a chat who is nobody', change('administration:', 'chat:\n  page: https://i.test\n  slack:\n    { team: T1AB, app: A1AB, channel: C1AB, users: [{ id: U1AB, principal: dbb }] }\nadministration:'), ['interlock.yaml:20:76: there is no principal dbb; expected one of dba, security']],
    ['a channel by its name', change('administration:', 'chat:\n  page: https://i.test\n  slack:\n    { team: T1AB, app: A1AB, channel: approvals }\nadministration:'), ['interlock.yaml:20:39: channel is "approvals"; expected a channel id like C012AB3CD']],
    ['a token in the configuration', change('administration:', 'chat:\n  page: https://i.test\n  slack:\n    { team: T1AB, app: A1AB, channel: C1AB, token: xoxb-1 }\nadministration:'), ['interlock.yaml:20:45: there is no key "token"; expected one of team, app, channel, api, users']],
    ['a webhook in clear', change('administration:', 'chat:\n  page: https://i.test\n  webhooks:\n    - { name: pager, url: http://pager.test/in }\nadministration:'), ['interlock.yaml:20:27: http://pager.test does not speak https; expected https, or http on loopback']],
    ['a role that nobody has', change('audit: [security]', 'audit: [auditor]'), ['interlock.yaml:20:11: no person has role auditor; expected one of dba, security']],
  ])('%s', (_, yaml, expected) => {
    const found = problems(yaml);
    expect(found.filter((line) => !/nobody has role|there is no target/.test(line))).toEqual(expected);
  });

  it.each([
    ['a separation of roles that nobody has', change('administration:', 'separation:\n  exclusiveRoles:\n    - { name: x, roles: [etl, ghost] }\nadministration:'), ['interlock.yaml:19:31: nobody has role ghost; expected one of etl, dba, security']],
    ['a step of nowhere', change('administration:', 'separation:\n  tasks:\n    - name: purge\n      steps:\n        - { verb: delete, resource: Table::"shp/public/orders" }\nadministration:'), ['interlock.yaml:21:37: there is no target shp; expected shop']],
  ])('%s', (_, yaml, expected) => expect(problems(yaml)).toEqual(expected));

  it.each([
    ['a role in a rule', CEDAR.replace('"etl"', '"elt"'), ['policies/shop.cedar:2:22: nobody has role elt; expected one of etl, dba, security']],
    ['a target in a rule', CEDAR.replace('Target::"shop"', 'Table::"shp/public/orders"'), ['policies/shop.cedar:2:73: there is no target shp; expected shop']],
    ['an action with a slip', CEDAR.replace('Action::"read"', 'Action::"raed"'), ['policies/shop.cedar:2:45: there is no action "raed" (did you mean read?)']],
    ['an action of nowhere', CEDAR.replace('Action::"read"', 'Action::"teleport"'), [expect.stringMatching(/there is no action "teleport"; expected a verb of PostgreSQL's, or one of create, read/)]],
    ['approvers in a rule', `${CEDAR}@id("x") @reason("y")\n@approvers("dba:2") forbid (principal, action, resource);`, ['policies/shop.cedar:4:1: only 1 of 2 people have role dba; expected approvers that exist']],
  ])('%s', (_, cedar, expected) => expect(problems(YAML, cedar)).toEqual(expected));

  it('with every problem of every file at once', () => {
    const found = problems(change('tls: require', 'tls: maybe').replace('audience', 'audiense'), CEDAR.replace('permit', 'prmit'));
    expect(found).toHaveLength(4);
  });

  it.each([
    ['no interlock.yaml', [files()[1]!], 'interlock.yaml:1:1: the file is missing; expected interlock.yaml beside the folder policies'],
    ['a file of another kind', [...files(), { file: 'notes.txt', text: '' }], 'notes.txt:1:1: the file has no place in a configuration; expected interlock.yaml or policies/<name>.cedar'],
    ['a way out of the folder', [...files(), { file: 'policies/../../etc/x.cedar', text: '' }], 'policies/../../etc/x.cedar:1:1: the file has no place in a configuration; expected interlock.yaml or policies/<name>.cedar'],
    ['a file sent twice', [...files(), files()[0]!], 'interlock.yaml:1:1: the file is there twice; expected every file once'],
    ['too much', [...files(), { file: 'policies/big.cedar', text: ' '.repeat(CONFIGURATION_LIMITS.bytes) }], expect.stringContaining('at most 100 files of 262144 bytes together')],
  ])('%s', (_, given, expected) => expect(readConfiguration(given).problems.map(describeProblem)).toContainEqual(expected));

  it('of aliases that unfold too far', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdef'[index]}`).join(',')}]`).join('\n')}\n`;
    expect(problems(bomb)).toEqual([expect.stringContaining('few aliases')]);
  });

  it.each([
    ['complaints of the parser', '\t: [\n'.repeat(20_000)],
    ['keys given twice', 'a: 1\n'.repeat(30_000)],
    ['keys of nowhere', `${YAML}${Array.from({ length: 4_000 }, (_, index) => `k${index}: 1\n`).join('')}`],
    ['wrong entries', YAML.replace('roles: [dba]', `roles: [${Array(20_000).fill('X').join(',')}]`)],
  ])('without telling thousands of %s', (_, yaml) => expect(readConfiguration(files(yaml)).problems.length).toBeLessThanOrEqual(4 * CONFIGURATION_LIMITS.problems));

  it.each([['of another version', '%YAML 1.1\n---\n'], ['for tags', '%TAG ! tag:example.com,2000:\n---\n']])('without directives %s', (_, directive) => {
    expect(problems(`${directive}${YAML}`)).toEqual(['interlock.yaml:1:1: a directive changes how the file is read; expected YAML 1.2 without directives']);
  });

  it('without taking a key for a member of every object', () => {
    expect(problems(`${YAML}__proto__: { polluted: true }\n`)).toEqual([expect.stringContaining('there is no key "__proto__"')]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
