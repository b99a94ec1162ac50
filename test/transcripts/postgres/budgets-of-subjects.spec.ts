import { randomBytes } from 'node:crypto';
import { MemoryAggregate } from '@interlock/adapter-memory-log';
import { Budget, type Configuration, type SubjectsState } from '@interlock/contracts';
import { refused, type AggregateStore } from '@interlock/kernel';
import type { BackendMessage } from '@interlock/protocol-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUp } from './setting.js';
import { WireClient } from './wire-client.js';
import { World } from './world.js';

const POLICIES = '@id("agents-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");';
const TABLES = `
  create table people (id int primary key, name text not null, code uuid not null default gen_random_uuid(), mail text);
  insert into people select n, 'name ' || n, md5(n::text)::uuid, 'm' || n || '@people.test' from generate_series(1, 100) n;
  create table visits (id int, person_id bigint, price int);
  insert into visits select n, case when n % 3 = 0 then null else 1 + n % 10 end, n from generate_series(1, 300) n;
  create table notes (body text);
`;

/** A store that can be taken away. */
class Shown implements AggregateStore<SubjectsState> {
  readonly #inner = new MemoryAggregate<SubjectsState>();
  putsLeft = Number.POSITIVE_INFINITY;
  list = () => this.#inner.list();
  get = (key: string) => this.#inner.get(key);
  follow: AggregateStore<SubjectsState>['follow'] = (onChange, signal) => this.#inner.follow(onChange, signal);

  async put(key: string, value: SubjectsState, revision: number) {
    this.putsLeft -= 1;
    return this.putsLeft < 0 ? refused('unavailable', 'away') : this.#inner.put(key, value, revision);
  }
}

const shown = new Shown();
const configure = ({ masking }: Configuration): void => void masking.columns.push({ id: 'hide-code', target: 'sandbox', column: 'public.people.code', transform: 'redact', except: [] });
const options = { configure, policies: POLICIES, subjects: shown };
const setting = setUp(options, (target) => target.bare('sandbox', (client) => client.query(TABLES), 'standing'));
/** A second connector, over the same store. */
let replica: World;
beforeAll(async () => void (replica = await World.start(setting.target, options)));
afterAll(() => replica.stop());

function given(most: number, more: object = {}): void {
  shown.putsLeft = Number.POSITIVE_INFINITY;
  const budget = Budget.parse({
    name: `b-${randomBytes(4).toString('hex')}`, of: { principal: 'agent-etl' }, target: 'sandbox', what: 'subjects', subjects: ['public.people.id', 'public.visits.person_id'], most, windowSeconds: 31 * 86_400, ...more,
  });
  for (const world of [setting.world, replica]) world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, budgets: [budget] } }));
}

async function asWire<T>(work: (client: WireClient) => Promise<T>): Promise<T> {
  const client = await setting.wire('agent-etl', 'sandbox');
  try {
    return await work(client);
  } finally {
    client.socket.destroy();
  }
}

const isRow = ({ kind }: BackendMessage): boolean => kind === 'dataRow' || kind === 'copyData';
const rowsOf = (messages: readonly BackendMessage[]): number => messages.filter(isRow).length;
/** The first cells of rows, and the first fields of copied ones. */
const firstOf = (messages: readonly BackendMessage[]): string[] => messages.flatMap((message) => {
  if (message.kind === 'copyData') return [message.data.toString().split(/[\t,]/)[0]!.replaceAll('"', '')];
  return message.kind === 'dataRow' && message.cells[0] ? [Buffer.from(message.cells[0]).toString()] : [];
});
const refusalsOf = (messages: readonly BackendMessage[]) => messages.flatMap((message) => (message.kind === 'errorResponse' ? [{ hint: message.fields.hint, ...(JSON.parse(message.fields.detail ?? '{}') as { interlock?: { reason: string } }).interlock }] : []));
const reasonsOf = (messages: readonly BackendMessage[]): string[] => refusalsOf(messages).map(({ reason }) => reason ?? 'other');
const USED_UP = 'budget_used_up';
const NOT_COUNTED = 'subjects_not_counted';

/** One statement by Parse, Bind and Execute. */
async function extended(client: WireClient, text: string, { binary = false, maxRows = 0, times = 1 } = {}): Promise<readonly BackendMessage[]> {
  client.send({ kind: 'parse', statement: '', text, parameterTypes: [] }, { kind: 'bind', portal: 'p', statement: '', parameterFormats: [], parameters: [], resultFormats: binary ? ['binary'] : [] });
  for (let n = 0; n < times; n += 1) client.send({ kind: 'execute', portal: 'p', maxRows });
  client.send({ kind: 'sync' });
  return client.until('readyForQuery');
}

async function oneByOne(client: WireClient, ...texts: string[]): Promise<readonly BackendMessage[]> {
  const all: BackendMessage[] = [];
  for (const text of texts) all.push(...await client.query(text));
  return all;
}

describe('a budget of subjects', () => {
  it('ends an answer before the row of one more person than there may be; from then on nothing is sent that has to do with people', async () => {
    given(5);
    const told = await asWire(async (client) => [await client.query('select id, name from people where id <= 3'), await client.query('select id, name from people where id < 6 order by id'), await client.query('select id from people where id in (2, 5)'), await client.query('select id, name from people order by id'), await client.query('select id from people where id = 5 and name > $$n$$'), await client.query('select body from notes')]);
    expect(told.map(firstOf)).toEqual([['1', '2', '3'], ['1', '2', '3', '4', '5'], ['2', '5'], ['1', '2', '3', '4', '5'], [], []]);
    expect(told.map(reasonsOf)).toEqual([[], [], [], [USED_UP], [USED_UP], []]);
    await setting.world.until('the outcomes', () => setting.world.events('command.outcome.v1').length === 5);
    expect(setting.world.events('command.outcome.v1').map(({ rows }) => rows)).toEqual([3, 5, 2, 5, 0]);
    expect(setting.world.events('budget.leased.v1').reduce((sum, { amount }) => sum + amount, 0)).toBe(5);
    expect(setting.world.problems).toEqual([]);
  });

  it('counts a person once, whatever column, format, type and kind of message shows that person', async () => {
    given(1);
    const seen = await asWire(async (client) => [
      await client.query('select id, name from people where id = 7'), await extended(client, 'select id, name from people where id = 7', { binary: true }), await extended(client, 'select id, name from people where id = 7'),
      await client.query('select person_id, price from visits where person_id = 7 limit 2'), await extended(client, 'select person_id, price from visits where person_id = 7 limit 2', { binary: true }),
      await client.query('copy (select id, name from people where id = 7) to stdout'), await client.query('copy (select id, name from people where id = 7) to stdout (format csv, header)'),
      await client.query('prepare one as select id from people where id = 7; execute one'),
      await oneByOne(client, 'begin', 'declare c binary cursor for select id, name from people where id = 7', 'fetch all from c', 'commit'),
      await client.query("update people set mail = 'x' where id = 7 returning id"), await client.query('select p.id, v.person_id, v.price from people p join visits v on v.person_id = p.id where p.id = 7 limit 1'),
    ]);
    expect(seen.map(reasonsOf)).toEqual(seen.map(() => []));
    expect(seen.map(rowsOf)).toEqual([1, 1, 1, 2, 2, 1, 2, 1, 1, 1, 1]);
    expect(await asWire(async (client) => reasonsOf(await client.query('select person_id from visits where person_id = 8 limit 1')))).toEqual([USED_UP]);
  });

  it('counts by what is stored where that is masked, and uuids as they are written', async () => {
    given(2, { subjects: ['public.people.code'] });
    const told = await asWire(async (client) => [await client.query('select code, name from people where id <= 2'), await extended(client, 'select code, name from people where id = 2'), await client.query('select code from people where id = 3')]);
    expect(told.map(rowsOf)).toEqual([2, 1, 0]);
    expect(told.flatMap(firstOf)).toEqual([]);
    expect(told.map(reasonsOf)).toEqual([[], [], [USED_UP]]);
  });

  it('counts whom rows that come together show together', async () => {
    given(100);
    expect(await asWire(async (client) => rowsOf(await client.query('select id, name from people')))).toBe(100);
    const leased = () => setting.world.events('budget.leased.v1').filter(({ most }) => most === 100);
    await setting.world.until('all of them', () => leased().reduce((sum, { amount }) => sum + amount, 0) === 100);
    expect(leased().length).toBeLessThan(10);
  });

  it('shows rows that are nobody\'s as they are', async () => {
    given(1);
    expect(await asWire(async (client) => rowsOf(await client.query('select person_id, id from visits where person_id is null')))).toBe(100);
  });

  it('shows nothing more when the bus goes away', async () => {
    given(50);
    shown.putsLeft = 1;
    const told = await asWire(async (client) => [await client.query('select id from people where id = 1'), await client.query('select id from people where id = 1'), await client.query('select id from people where id = 2')]);
    expect([told.map(firstOf), told.map(reasonsOf)]).toEqual([[['1'], ['1'], []], [[], [], ['budget_unavailable']]]);
  });

  it('refuses what cannot be counted before anything is sent, and says what to do', async () => {
    given(5);
    const [told, counted] = await asWire(async (client) => [await client.query("select name from people where mail like 'm1%'"), await client.query('select count(*) from people')]);
    expect(refusalsOf(told!)).toMatchObject([{ reason: NOT_COUNTED, hint: 'Select the column public.people.id too, as it is; in a change, return it (RETURNING).' }]);
    expect([rowsOf(counted!), reasonsOf(counted!)]).toEqual([1, []]);
    await setting.world.until('the refusal', () => setting.world.events('command.refused.v1').length === 1);
    expect(setting.world.events('command.decided.v1').map(({ action: { text } }) => text)).toEqual(['select count(*) from people']);
  });

  it('lets pass what shows nobody, and tells of a cursor\'s rows only by FETCH', async () => {
    given(1);
    const told = await asWire(async (client) => [
      await client.query('show timezone'), await client.query('explain select id from people'), await client.query('select body from notes; select 1'), await client.query('copy notes to stdout (format binary)'),
      await oneByOne(client, 'begin', 'declare c cursor for select id from people where mail is null', 'move all in c', 'rollback'),
    ]);
    expect(told.map(reasonsOf)).toEqual([[], [], [], [], [NOT_COUNTED]]);
  });

  it('tells errors of what it counts in common words', async () => {
    given(5);
    const told = await asWire((client) => client.query('select id from people where name::int = 1'));
    expect(rowsOf(told)).toBe(0);
    expect(JSON.stringify(told.filter(({ kind }) => kind === 'errorResponse'))).not.toContain('name 1');
  });

  it('shows nothing of a target that does not have its columns', async () => {
    given(5, { subjects: ['public.people.number'] });
    expect(await asWire(async (client) => reasonsOf(await client.query('select body from notes')))).toEqual(['subject_column_unmet']);
    given(5, { subjects: ['public.people.id', 'public.visits.price'] });
    expect(await asWire(async (client) => reasonsOf(await client.query('select body from notes')))).toEqual([]);
  });

  it('ends sessions when other columns say whose a row is', async () => {
    given(5);
    const client = await setting.wire('agent-etl', 'sandbox');
    given(5, { subjects: ['public.people.id'] });
    await setting.world.until('the end', () => setting.world.events('session.closed.v1').some(({ reason }) => reason === 'revoked'));
    client.socket.destroy();
  });
});

describe('a budget of 20 people is not exceeded', () => {
  it.each<[string, (client: WireClient) => Promise<readonly BackendMessage[]>]>([
    ['by one query', (client) => client.query('select id, name from people')],
    ['by several in one message', (client) => client.query(Array.from({ length: 10 }, (_, n) => `select id from people where id > ${n * 5} limit 5`).join('; '))],
    ['by a cursor', (client) => oneByOne(client, 'begin', 'declare c cursor for select id, name from people', 'fetch 15 from c', 'fetch 15 from c', 'rollback')],
    ['by extended messages', (client) => extended(client, 'select id, name from people')],
    ['by a portal in pieces', (client) => extended(client, 'select id, name from people', { maxRows: 7, times: 5 })],
    ['by COPY', (client) => client.query('copy people to stdout')],
    ['by COPY with another word for NULL', (client) => client.query("copy people to stdout (null '7')")],
    ['by COPY in CSV', (client) => client.query('copy (select id, name from people) to stdout (format csv, force_quote *)')],
    ['by RETURNING', (client) => client.query("update people set mail = 'y' where id < 90 returning id, name")],
    ['by types that round', (client) => oneByOne(client, 'set extra_float_digits = -14', 'copy (select id, name from people where id < 20 union all select 1::float8, name from notes, people where false) to stdout', 'select id, name from people')],
  ])('%s', async (_what, attack) => {
    given(20);
    const told = await asWire(attack);
    expect(new Set(firstOf(told)).size).toBeLessThanOrEqual(20);
    expect(reasonsOf(told)).not.toEqual([]);
    await asWire(async (client) => expect(new Set([...firstOf(told), ...firstOf(await client.query('select id from people'))]).size).toBeLessThanOrEqual(20));
  });

  it('by sessions of two connectors at once, of which one dies', async () => {
    given(20);
    const at = async (world: World, from: number, where = 'true'): Promise<readonly BackendMessage[]> => {
      const client = await WireClient.enter(world.port, 'agent-etl', 'sandbox', world.token('agent-etl'));
      try {
        return await client.query(`select id, name from people where id > ${from} and ${where} order by id limit ${where === 'true' ? 8 : 50}`);
      } finally {
        client.socket.destroy();
      }
    };
    const told = await Promise.all([at(setting.world, 0), at(replica, 4), at(setting.world, 8), at(replica, 12), at(setting.world, 40), at(replica, 60)]);
    const people = new Set(told.flatMap(firstOf));
    expect(people.size).toBe(20);
    // A third one comes after both were killed. Whom they showed counts, and can be shown.
    const third = await World.start(setting.target, options);
    try {
      third.publish(() => setting.world.control.state.bundle!);
      const told = await at(third, 0, `id in (${[...people].join(', ')})`);
      expect([new Set(firstOf(told)), reasonsOf(await at(third, 0, `id not in (${[...people].join(', ')})`))]).toEqual([people, [USED_UP]]);
    } finally {
      await third.stop();
    }
  });
});
