import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryAggregate } from '@interlock/adapter-memory-log';
import type { Configuration, PartyActs, Separation } from '@interlock/contracts';
import { refused, type AggregateStore } from '@interlock/kernel';
import { setUp } from './setting.js';
import { World } from './world.js';

const POLICIES = `
@id("agents-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");
@id("deletion-asks") @reason("Deleting takes the word of a DBA.") @approvers("dba") @window("60s") forbid (principal, action == Action::"delete", resource);
`;

function configure(configuration: Configuration): void {
  const agent = { kind: 'agent' as const, issuer: 'demo', roles: [] };
  for (const [name, owners] of [['agent-etl-2', ['owner-etl']], ['agent-other', ['owner-support']], ['agent-nobody', []]] as const) configuration.principals.push({ ...agent, name, subject: name, owners: [...owners] });
}

/** The store of all replicas, which a test can take away. */
class Acts implements AggregateStore<PartyActs> {
  readonly #inner = new MemoryAggregate<PartyActs>();
  isAway = false;
  list = () => this.#inner.list();
  follow: AggregateStore<PartyActs>['follow'] = (onChange, signal) => this.#inner.follow(onChange, signal);
  get = (key: string) => (this.isAway ? Promise.reject(new Error('away')) : this.#inner.get(key));
  put = (key: string, value: PartyActs, revision: number) => (this.isAway ? Promise.resolve(refused('unavailable', 'away')) : this.#inner.put(key, value, revision));
}

const acts = new Acts();
const options = { configure, policies: POLICIES, acts };
/** As many as the tests take one after another; connectors read the catalog before them all. */
const TABLES = Array.from({ length: 16 }, (_, index) => `payouts_${index + 1}`);
const setting = setUp(options, (target) => target.bare('sandbox', (client) => client.query(TABLES.map((table) => `create table ${table} (id int, paid boolean default false)`).join('; ')), 'standing'));
let replica: World;
beforeAll(async () => { replica = await World.start(setting.target, options); });
afterAll(() => replica?.stop());

let tables = 0;

/** Two acts on a table of their own, kept apart for a day at every connector. */
function given(verbs: readonly [string, string] = ['insert', 'update'], table = TABLES[tables++]!): string {
  const between = verbs.map((verb) => ({ verb, resource: `Table::"sandbox/public/${table}"` })) as NonNullable<Separation['dynamic']>[number]['between'];
  const separation: Separation = { exclusiveRoles: [], tasks: [], approvers: 'at-decision', dynamic: [{ name: 'enter-or-pay', kind: 'window', windowSeconds: 86_400, between, reason: 'Whoever enters a payout does not pay it.' }] };
  for (const world of [setting.world, replica]) world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, separation } }));
  return table;
}

const enter = (table: string): string => `insert into ${table} values (1)`;
const pay = (table: string): string => `update ${table} set paid = true where id = 1`;

interface Refused {
  readonly reason: string;
  readonly message: string;
}

function refusedBy(fault: pg.DatabaseError): Refused {
  const { interlock } = JSON.parse(fault.detail ?? '{}') as { interlock?: { reason: string } };
  return { reason: interlock?.reason ?? 'none', message: fault.message };
}

/** A session of its own. */
async function send(name: string, text: string, world = setting.world): Promise<'done' | Refused> {
  const client = setting.client(name, 'sandbox', { port: world.port, password: world.token(name) });
  await client.connect();
  try {
    return await client.query(text).then(() => 'done' as const, refusedBy);
  } finally {
    await client.end();
  }
}
const lastDenied = () => setting.world.events('command.decided.v1').findLast(({ decision }) => decision.outcome === 'deny')!;

describe('two acts that are kept apart over a window', () => {
  it('are refused to a party that has done the other in another session, by another agent or at another connector', async () => {
    const table = given();
    expect(await send('agent-etl', enter(table))).toBe('done');
    expect(await send('agent-etl', enter(table))).toBe('done');
    const own = await send('agent-etl', pay(table));
    expect(own).toMatchObject({ message: expect.stringMatching(new RegExp(`refused by rule "enter-or-pay": Whoever enters a payout does not pay it. The other was done: insert on table sandbox/public/${table} by agent-etl \\(command \\S+\\), and human owner-etl stands behind both; now agent-etl asks for update on table sandbox/public/${table}. They are kept apart for 24 h, until \\S+Z\\.$`)) as string });
    expect(await send('agent-etl-2', pay(table), replica)).toMatchObject({ message: expect.stringContaining('by agent-etl (command ') as string });
    expect(await send('agent-other', pay(table), replica)).toBe('done');
    expect(await send('agent-other', enter(table))).toMatchObject({ message: expect.stringContaining('The other was done: update on table') as string });
  });

  it('are recorded with what was known when it was decided, and refused as a decision', async () => {
    const table = given();
    await send('agent-etl', enter(table));
    await send('agent-etl-2', pay(table));
    expect(lastDenied()).toMatchObject({
      principal: 'agent-etl-2', decision: { outcome: 'deny', reasons: [{ rule: 'enter-or-pay' }, { rule: 'agents-work-in-the-sandbox' }] },
      circumstances: { exercised: [{ separation: 'enter-or-pay', side: 0, by: 'agent-etl', behind: 'human owner-etl', at: expect.stringMatching(/^\d{4}-/) as string }] },
    });
    expect(setting.world.problems).toEqual([]);
  });

  it('never both run, however they are sent at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const table = given();
      const came = await Promise.all([send('agent-etl', enter(table)), send('agent-etl-2', pay(table), replica), send('agent-etl', enter(table), replica), send('agent-etl-2', pay(table))]);
      const done = [came[0] === 'done' || came[2] === 'done', came[1] === 'done' || came[3] === 'done'];
      expect(done.filter(Boolean)).toHaveLength(1);
    }
  });

  it('are refused in one message, of which nothing is sent', async () => {
    const table = given();
    expect(await send('agent-etl', `${enter(table)}; ${pay(table)}`)).toMatchObject({ message: expect.stringContaining('refused by rule "enter-or-pay"') as string });
    expect(await setting.target.bare('sandbox', async (client) => (await client.query(`select * from ${table}`)).rowCount, 'standing')).toBe(0);
  });

  it('are told apart on a table that the catalog does not have yet, too', async () => {
    given(['insert', 'update'], 'made_late');
    await setting.target.bare('sandbox', (client) => client.query('create table made_late (id int, paid boolean)'), 'standing');
    expect(await send('agent-etl', enter('made_late'))).toBe('done');
    expect(await send('agent-etl-2', pay('made_late'), replica)).toMatchObject({ message: expect.stringContaining('refused by rule "enter-or-pay"') as string });
  });

  it('are refused to whom nobody is known to stand behind', async () => {
    const table = given();
    expect(await send('agent-nobody', enter(table))).toMatchObject({ message: expect.stringContaining('Nobody is known to stand behind agent-nobody') as string });
    expect(await send('agent-nobody', `select * from ${table}`)).toBe('done');
  });

  it('are refused, retryably, while the bus does not say what was done; what is neither goes on', async () => {
    const table = given();
    acts.isAway = true;
    expect(await send('agent-etl', pay(table))).toMatchObject({ reason: 'acts_unavailable' });
    expect(await send('agent-etl', `select * from ${table}`)).toBe('done');
    acts.isAway = false;
    expect(await send('agent-etl', pay(table))).toBe('done');
  });

  it('are looked at again when people have agreed: what the party did meanwhile counts', async () => {
    const table = given(['insert', 'delete']);
    const { world } = setting;
    await setting.as('agent-etl', 'sandbox', async (client) => {
      const deletion = client.query(`delete from ${table}`).then(() => 'done' as const, refusedBy);
      const approval = await world.waitingApproval();
      expect(await send('agent-etl-2', enter(table), replica)).toBe('done');
      await world.vote(approval, 'dba', 'approve');
      expect(await deletion).toMatchObject({ message: expect.stringMatching(/What was approved is no longer allowed: Whoever enters a payout does not pay it. The other was done: insert on table \S+ by agent-etl-2/) as string });
    });
  });
});
