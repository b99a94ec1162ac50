import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { MemoryAggregate } from '@interlock/adapter-memory-log';
import { Budget, type BudgetState, type Configuration } from '@interlock/contracts';
import { refused, type AggregateStore } from '@interlock/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUp } from './setting.js';
import { World } from './world.js';

const POLICIES = `
@id("agents-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");
@id("deletion-asks") @reason("Deleting takes the word of a DBA.") @approvers("dba") @window("60s") forbid (principal, action == Action::"delete", resource == Table::"sandbox/public/asked");
`;

/** The store of all replicas, which a test can take away. */
class Budgets implements AggregateStore<BudgetState> {
  readonly #inner = new MemoryAggregate<BudgetState>();
  isAway = false;
  list = () => this.#inner.list();
  follow: AggregateStore<BudgetState>['follow'] = (onChange, signal) => this.#inner.follow(onChange, signal);
  get = (key: string) => (this.isAway ? Promise.reject(new Error('away')) : this.#inner.get(key));
  put = (key: string, value: BudgetState, revision: number) => (this.isAway ? Promise.resolve(refused('unavailable', 'away')) : this.#inner.put(key, value, revision));
}

const TABLES = `
  create table done (n int); create table asked as select n from generate_series(1, 20) n; create table numbers as select n from generate_series(1, 100) n;
  create table parents (id int primary key); create table children (parent int references parents deferrable initially deferred);
  create table noted (n int); create function note() returns trigger language plpgsql as $$ begin insert into noted values (1); return new; end $$;`;

const budgets = new Budgets();
const configure = ({ principals }: Configuration): void => void principals.push({ name: 'agent-other', kind: 'agent', issuer: 'demo', subject: 'agent-other', roles: [], owners: ['owner-support'] });
const options = { configure, policies: POLICIES, budgets };
const setting = setUp(options, (target) => target.bare('sandbox', (client) => client.query(TABLES), 'standing'));
let replica: World;
beforeAll(async () => { replica = await World.start(setting.target, options); });
afterAll(() => replica?.stop());

async function given(most: number): Promise<void> {
  const budget = Budget.parse({ name: `b-${randomBytes(4).toString('hex')}`, of: { principal: 'agent-etl' }, what: 'rowsWritten', most, windowSeconds: 31 * 86_400 });
  for (const world of [setting.world, replica]) world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, budgets: [budget] } }));
  await bare('truncate done');
}

const bare = <T>(text: string): Promise<T[]> => setting.target.bare('sandbox', async (client) => (await client.query(text)).rows as T[], 'standing');
const rows = async (table = 'done'): Promise<number> => Number((await bare<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n);
const reasonOf = (fault: unknown): string => (JSON.parse((fault as pg.DatabaseError).detail ?? '{}') as { interlock?: { reason: string } }).interlock?.reason ?? (fault as Error).message;
const once = (client: pg.Client, query: string | pg.QueryConfig): Promise<string> => client.query(query as string).then(({ command, rowCount }) => `${command} ${rowCount ?? ''}`.trim(), reasonOf);
const sandbox = (...texts: (string | pg.QueryConfig)[]): Promise<string[]> => setting.as('agent-etl', 'sandbox', async (client) => {
  const told: string[] = [];
  for (const text of texts) told.push(await once(client, text));
  return told;
});
const INSERT_FIVE = 'insert into done select n from numbers limit 5';
const USED_UP = 'budget_used_up';
const summaries = (): (string | undefined)[] => setting.world.events('command.outcome.v1').map(({ summary }) => summary);

describe('a budget of rows written', () => {
  it('is paid for each command with what its target says, and a command that goes beyond is taken back', async () => {
    await given(12);
    expect(await sandbox(INSERT_FIVE, 'update done set n = 0', INSERT_FIVE, 'insert into done values (1), (2)', 'select * from done')).toEqual(['INSERT 5', 'UPDATE 5', USED_UP, 'INSERT 2', 'SELECT 7']);
    expect(await rows()).toBe(7);
    await setting.world.until('their outcomes', () => summaries().length === 5);
    expect(setting.world.events('command.outcome.v1').map(({ status, summary }) => `${status} ${summary}`)).toEqual([
      'completed INSERT 0 5', 'completed UPDATE 5', 'failed INSERT 0 5, taken back: budget_used_up', 'completed INSERT 0 2', 'completed SELECT 7',
    ]);
    expect(setting.world.events('probe.ran.v1').filter(({ purpose }) => purpose.startsWith('rows that are written')).map(({ text }) => text)).toEqual(['BEGIN', 'COMMIT', 'BEGIN', 'COMMIT', 'BEGIN', 'ROLLBACK', 'BEGIN', 'COMMIT']);
  });

  it('that is used up has nothing of a change sent', async () => {
    await given(5);
    expect(await sandbox(INSERT_FIVE, 'insert into done values (1)')).toEqual(['INSERT 5', USED_UP]);
    expect(setting.world.events('command.refused.v1')).toMatchObject([{ reason: USED_UP, detail: expect.stringContaining('limits the rowsWritten of principal agent-etl') as string }]);
  });

  const THRICE = [INSERT_FIVE, INSERT_FIVE, INSERT_FIVE];
  it.each<[string, string, (string | pg.QueryConfig)[]]>([
    ['in one statement after another', USED_UP, THRICE],
    ['in several statements at once', USED_UP, [THRICE.join('; ')]],
    ['with values, and with rows that come back', USED_UP, THRICE.map(() => ({ text: 'insert into done select n from numbers limit $1 returning n', values: [5] }))],
    ['in a transaction', USED_UP, ['begin', ...THRICE, 'commit']],
    ['in a transaction that goes back to where it was', USED_UP, ['begin', INSERT_FIVE, 'savepoint s', INSERT_FIVE, 'rollback to s', INSERT_FIVE, 'rollback to s', 'commit']],
    ['in a transaction that is committed in the same message', 'rows_need_their_own_message', [`begin; ${THRICE.join('; ')}; commit`]],
    ['in what was prepared', USED_UP, [`prepare p as ${INSERT_FIVE}`, 'execute p', 'execute p', 'execute p']],
    ['in a WITH', 'rows_not_counted', [`with w as (${INSERT_FIVE} returning n) select * from w`]],
    ['in a WITH of a statement that is counted', 'rows_not_counted', [`with w as (${INSERT_FIVE}) insert into done values (1)`]],
    ['in EXPLAIN ANALYZE', 'rows_not_counted', [`explain analyze ${INSERT_FIVE}`]],
    ['in code', 'rows_not_counted', [`do $$ begin ${INSERT_FIVE}; end $$`]],
    ['in a function', 'rows_not_counted', [`create or replace function work() returns void language sql as '${INSERT_FIVE}'`, 'select work()']],
    ['by emptying a table', 'rows_not_counted', ['truncate done']],
    ['in a message with what reads', 'rows_need_their_own_message', [`${INSERT_FIVE}; select 1`]],
  ])('is not exceeded %s: %s', async (_what, reason, texts) => {
    await given(12);
    expect((await sandbox(...texts)).filter((answer) => /^(budget|rows)_/.test(answer))).toEqual([reason]);
    expect(await rows()).toBeLessThanOrEqual(12);
  });

  it('is not exceeded by connectors at once', async () => {
    await given(40);
    const clients = [setting.world, replica, setting.world, replica].map((world) => setting.client('agent-etl', 'sandbox', { port: world.port, password: world.token('agent-etl') }));
    await Promise.all(clients.map((client) => client.connect()));
    const told = await Promise.all(clients.map(async (client) => {
      const answers: string[] = [];
      for (let n = 0; n < 4; n += 1) answers.push(await once(client, INSERT_FIVE));
      return answers;
    }));
    await Promise.all(clients.map((client) => client.end()));
    const inserted = told.flat().filter((answer) => answer === 'INSERT 5').length * 5;
    expect([new Set(told.flat()), await rows()]).toEqual([new Set(['INSERT 5', USED_UP]), inserted]);
    expect(inserted).toBeLessThanOrEqual(40);
    expect(inserted).toBeGreaterThan(20);
  });

  it('fails the client\'s own transaction, which goes on as PostgreSQL\'s does', async () => {
    await given(7);
    expect(await sandbox('begin', INSERT_FIVE, INSERT_FIVE, 'select 1', 'commit', 'insert into done values (1)'))
      .toEqual(['BEGIN', 'INSERT 5', USED_UP, 'current transaction is aborted, commands ignored until end of transaction block', 'ROLLBACK', 'INSERT 1']);
    expect(await rows()).toBe(1);
  });

  it('counts copied rows and those of a table that is made of a query', async () => {
    await given(10);
    const client = await setting.wire('agent-etl', 'sandbox');
    client.send({ kind: 'query', text: 'copy done from stdin' });
    await client.next('copyInResponse');
    client.send({ kind: 'copyData', data: Buffer.from('1\n2\n3\n') }, { kind: 'copyDone' });
    expect((await client.until('readyForQuery')).map(({ kind }) => kind)).toEqual(['commandComplete', 'readyForQuery']);
    client.socket.destroy();
    expect(await sandbox('create table made as select n from numbers limit 8', 'create table made as select n from numbers limit 7')).toEqual([USED_UP, 'SELECT 7']);
    expect([await rows(), await rows('made')]).toEqual([3, 7]);
  });

  it('takes back what is fetched by and by, for its tag comes too late', async () => {
    await given(10);
    const client = await setting.wire('agent-etl', 'sandbox');
    client.send(
      { kind: 'parse', statement: '', text: `${INSERT_FIVE} returning n`, parameterTypes: [] }, { kind: 'bind', portal: '', statement: '', parameterFormats: [], parameters: [], resultFormats: [] },
      { kind: 'execute', portal: '', maxRows: 2 }, { kind: 'sync' },
    );
    expect((await client.until('readyForQuery')).map(({ kind }) => kind)).toEqual(['parseComplete', 'bindComplete', 'dataRow', 'dataRow', 'portalSuspended', 'errorResponse', 'readyForQuery']);
    client.socket.destroy();
    expect(await rows()).toBe(0);
  });

  it('tells of a change that its target does not keep', async () => {
    await given(10);
    expect(await sandbox('insert into children values (1)', INSERT_FIVE)).toEqual(['write_not_made_to_last', 'INSERT 5']);
    expect(await rows('children')).toBe(0);
  });

  it('is paid for what people have agreed to, when it runs', async () => {
    await given(8);
    const { world } = setting;
    await setting.as('agent-etl', 'sandbox', async (client) => {
      const deletion = once(client, 'delete from asked where n <= 5');
      await world.vote(await world.waitingApproval(), 'dba', 'approve');
      expect(await deletion).toBe('DELETE 5');
      expect(await once(client, INSERT_FIVE)).toBe(USED_UP);
    });
    expect(await rows('asked')).toBe(15);
  });

  it('keeps nothing that is not known to be paid for', async () => {
    await given(100);
    await setting.as('agent-etl', 'sandbox', async (client) => {
      expect(await once(client, 'insert into done values (1)')).toBe('INSERT 1');
      budgets.isAway = true;
      expect(await once(client, 'insert into done select n from numbers limit 50')).toBe('budget_unavailable');
      budgets.isAway = false;
      expect(await once(client, INSERT_FIVE)).toBe('INSERT 5');
    });
    expect(await rows()).toBe(6);
  });

  it('fails as the target does, and says so', async () => {
    await given(10);
    expect(await sandbox('insert into done select 1 / (n - 3) from numbers', INSERT_FIVE, `${INSERT_FIVE}; insert into done values (1 / 0)`)).toEqual(['division by zero', 'INSERT 5', 'division by zero']);
    expect(await rows()).toBe(5);
  });

  it('does not know what a target changes by itself', async () => {
    await given(5);
    await bare('create trigger note after insert on done for each row execute function note()');
    expect(await sandbox(INSERT_FIVE)).toEqual(['INSERT 5']);
    await bare('drop trigger note on done');
    expect(await rows('noted')).toBe(5);
  });
});
