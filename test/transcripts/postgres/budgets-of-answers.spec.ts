import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryAggregate } from '@interlock/adapter-memory-log';
import { Budget, type BudgetState, type Configuration } from '@interlock/contracts';
import { refused, type AggregateStore } from '@interlock/kernel';
import type { BackendMessage } from '@interlock/protocol-postgres';
import { beforeEach, describe, expect, it } from 'vitest';
import { setUp } from './setting.js';
import type { WireClient } from './wire-client.js';

const POLICIES = '@id("agents-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");';

/** A store that can be slow, so that a whole answer has come before the next lease, and that can be taken away. */
class Budgets implements AggregateStore<BudgetState> {
  readonly #inner = new MemoryAggregate<BudgetState>();
  delayMs = 0;
  putsLeft = Number.POSITIVE_INFINITY;
  list = () => this.#inner.list();
  get = (key: string) => this.#inner.get(key);
  follow: AggregateStore<BudgetState>['follow'] = (onChange, signal) => this.#inner.follow(onChange, signal);

  async put(key: string, value: BudgetState, revision: number) {
    if (this.delayMs > 0) await sleep(this.delayMs);
    this.putsLeft -= 1;
    return this.putsLeft < 0 ? refused('unavailable', 'away') : this.#inner.put(key, value, revision);
  }
}

const budgets = new Budgets();
const configure = ({ principals }: Configuration): void => void principals.push({ name: 'agent-other', kind: 'agent', issuer: 'demo', subject: 'agent-other', roles: [], owners: ['owner-support'] });
const setting = setUp({ configure, policies: POLICIES, budgets }, (target) => target.bare('sandbox', (client) => client.query('create table numbers as select n from generate_series(1, 1000) n; create table kept (n int); create table long as select repeat(\'x\', 300000) as t from generate_series(1, 5)'), 'standing'));
beforeEach(() => Object.assign(budgets, { delayMs: 0, putsLeft: Number.POSITIVE_INFINITY }));

function given(most: number, what: Budget['what'] = 'rowsReturned'): void {
  const budget = Budget.parse({ name: `b-${randomBytes(4).toString('hex')}`, of: { principal: 'agent-etl' }, what, most, windowSeconds: 31 * 86_400 });
  setting.world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, budgets: [budget] } }));
}

async function asWire<T>(name: string, work: (client: WireClient) => Promise<T>): Promise<T> {
  const client = await setting.wire(name, 'sandbox');
  try {
    return await work(client);
  } finally {
    client.socket.destroy();
  }
}

const isRow = ({ kind }: BackendMessage): boolean => kind === 'dataRow' || kind === 'copyData';
const rowsOf = (messages: readonly BackendMessage[]): number => messages.filter(isRow).length;
const reasonsOf = (messages: readonly BackendMessage[]): string[] => messages.flatMap((message) => (message.kind === 'errorResponse' ? [(JSON.parse(message.fields.detail ?? '{}') as { interlock?: { reason: string } }).interlock?.reason ?? 'other'] : []));
const USED_UP = 'budget_used_up';

describe('a budget of rows', () => {
  it('cuts an answer before the row that would go beyond, and the next query is not sent', async () => {
    given(25);
    const seen = await asWire('agent-etl', async (client) => [await client.query('select n from numbers limit 10'), await client.query('select n from numbers limit 100'), await client.query('select 1')]);
    expect(seen.map(rowsOf)).toEqual([10, 15, 0]);
    expect(seen.map(reasonsOf)).toEqual([[], [USED_UP], [USED_UP]]);
    await setting.world.until('its outcome', () => setting.world.events('command.outcome.v1').length === 2);
    expect(setting.world.events('command.outcome.v1').map(({ rows, summary }) => [rows, summary])).toEqual([[10, 'SELECT 10'], [15, 'SELECT 100, answer withheld']]);
    expect(setting.world.events('budget.leased.v1').reduce((sum, { amount }) => sum + amount, 0)).toBe(25);
    expect(setting.world.problems).toEqual([]);
  });

  it.each([0, 3])('holds an answer while more is leased (%d ms), and shows it whole and in order', async (delayMs) => {
    given(1_500);
    budgets.delayMs = delayMs;
    const told = await asWire('agent-etl', async (client) => [await client.query('select n from numbers order by n'), await client.query('select 1; select 2')]);
    const values = told[0]!.flatMap((message) => (message.kind === 'dataRow' ? [Number(Buffer.from(message.cells[0]!).toString())] : []));
    expect(values).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    expect([rowsOf(told[1]!), reasonsOf(told.flat())]).toEqual([2, []]);
    expect(setting.world.events('budget.leased.v1').length).toBeGreaterThan(3);
  });

  it('shows nothing more when the bus goes away in the middle', async () => {
    given(1_500);
    budgets.putsLeft = 2;
    const told = await asWire('agent-etl', (client) => client.query('select n from numbers'));
    expect(reasonsOf(told)).toEqual(['budget_unavailable']);
    expect(rowsOf(told)).toBeLessThan(500);
    expect(rowsOf(told)).toBeGreaterThan(0);
  });

  it('ends with its session while a row waits', async () => {
    given(1_500);
    budgets.delayMs = 200;
    await asWire('agent-etl', async (client) => { client.send({ kind: 'query', text: 'select n from numbers' }); await sleep(100); });
    await setting.world.until('its end', () => setting.world.events('session.closed.v1').length === 1);
    await sleep(300);
    expect(setting.world.problems).toEqual([]);
  });
});

describe('a budget of 20 rows is not exceeded', () => {
  const extended = (client: WireClient, text: string, maxRows: number, times: number): Promise<readonly BackendMessage[]> => {
    client.send({ kind: 'parse', statement: '', text, parameterTypes: [] }, { kind: 'bind', portal: 'p', statement: '', parameterFormats: [], parameters: [], resultFormats: [] });
    for (let n = 0; n < times; n += 1) client.send({ kind: 'execute', portal: 'p', maxRows });
    client.send({ kind: 'sync' });
    return client.until('readyForQuery');
  };

  it.each<[string, (client: WireClient, name: string) => Promise<readonly BackendMessage[]>]>([
    ['by one query', (client) => client.query('select n from numbers')],
    ['by several in one message', (client) => client.query(Array(8).fill('select n from numbers limit 5').join('; '))],
    ['by one after another', async (client) => (await Promise.resolve([...await client.query('select n from numbers limit 15'), ...await client.query('select n from numbers limit 15')]))],
    ['by a cursor', async (client) => { const all: BackendMessage[] = []; for (const text of ['begin', 'declare c cursor for select n from numbers', 'fetch 15 from c', 'fetch 15 from c', 'fetch 15 from c', 'rollback']) all.push(...await client.query(text)); return all; }],
    ['by extended messages', (client) => extended(client, 'select n from numbers', 0, 1)],
    ['by a portal in pieces', (client) => extended(client, 'select n from numbers', 7, 5)],
    ['by a portal in pieces, message by message', async (client) => {
      const all: BackendMessage[] = [...await client.query('begin')];
      client.send({ kind: 'parse', statement: '', text: 'select n from numbers', parameterTypes: [] }, { kind: 'bind', portal: 'p', statement: '', parameterFormats: [], parameters: [], resultFormats: [] }, { kind: 'sync' });
      all.push(...await client.until('readyForQuery'));
      for (let n = 0; n < 5; n += 1) {
        client.send({ kind: 'execute', portal: 'p', maxRows: 7 }, { kind: 'sync' });
        all.push(...await client.until('readyForQuery'));
      }
      return all;
    }],
    ['by COPY', (client) => client.query('copy numbers to stdout')],
    ['by COPY of a query, binary', (client) => client.query('copy (select n from numbers) to stdout (format binary)')],
    ['by RETURNING', (client) => client.query('insert into kept select n from numbers returning n')],
    ['by EXPLAIN and SHOW', (client) => client.query(Array(30).fill('show timezone').join('; '))],
    ['by sessions at once', async (_client, name) => (await Promise.all(Array.from({ length: 4 }, () => asWire(name, (one) => one.query('select n from numbers limit 15'))))).flat()],
  ])('%s', async (_what, attack) => {
    given(20);
    expect(rowsOf(await asWire('agent-other', (client) => attack(client, 'agent-other')))).toBeGreaterThan(20);
    const told = await asWire('agent-etl', (client) => attack(client, 'agent-etl'));
    expect(rowsOf(told)).toBeLessThanOrEqual(20);
    expect(rowsOf(told)).toBeGreaterThan(10);
    expect(reasonsOf(told)).toContain(USED_UP);
  });

  it('and nothing is changed that would be told in rows once it is used up', async () => {
    given(1);
    await setting.target.bare('sandbox', (client) => client.query('truncate kept'), 'standing');
    await asWire('agent-etl', async (client) => { await client.query('select 1'); expect(reasonsOf(await client.query('insert into kept values (1) returning n'))).toEqual([USED_UP]); });
    expect(await setting.target.bare('sandbox', async (client) => (await client.query('select 1 from kept')).rowCount, 'standing')).toBe(0);
  });
});

describe('a budget of bytes', () => {
  const bytesOf = (messages: readonly BackendMessage[]): number => messages.reduce((sum, message) => sum + (message.kind === 'dataRow' ? message.cells.reduce((all, value) => all + (value?.length ?? 0), 0) : 0), 0);

  it('lets through the rows that fit', async () => {
    given(700_000, 'bytes');
    const told = await asWire('agent-etl', (client) => client.query('select t from long'));
    expect([rowsOf(told), bytesOf(told), reasonsOf(told)]).toEqual([2, 600_000, [USED_UP]]);
    expect(rowsOf(await asWire('agent-other', (client) => client.query('select t from long')))).toBe(5);
  });

  it('counts every row with its header', async () => {
    given(13 * 40, 'bytes');
    const told = await asWire('agent-etl', (client) => client.query("select 'x' from numbers"));
    expect(rowsOf(told)).toBe(Math.floor((13 * 40) / 12));
  });
});
