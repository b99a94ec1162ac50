import { describeProblem } from '@interlock/adapter-cedar';
import { describe, expect, it } from 'vitest';
import { files, YAML } from '../../spec/files.js';
import { readConfiguration } from '../read-configuration.js';
import { runCases } from './run-cases.js';

const RULES = `
@id("etl-reads") permit (principal in Role::"etl", action in Action::"read", resource in Target::"shop");
@id("etl-deletes") permit (principal in Role::"etl", action in Action::"delete", resource in Schema::"shop/public");
@id("one-column") @reason("Only the id is read.") forbid (principal, action == Action::"select", resource == Table::"shop/public/orders") unless { ["id"].containsAll(context.columnsRead) };
@id("no-danger") @reason("Dangerous.") forbid (principal, action, resource) unless { context.dangerousFunctions.isEmpty() && context.unknownFunctions.isEmpty() };
@id("bounded") @reason("Say which.") forbid (principal, action == Action::"delete", resource) unless { context.hasWhere };
@id("ask") @reason("A DBA agrees first.") @approvers("dba") forbid (principal, action == Action::"delete", resource == Table::"shop/public/orders");
`;
const ESTIMATES = `
@id("etl-updates") permit (principal in Role::"etl", action == Action::"update", resource in Schema::"shop/archive");
@id("few") @reason("Five rows at once.") forbid (principal, action == Action::"update", resource in Schema::"shop/archive") when { context.estimatedRows > 5 };
`;
const OTHERS = YAML.replace('targets:', `  - { name: agent-twin, kind: agent, issuer: demo, subject: agent-twin, owners: [dba] }
  - { name: agent-other, kind: agent, issuer: demo, subject: agent-other, owners: [security] }
targets:`);
const MAKERS = `
@id("etl-drops") permit (principal in Role::"etl", action in Action::"delete", resource in Schema::"shop/archive");
@id("makers") @reason("Not your own.") forbid (principal, action in Action::"delete", resource in Schema::"shop/archive") when { context.ownCreation } unless { context.preexisting };
`;
const CATALOG = `catalogs:
  shop:
    searchPath: [public, archive]
    tables: { public.orders: [id, total], archive.years: [year], archive.days: [day] }
    views: { public.latest: { columns: [id], query: select id from public.orders } }
    functions: { public.purge: volatile, public.half: immutable }
`;

const RISK = `risk:
  timeZone: Europe/Berlin
  acts: [{ duty: delete, points: 40 }]
  times: [{ from: "20:00", to: "06:00", points: 20 }]
  recent: [{ measure: denials, above: 2, minutes: 10, points: 15 }]
  thresholds: { ask: { score: 55, approvers: [{ role: security }] }, deny: 75 }
separation:
  dynamic: [{ name: keep-or-drop, kind: session, between: [{ verb: update }, { verb: delete, resource: Table::"shop/public/orders" }] }]
`;

function run(cases: string, catalog = CATALOG, yaml = OTHERS) {
  const read = readConfiguration(files(yaml, RULES + MAKERS + ESTIMATES));
  expect(read.problems).toEqual([]);
  return runCases({ ...read, configuration: read.configuration! }, [{ file: 'cases/a.yaml', text: `${catalog}cases:\n${cases}` }]);
}

const came = async (more: string, catalog = CATALOG, yaml = OTHERS) => {
  const { results, problems } = await run(`  - { principal: agent-etl, target: shop, expect: allow, ${more} }\n`, catalog, yaml);
  expect(problems).toEqual([]);
  return `${results[0]!.came.outcome} by ${results[0]!.came.rules!.join(', ')}`;
};

describe('a case', () => {
  it.each([
    ['names are resolved by the sketch', 'command: select id from orders', 'allow by etl-reads'],
    ['along the search path', 'command: select year from years', 'allow by etl-reads'],
    ['columns are those of the sketch', 'command: select * from orders', 'deny by one-column'],
    ['views are followed', 'command: select id from latest', 'allow by etl-reads'],
    ['PostgreSQL\'s own functions need no sketch', 'command: "select lower(now()::text), count(*) from years"', 'allow by etl-reads'],
    ['and its dangerous ones are known', 'command: "select pg_read_file(\'x\')"', 'deny by no-danger'],
    ['functions of the sketch are what it says', 'command: select purge()', 'deny by default-deny'],
    ['a refusal to understand is a denial', 'command: selec 1', 'deny by syntax_error'],
    ['the strictest of several statements counts', 'command: select 1; delete from orders where id = 1', 'ask by ask'],
    ['nothing is a denial', 'command: "-- nothing"', 'deny by invalid_text'],
    ['people may have agreed', 'command: delete from orders where id = 1, agreed: [dba]', 'allow by ask, etl-deletes'],
    ['and lift nothing firm', 'command: delete from orders, agreed: [dba]', 'deny by bounded'],
    ['an action is what it says', 'action: { accesses: [{ verb: delete, resource: Table::"shop/public/orders" }] }', 'ask by ask'],
    ['with its facts', 'action: { accesses: [{ verb: delete, resource: Table::"shop/public/orders" }], facts: { hasWhere: false } }', 'deny by bounded'],
    ['and its columns', 'action: { accesses: [{ verb: select, resource: Table::"shop/public/orders", columnsRead: [total] }] }', 'deny by one-column'],
    ['on the target itself', 'action: { accesses: [{ verb: begin, resource: Target::"shop" }] }', 'allow by etl-reads'],
  ])('%s', async (_, more, expected) => expect(await came(more)).toBe(expected));

  it.each([
    ['is that of a quiet Wednesday noon', 'command: delete from orders where id = 1', 'ask by ask'],
    ['may say when it is', 'command: delete from orders where id = 1, at: "2026-01-07T20:00:00+01:00"', 'ask by ask, risk'],
    ['and what was done lately', 'command: delete from orders where id = 1, recent: { denials: 3 }', 'ask by ask, risk'],
    ['and both', 'command: delete from orders where id = 1, recent: { denials: 3 }, at: "2026-01-08T03:00:00Z"', 'deny by ask, risk'],
    ['is lifted by people as far as they saw it', 'command: delete from orders where id = 1, recent: { denials: 3 }, agreed: [dba]', 'allow by ask, etl-deletes, risk'],
    ['may say what the session did before', 'command: update latest set id = 2, after: [delete from orders where id = 1]', 'deny by default-deny'],
  ])('%s', async (_, more, expected) => expect(await came(more, CATALOG, YAML + RISK)).toBe(expected));

  it('may follow others, which do something only where they are allowed', async () => {
    const yaml = `${YAML}separation:\n  dynamic: [{ name: read-or-purge, kind: session, between: [{ verb: select }, { duty: delete }] }]\n`;
    expect(await came('command: select id from orders, after: [delete from orders where id = 1]', CATALOG, yaml)).toBe('allow by etl-reads');
    expect(await came('command: select id from orders, after: [delete from archive.years where year = 1]', CATALOG, yaml)).toBe('allow by etl-reads');
    expect(await came('command: "delete from orders where id = 1", after: [select year from years]', CATALOG, yaml)).toBe('deny by ask, read-or-purge');
  });

  it('passes when outcome and rules are those expected, whatever the order of the rules', async () => {
    const { results } = await run(`
  - { principal: agent-etl, target: shop, command: delete from orders where id = 1, agreed: [dba], expect: allow, rules: [etl-deletes, ask] }
  - { name: named, principal: agent-etl, target: shop, command: select 1, expect: deny }
  - { principal: dba, target: shop, command: "select\\n 1", expect: deny, rules: [other] }
`);
    expect(results.map(({ line, title, passed }) => [line, title, passed])).toEqual([
      [9, 'agent-etl at shop: delete from orders where id = 1, agreed to by dba', true], [10, 'named: agent-etl at shop: select 1', false], [11, 'dba at shop: select 1', false],
    ]);
    expect(results[2]).toMatchObject({ expected: { outcome: 'deny', rules: ['other'] }, came: { outcome: 'deny', rules: ['default-deny'], reasons: ['No rule permits dba to select on target shop.'] } });
  });
});

describe('how many rows a target expects of a case', () => {
  it.each([
    ['few enough', 'command: "update archive.years set year = 1 where year = 2", estimatedRows: 5', 'allow by etl-updates'],
    ['too many', 'command: "update archive.years set year = 1 where year = 2", estimatedRows: 6', 'deny by few'],
    ['not told', 'command: "update archive.years set year = 1 where year = 2"', 'deny by few'],
  ])('%s', async (_, more, expected) => expect(await came(more)).toBe(expected));
});

describe('who made the objects of a case', () => {
  it.each([
    ['the principal itself', 'command: truncate archive.years, madeBy: { archive.years: agent-etl }', 'deny by makers'],
    ['another agent of its owner', 'command: truncate archive.years, madeBy: { archive.years: agent-twin }', 'deny by makers'],
    ['its owner', 'command: truncate archive.years, madeBy: { archive.years: dba }', 'deny by makers'],
    ['an agent of another owner', 'command: truncate archive.years, madeBy: { archive.years: agent-other }', 'allow by etl-drops'],
    ['nobody through Interlock', 'command: truncate archive.years, preexisting: [archive.years]', 'allow by etl-drops'],
    ['nobody knows', 'command: truncate archive.years', 'deny by makers'],
    ['one of two is unknown', 'command: "truncate archive.years, archive.days", madeBy: { archive.years: agent-other }', 'deny by makers'],
    ['one of two was there, the other is its own', 'command: "truncate archive.years, archive.days", preexisting: [archive.years], madeBy: { archive.days: agent-etl }', 'deny by makers'],
    ['CASCADE reaches beyond what is told', 'command: truncate archive.years cascade, madeBy: { archive.years: agent-other }', 'deny by makers'],
    ['an action that is described', 'action: { accesses: [{ verb: drop, resource: Schema::"shop/archive" }] }, madeBy: { archive: agent-other }', 'allow by etl-drops'],
  ])('%s', async (_, more, expected) => expect(await came(more)).toBe(expected));

  it('is in the title', async () => {
    const { results } = await run('  - { principal: agent-etl, target: shop, command: "truncate archive.years, archive.days", preexisting: [archive.days], madeBy: { archive.years: dba }, expect: deny }\n');
    expect(results[0]!.title).toBe('agent-etl at shop: truncate archive.years, archive.days, archive.years made by dba, archive.days there before');
  });

  it.each([
    ['a maker who is nobody', 'command: truncate archive.years, madeBy: { archive.years: ghost }', 'there is no principal ghost; expected a principal of interlock.yaml; what nobody made stands under preexisting'],
    ['both at once', 'command: truncate archive.years, madeBy: { archive.years: dba }, preexisting: [archive.years]', 'archive.years was made and was there before; expected one of the two'],
    ['an object that the command does not touch', 'command: truncate archive.years, madeBy: { years: dba }', 'the case tells who made years, which its command does not touch; expected one of archive.years'],
  ])('%s is a slip of the table', async (_, more, expected) => {
    const { results, problems } = await run(`  - { principal: agent-etl, target: shop, expect: deny, ${more} }\n`);
    expect(problems.map(describeProblem)).toEqual([expect.stringMatching(/^cases\/a\.yaml:8:\d+: /)]);
    expect(describeProblem(problems[0]!)).toContain(expected);
    expect(results).toEqual([]);
  });
});

describe('a table of cases is told its slips, and no case is run', () => {
  it.each([
    ['a key with a slip', '  - { principl: agent-etl, target: shop, command: select 1, expect: allow }', ['cases/a.yaml:8:5: principal is missing; expected a text', 'cases/a.yaml:8:7: there is no key "principl" (did you mean principal?)']],
    ['an outcome of nowhere', '  - { principal: agent-etl, target: shop, command: select 1, expect: maybe }', ['cases/a.yaml:8:70: expect is "maybe"; expected one of allow, ask, deny']],
    ['names of nobody', '  - { principal: nobody, target: shop, command: select 1, expect: allow, agreed: [ghost] }', ['cases/a.yaml:8:18: there is no principal nobody; expected a principal of interlock.yaml', 'cases/a.yaml:8:83: there is no principal ghost; expected a principal of interlock.yaml']],
    ['no target', '  - { principal: dba, target: shp, command: select 1, expect: allow }', ['cases/a.yaml:8:31: there is no target shp; expected a target of interlock.yaml']],
    ['nothing that is sent', '  - { principal: dba, target: shop, expect: allow }', ['cases/a.yaml:8:5: the case does not say one thing; expected either a command or an action']],
    ['a fact of another type', '  - { principal: dba, target: shop, expect: allow, action: { accesses: [{ verb: begin, resource: Target::"shop" }], facts: { hasWhere: often } } }', ['cases/a.yaml:8:136: fact hasWhere is a text; expected a boolean']],
    ['a place elsewhere', '  - { principal: dba, target: shop, expect: allow, action: { accesses: [{ verb: begin, resource: Target::"shopping" }] } }', ['cases/a.yaml:8:98: Target::"shopping" is not at target shop; expected a place that begins with shop']],
  ])('%s', async (_, cases, expected) => {
    const { results, problems } = await run(`${cases}\n`);
    expect(problems.map(describeProblem)).toEqual(expected);
    expect(results).toEqual([]);
  });

  it('a catalog of no target', async () => {
    const { problems } = await run('  - { principal: dba, target: shop, command: select 1, expect: deny }\n', 'catalogs:\n  shp: {}\n');
    expect(problems.map(describeProblem)).toEqual(['cases/a.yaml:2:8: there is no target shp; expected one of shop']);
  });
});
