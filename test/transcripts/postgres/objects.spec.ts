import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { Configuration, EventData } from '@interlock/contracts';
import { setUp } from './setting.js';
import { World } from './world.js';

/** Whoever made an object may neither change nor drop it; code that cannot be looked into counts as both. */
export const STRICT = `
@id("others-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");

@id("makers-do-not-unmake")
@reason("Whoever made an object may not change or drop it, and neither may anyone of the same owner.")
@hint("Ask an agent of another owner.")
forbid (principal, action in [Action::"alter", Action::"delete", Action::"administer"], resource in Target::"sandbox")
when { context.ownCreation };
`;

export function moreAgents(configuration: Configuration): void {
  const agent = { kind: 'agent' as const, issuer: 'demo', roles: [] };
  configuration.principals.push(
    { ...agent, name: 'agent-etl-2', subject: 'agent-etl-2', owners: ['owner-etl'] },
    { ...agent, name: 'agent-other', subject: 'agent-other', owners: ['owner-support'] },
    { ...agent, name: 'agent-nobody', subject: 'agent-nobody', owners: [] },
  );
}

const setting = setUp({ configure: moreAgents, policies: STRICT });

const sandbox = (name: string, ...texts: string[]): Promise<string> => setting.as(name, 'sandbox', async (client) => {
  try {
    for (const text of texts) await client.query(text);
    return 'done';
  } catch (fault) {
    const { detail } = fault as pg.DatabaseError;
    const { interlock } = JSON.parse(detail ?? '{}') as { interlock?: { rule?: string; reason: string } };
    return interlock?.rule ?? interlock?.reason ?? String(fault);
  }
});
const exists = (name: string): Promise<boolean> => setting.target.bare('sandbox', async (client) => (await client.query('select to_regclass($1) is not null as there', [name])).rows[0].there as boolean);
const runs = (text: string): Promise<boolean> => setting.target.bare('sandbox', async (client) => (await client.query("select 1 from pg_stat_activity where query like $1 and state = 'active'", [text])).rows.length > 0);
const REFUSED = 'makers-do-not-unmake';

describe('a table that an agent has made', () => {
  it('is not dropped by it in a new session, nor by another agent of the same owner; one of another owner may', async () => {
    const { world } = setting;
    expect(await sandbox('agent-etl', 'create table made (id serial primary key, x int)')).toBe('done');
    expect(world.events('object.claimed.v1')).toEqual([{ target: 'sandbox', name: 'relation "public"."made"', unresolved: [] }]);
    const [bound] = world.events('object.bound.v1');
    expect(bound).toMatchObject({ name: 'relation "public"."made"', id: expect.stringMatching(/^relation:\d+$/), creators: ['agent-etl'] });
    const types = world.ledger.events.map(({ type }) => type).filter((type) => /^(object|command)/.test(type));
    expect(types.slice(0, 2)).toEqual(['object.claimed.v1', 'command.decided.v1']);
    for (const name of ['agent-etl', 'agent-etl-2', 'agent-nobody']) expect([name, await sandbox(name, 'drop table made')]).toEqual([name, REFUSED]);
    expect(await exists('made')).toBe(true);
    const [refused, ofTwin] = world.events('command.decided.v1').filter(({ decision }) => decision.outcome === 'deny') as [EventData<'command.decided.v1'>, EventData<'command.decided.v1'>];
    const at = expect.stringMatching(/^\d{4}-/);
    expect(refused.gathered).toEqual([{ ownCreation: true, preexisting: false, creators: [{ name: 'agent-etl', at, shared: 'It is the requester itself.' }] }]);
    expect(ofTwin.gathered).toEqual([{ ownCreation: true, preexisting: false, creators: [{ name: 'agent-etl', at, shared: 'agent-etl-2 and agent-etl share the human owner-etl behind them.' }] }]);
    expect(refused.action.accesses[0]!.object.id).toBe(bound!.id);
    expect(await sandbox('agent-other', 'drop table made')).toBe('done');
    expect(world.events('command.decided.v1').at(-1)!.gathered).toEqual([{ ownCreation: false, preexisting: false, creators: [{ name: 'agent-etl', at }] }]);
    expect(await exists('made')).toBe(false);
    expect(world.problems).toEqual([]);
  });

  it('is refused after it was renamed and moved by another, under its new name', async () => {
    await sandbox('agent-etl', 'create table first_name (x int)', 'create schema elsewhere');
    expect(await sandbox('agent-other', 'alter table first_name rename to second_name', 'create schema theirs', 'alter table second_name set schema theirs')).toBe(REFUSED);
    expect(await sandbox('agent-other', 'create schema moved')).toBe('done');
    expect(await sandbox('agent-etl-2', 'alter table second_name rename to third_name')).toBe(REFUSED);
    expect(await sandbox('agent-etl', 'drop table second_name')).toBe(REFUSED);
    expect(await sandbox('agent-other', 'drop table second_name')).toBe('done');
  });

  it('is no other table that has its name later', async () => {
    await sandbox('agent-etl', 'create table reborn (x int)');
    expect(await sandbox('agent-other', 'drop table reborn', 'create table reborn (y int)')).toBe('done');
    expect(await sandbox('agent-other', 'drop table reborn')).toBe(REFUSED);
    expect(await sandbox('agent-etl', 'drop table reborn')).toBe('done');
  });

  it('was made by whoever was there first, whatever IF NOT EXISTS says', async () => {
    await sandbox('agent-etl', 'create table if not exists there (x int)');
    expect(await sandbox('agent-other', 'create table if not exists there (x int)')).toBe('done');
    expect(await sandbox('agent-etl', 'drop table there')).toBe(REFUSED);
    expect(await sandbox('agent-other', 'drop table there')).toBe('done');
  });

  it('in a transaction is known at once, and one that was undone is nobody\'s', async () => {
    expect(await sandbox('agent-etl', 'begin', 'create table in_work (x int)', 'drop table in_work')).toBe(REFUSED);
    expect(await sandbox('agent-etl', 'begin', 'create table undone (x int)', 'rollback', 'create table undone (x int)')).toBe('done');
    expect(await sandbox('agent-other', 'drop table undone')).toBe('done');
  });

  it('with extended messages, too', async () => {
    const extended = (name: string, text: string): Promise<string> => setting.as(name, 'sandbox', (client) => client.query({ text, values: [], name: `q${text.length}` }).then(() => 'done', (fault: pg.DatabaseError) => JSON.parse(fault.detail ?? '{}').interlock?.rule as string));
    expect(await extended('agent-etl', 'create table by_parse (x int)')).toBe('done');
    expect(await extended('agent-etl', 'drop table by_parse')).toBe(REFUSED);
    expect(await extended('agent-other', 'drop table by_parse')).toBe('done');
  });
});

describe('whatever else is made', () => {
  it.each([
    ['a table of a query', 'create table made_as as select 1 as x', 'drop table made_as'],
    ['a table by SELECT INTO', 'select 1 as x into made_into', 'drop table made_into'],
    ['a view', 'create view made_view as select 1 as x', 'drop view made_view'],
    ['a materialised view', 'create materialized view made_kept as select 1 as x', 'drop materialized view made_kept'],
    ['a sequence', 'create sequence made_numbers', 'drop sequence made_numbers'],
    ['a sequence of a column', 'create table made_serial (id serial)', 'alter sequence made_serial_id_seq restart'],
    ['an index', 'create table made_indexed (x int); create index made_index on made_indexed (x)', 'drop index made_index'],
    ['a function', "create function made_fn() returns int language sql as 'select 1'", 'drop function made_fn()'],
    ['a schema', 'create schema made_schema', 'drop schema made_schema'],
    ['an enumeration', "create type made_mood as enum ('a')", 'drop type made_mood'],
    ['a domain', 'create domain made_domain as int', 'drop domain made_domain'],
    ['a composite type', 'create type made_pair as (a int, b int)', 'drop type made_pair'],
    ['a name in quotes', 'create table "Made ""it""; --" (x int)', 'drop table public."Made ""it""; --"'],
  ])('%s is not undone by its maker, and by someone else', async (_what, create, undo) => {
    const steps = create.split('; create').map((text, index) => (index === 0 ? text : `create${text}`));
    if (steps.length > 1) expect(await sandbox('agent-other', steps[0]!)).toBe('done');
    expect(await sandbox('agent-etl', steps.at(-1)!)).toBe('done');
    expect(await sandbox('agent-etl-2', undo)).toBe(REFUSED);
    expect(await sandbox('agent-other', undo)).toBe('done');
  });

  it('an object that was there before anybody came is no one\'s to drop', async () => {
    await setting.target.bare('sandbox', (client) => client.query('create table old_one (x int); alter table old_one owner to interlock_standing'));
    setting.world.connector.ports.catalogs.of(setting.world.control.state.bundle!.configuration.targets.find(({ name }) => name === 'sandbox')!).invalidate();
    for (const name of ['agent-etl', 'agent-other']) expect(await sandbox(name, 'drop table old_one')).toBe(REFUSED);
  });
});

it('hundreds of objects in one command are all asked about', async () => {
  const tables = Array.from({ length: 400 }, (_, index) => `many_${index}`);
  await setting.target.bare('sandbox', (client) => client.query(tables.map((table) => `create table ${table} (x int)`).join('; ')), 'standing');
  setting.world.connector.ports.catalogs.of(setting.world.control.state.bundle!.configuration.targets.find(({ name }) => name === 'sandbox')!).invalidate();
  expect(await sandbox('agent-other', `drop table ${tables.join(', ')}`)).toBe(REFUSED);
  const [decided] = setting.world.events('command.decided.v1');
  expect(new Set(decided!.gathered!.map((facts) => JSON.stringify(facts)))).toEqual(new Set(['{"ownCreation":true,"preexisting":true}']));
});

describe('when something breaks', () => {
  it('a create that cannot be recorded is not sent, and its name is free', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'sandbox', async (client) => {
      await client.query('select 1');
      world.ledger.failWith('away');
      await expect(client.query('create table never_sent (x int)')).rejects.toMatchObject({ code: '57P03' });
      world.ledger.failWith(undefined);
      expect(await exists('never_sent')).toBe(false);
    });
    expect(await sandbox('agent-other', 'create table never_sent (x int)')).toBe('done');
  });

  it('between forward and bind the table is nobody\'s to drop', async () => {
    const { world } = setting;
    const put = world.objects.put.bind(world.objects);
    world.objects.put = (key, value, revision) => (value.status === 'bound' ? Promise.reject(new Error('killed')) : put(key, value, revision));
    expect(await sandbox('agent-etl', 'create table half_done (x int)')).toBe('done');
    world.objects.put = put;
    for (const name of ['agent-etl', 'agent-etl-2', 'agent-other']) expect([name, await sandbox(name, 'drop table half_done')]).toEqual([name, REFUSED]);
    expect(await sandbox('agent-other', 'drop table if exists half_done', 'create table half_done (x int)')).toBe(REFUSED);
    expect(world.problems.map((problem) => JSON.stringify(problem)).filter((problem) => problem.includes('half_done'))).toHaveLength(1);
  });

  it('a session that ends before the create is answered leaves the claim', async () => {
    const { world } = setting;
    const client = setting.client('agent-etl', 'sandbox');
    await client.connect();
    const creating = client.query('create table lost_one as select 1 as x from pg_sleep(15)').catch((fault: unknown) => fault);
    await expect.poll(() => runs('create table lost_one%'), { timeout: 10_000 }).toBe(true);
    world.lock({ scope: 'session', subject: world.ledger.events.find(({ type }) => type === 'session.opened.v1')!.session! });
    await creating;
    expect(await sandbox('agent-other', 'create table lost_one (x int)')).toBe('object_claimed');
    expect(world.events('object.released.v1')).toEqual([]);
  });

  it('a bus that is away is a refusal that may be tried again', async () => {
    const { world } = setting;
    await sandbox('agent-etl', 'create table while_away_made (x int)');
    const get = world.objects.get.bind(world.objects);
    world.objects.get = () => Promise.reject(new Error('away'));
    expect(await sandbox('agent-other', 'drop table while_away_made')).toBe('history_unavailable');
    expect(await sandbox('agent-other', 'create table while_away_too (x int)')).toBe('history_unavailable');
    expect(await sandbox('agent-other', 'select 1')).toBe('done');
    world.objects.get = get;
    expect(await sandbox('agent-other', 'drop table while_away_made')).toBe('done');
    expect(await exists('while_away_too')).toBe(false);
  });

  it('a connector that is killed leaves what another over the same bus can see', async () => {
    const { target, world } = setting;
    const second = await World.start(target, { configure: moreAgents, policies: STRICT });
    Object.assign(second.objects, { get: world.objects.get.bind(world.objects), put: world.objects.put.bind(world.objects) });
    const atSecond = async (name: string, text: string): Promise<string> => {
      const other = new pg.Client({ host: '127.0.0.1', port: second.port, user: name, password: second.token(name), database: 'sandbox', ssl: { ca: target.tls.authority, servername: 'localhost' } });
      await other.connect();
      return other.query(text).then(() => 'done', (fault: pg.DatabaseError) => fault.code!).finally(() => other.end());
    };
    const dying = [setting.client('agent-etl', 'sandbox'), setting.client('agent-etl', 'sandbox')];
    for (const client of dying) await client.connect();
    const append = world.ledger.append.bind(world.ledger);
    world.ledger.append = (drafts) => (drafts.some(({ type, data }) => type === 'object.claimed.v1' && JSON.stringify(data).includes('unsent')) ? new Promise(() => undefined) : append(drafts));
    const put = world.objects.put;
    world.objects.put = (key, value, revision) => (value.status === 'bound' ? new Promise(() => undefined) : put.call(world.objects, key, value, revision));
    dying[0]!.query('create table unsent (x int)').catch(() => undefined);
    dying[1]!.query('create table orphan (x int)').catch(() => undefined);
    for (; !(await exists('orphan')); ) await sleep(20);
    expect(await exists('unsent')).toBe(false);
    expect(await atSecond('agent-other', 'create table unsent (x int)')).toBe('42501');
    for (const name of ['agent-etl', 'agent-other']) expect([name, await atSecond(name, 'drop table orphan')]).toEqual([name, '42501']);
    expect(await exists('orphan')).toBe(true);
    Object.assign(world.objects, { put });
    Object.assign(world.ledger, { append });
    for (const client of dying) (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await second.stop();
  });
});
