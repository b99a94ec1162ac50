import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { MemoryAggregate } from '@interlock/adapter-memory-log';
import { Budget, type BudgetState, type Configuration } from '@interlock/contracts';
import { refused, type AggregateStore } from '@interlock/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUp } from './setting.js';
import { World } from './world.js';

const MONTH_SECONDS = 31 * 86_400;
const POLICIES = '@id("agents-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");';

function moreAgents({ principals }: Configuration): void {
  const agent = { kind: 'agent' as const, issuer: 'demo', roles: [] };
  for (const [name, owners] of [['agent-etl-2', ['owner-etl']], ['agent-other', ['owner-support']], ['agent-nobody', []]] as const) principals.push({ ...agent, name, subject: name, owners: [...owners] });
}

/** The store of all replicas, which a test can take away. */
class Budgets implements AggregateStore<BudgetState> {
  readonly #inner = new MemoryAggregate<BudgetState>();
  isAway = false;
  list = () => this.#inner.list();
  follow: AggregateStore<BudgetState>['follow'] = (onChange, signal) => this.#inner.follow(onChange, signal);
  get = (key: string) => (this.isAway ? Promise.reject(new Error('away')) : this.#inner.get(key));
  put = (key: string, value: BudgetState, revision: number) => (this.isAway ? Promise.resolve(refused('unavailable', 'away')) : this.#inner.put(key, value, revision));
}

const budgets = new Budgets();
const options = { configure: moreAgents, policies: POLICIES, budgets };
const setting = setUp(options, (target) => target.bare('sandbox', (client) => client.query('create table done (n int)'), 'standing'));
let replica: World;
beforeAll(async () => { replica = await World.start(setting.target, options); });
afterAll(() => replica?.stop());

/** Puts one budget into force at every connector, under a name of its own, and counts from nothing. */
async function given(most: number, more: Partial<Budget> = {}): Promise<void> {
  const budget = Budget.parse({ name: `b-${randomBytes(4).toString('hex')}`, of: { principal: 'agent-etl' }, what: 'mutations', most, windowSeconds: MONTH_SECONDS, ...more });
  for (const world of [setting.world, replica]) world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, budgets: [budget] } }));
  await setting.target.bare('sandbox', (client) => client.query('truncate done'), 'standing');
}

const reasonOf = (fault: unknown): string => (JSON.parse((fault as pg.DatabaseError).detail ?? '{}') as { interlock?: { reason: string } }).interlock?.reason ?? String(fault);
const once = (client: pg.Client, query: string | pg.QueryConfig): Promise<string> => client.query(query as string).then(() => 'done', reasonOf);
const sandbox = (name: string, ...texts: string[]): Promise<string[]> => setting.as(name, 'sandbox', async (client) => {
  const told: string[] = [];
  for (const text of texts) told.push(await once(client, text));
  return told;
});
const rows = (): Promise<number> => setting.target.bare('sandbox', async (client) => Number((await client.query('select count(*) as n from done')).rows[0].n), 'standing');
const INSERT = 'insert into done values (1)';
const USED_UP = 'budget_used_up';

describe('a budget of changes', () => {
  it('is drawn on before a change is sent, and what goes beyond it is refused; reading goes on', async () => {
    await given(3);
    expect(await sandbox('agent-etl', INSERT, INSERT, INSERT, INSERT, 'select * from done')).toEqual(['done', 'done', 'done', USED_UP, 'done']);
    expect(await rows()).toBe(3);
    const types = setting.world.ledger.events.map(({ type }) => type).filter((type) => /^(budget|command\.(decided|refused))/.test(type));
    expect(types).toEqual([...Array<string[]>(3).fill(['budget.leased.v1', 'command.decided.v1']).flat(), 'command.refused.v1', 'command.decided.v1']);
    expect(setting.world.events('budget.leased.v1').map(({ account, amount, leased, most }) => [account, amount, leased, most])).toEqual([1, 2, 3].map((leased) => ['principal agent-etl', 1, leased, 3]));
    expect(setting.world.events('command.refused.v1')).toMatchObject([{ text: INSERT, reason: USED_UP, detail: expect.stringMatching(/^Budget b-\w+ limits the mutations of principal agent-etl in 2678400 s\. Of 3, 3 are used or set aside\. Its window ends at \d{4}-/) }]);
  });

  it('is told in the client\'s own words, with the time from which on it may try again', async () => {
    await given(1);
    const fault = await setting.as('agent-etl', 'sandbox', (client) => client.query(INSERT).then(() => client.query(INSERT))).catch((one: pg.DatabaseError) => one) as pg.DatabaseError;
    expect(fault.hint).toMatch(/^Send the command again after \d{4}-\d\d-\d\dT/);
    expect(JSON.parse(fault.detail!)).toMatchObject({ interlock: { reason: USED_UP, retryable: true } });
  });

  it('covers nobody else', async () => {
    await given(1);
    expect(await sandbox('agent-other', INSERT, INSERT)).toEqual(['done', 'done']);
    expect(setting.world.events('budget.leased.v1')).toEqual([]);
  });

  it('refuses what it covers while the bus is away, and nothing else', async () => {
    await given(5);
    budgets.isAway = true;
    try {
      expect(await sandbox('agent-etl', INSERT, 'select 1')).toEqual(['budget_unavailable', 'done']);
      expect(await sandbox('agent-other', INSERT)).toEqual(['done']);
    } finally {
      budgets.isAway = false;
    }
    expect(await sandbox('agent-etl', INSERT)).toEqual(['done']);
  });

  it('uses up nothing for what is denied or not recorded, and all the same for what fails at the target', async () => {
    await given(2);
    await setting.as('agent-etl', 'sandbox', async (client) => {
      setting.world.ledger.failWith('away');
      expect(await once(client, INSERT)).toBe('ledger_unavailable');
      setting.world.ledger.failWith(undefined);
    });
    expect(await sandbox('agent-etl', INSERT, 'insert into done values (1/0)', INSERT)).toEqual(['done', expect.stringContaining('division by zero'), USED_UP]);
  });
});

describe('a budget of two changes is not exceeded', () => {
  const repeat = (text: string) => (client: pg.Client): Promise<unknown> => [1, 2, 3, 4].reduce<Promise<unknown>>((before) => before.then(() => once(client, text)), Promise.resolve());

  it.each<[string, (client: pg.Client, name: string) => Promise<unknown>]>([
    ['by one change after another', repeat(INSERT)],
    ['by several statements in one message', (client) => once(client, Array(4).fill(INSERT).join('; '))],
    ['by a transaction', async (client) => { for (const text of ['begin', INSERT, INSERT, INSERT, 'commit']) await once(client, text); await once(client, 'rollback'); await repeat(INSERT)(client); }],
    ['by a prepared statement', async (client) => { await once(client, `prepare again as ${INSERT}`); await repeat('execute again')(client); }],
    ['by binding again', async (client) => { for (let n = 0; n < 4; n += 1) await once(client, { name: 'again', text: 'insert into done values ($1)', values: [n] }); }],
    ['by a query that writes', repeat(`with one as (${INSERT} returning n) select * from one`)],
    ['by EXPLAIN ANALYZE', repeat(`explain analyze ${INSERT}`)],
    ['by code', repeat(`do $$ begin ${INSERT}; end $$`)],
    ['by a function', async (client) => { await once(client, `create or replace function work() returns void language sql as '${INSERT}'`); await repeat('select work()')(client); }],
    ['by sessions at once', (_client, name) => Promise.all(Array.from({ length: 6 }, () => sandbox(name, INSERT)))],
  ])('%s', async (_what, attack) => {
    await given(2);
    await setting.as('agent-other', 'sandbox', (client) => attack(client, 'agent-other'));
    expect(await rows()).toBeGreaterThan(2);
    await given(2);
    await setting.as('agent-etl', 'sandbox', (client) => attack(client, 'agent-etl'));
    expect(await rows()).toBeLessThanOrEqual(2);
    const leased = (await budgets.list()).at(-1)!.value.leases.reduce((sum, { amount }) => sum + amount, 0);
    expect(leased).toBeLessThanOrEqual(2);
  });

  it('by connectors at once', async () => {
    await given(20);
    const clientOf = (world: World): pg.Client => setting.client('agent-etl', 'sandbox', { port: world.port, password: world.token('agent-etl') });
    const clients = [setting.world, replica, setting.world, replica].map(clientOf);
    await Promise.all(clients.map((client) => client.connect()));
    const told = await Promise.all(clients.map(async (client) => {
      const answers: string[] = [];
      for (let n = 0; n < 12; n += 1) answers.push(await once(client, INSERT));
      return answers;
    }));
    await Promise.all(clients.map((client) => client.end()));
    const done = told.flat().filter((answer) => answer === 'done').length;
    expect(await rows()).toBe(done);
    expect(done).toBeLessThanOrEqual(20);
    expect(done).toBeGreaterThan(15);
    expect(new Set(told.flat())).toEqual(new Set(['done', USED_UP]));
  });

  it('within any window\'s length, where it is rolling', async () => {
    await given(2, { rolling: true, windowSeconds: 3_600 });
    const told = await setting.as('agent-etl', 'sandbox', async (client) => [await once(client, INSERT), await once(client, INSERT), await client.query(INSERT).catch((fault: pg.DatabaseError) => fault)]);
    expect(told).toEqual(['done', 'done', expect.objectContaining({ message: expect.stringMatching(/in any 3600 s\. Of 2, 2 are used or set aside\. Some of it counts no more from \d{4}-\S+ on\.$/) as string })]);
    expect(setting.world.events('budget.leased.v1').at(-1)).toMatchObject({ leased: 2, rolling: true });
  });

  it('by agents of one human, which have it together', async () => {
    await given(2, { of: { party: 'owner-etl' } });
    expect([...await sandbox('agent-etl', INSERT), ...await sandbox('agent-etl-2', INSERT, INSERT), ...await sandbox('agent-etl', INSERT)]).toEqual(['done', 'done', USED_UP, USED_UP]);
    expect(await sandbox('agent-other', INSERT)).toEqual(['done']);
    expect(await sandbox('agent-nobody', INSERT)).toEqual([USED_UP]);
  });

  it('by a sub-agent, which has its share of it and no more', async () => {
    await given(3, { divide: [{ principal: 'agent-etl-2', most: 1 }] });
    expect(await sandbox('agent-etl', INSERT, INSERT, INSERT)).toEqual(['done', 'done', USED_UP]);
    expect(await sandbox('agent-etl-2', INSERT, INSERT)).toEqual(['done', USED_UP]);
  });
});
