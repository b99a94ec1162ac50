import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { setUp } from './setting.js';

const POLICIES = `
@id("few-at-once") @reason("At most a hundred rows are updated at once.")
forbid (principal, action == Action::"update", resource == Table::"sandbox/public/slips") when { context.estimatedRows > 100 };

@id("many-deleted-ask") @reason("More than a hundred rows at once take a DBA.") @approvers("dba") @window("15m")
forbid (principal, action == Action::"delete", resource == Table::"sandbox/public/slips") when { context.estimatedRows > 100 };
`;
const SCHEMA = ['create table slips (id int primary key, note text)', "insert into slips select n, 'x' from generate_series(1, 5000) n", 'analyze slips', 'create table other (id int)'];

const setting = setUp({ policies: POLICIES }, (target) => target.bare('sandbox', async (client) => { for (const statement of SCHEMA) await client.query(statement); }, 'standing'));

const count = (from: string): Promise<number> => setting.target.bare('sandbox', async (client) => (await client.query<{ n: number }>(`select count(*)::int as n from ${from}`)).rows[0]!.n);
const estimates = () => setting.world.events('probe.ran.v1').filter(({ purpose, text }) => purpose === 'estimate' && text.startsWith('EXPLAIN')).map(({ text }) => text.replace('EXPLAIN (FORMAT JSON, VERBOSE false, COSTS true) ', ''));
const gathered = () => setting.world.events('command.decided.v1').map((decided) => decided.gathered);
const rowsOf = (estimatedRows: number) => [{ estimatedRows }];

/** What came of each: how many rows, or the rule or reason that refused it. */
const sent = (...queries: (string | pg.QueryConfig)[]) => setting.as('agent-etl', 'sandbox', async (client) => {
  const came: unknown[] = [];
  for (const query of queries) came.push(await client.query(query as string).then(({ rowCount }) => rowCount, (fault: pg.DatabaseError) => {
    const { interlock } = JSON.parse(fault.detail ?? '{}') as { interlock?: { rule?: string; reason: string } };
    return interlock?.rule ?? `${interlock?.reason}: ${fault.message}`;
  }));
  return came;
});

describe('how many rows a target expects of a command', () => {
  it('decides it where a rule reads that, is recorded as it was told, and runs nothing', async () => {
    expect(await sent("update slips set note = 'y' where id = 7", "update slips set note = 'z' where id > 7")).toEqual([1, 'few-at-once']);
    expect(gathered()).toEqual([rowsOf(1), [{ estimatedRows: expect.closeTo(4_993, -2) as number }]]);
    expect(estimates()).toEqual(["update slips set note = 'y' where id = 7", "update slips set note = 'z' where id > 7"]);
    expect(await count("slips where note = 'z'")).toBe(0);
    expect(await count("slips where note = 'y'")).toBe(1);
  });

  it('is asked for where a rule reads it, and nowhere else', async () => {
    expect(await sent('select note from slips where id = 1', 'insert into other values (1)', 'begin', 'commit')).toEqual([1, 1, null, null]);
    expect(gathered()).toEqual([undefined, undefined, undefined, undefined]);
    expect(estimates()).toEqual([]);
  });

  it('depends on the values of a bound statement, and a statement is prepared before they are known', async () => {
    const prepared = { name: 'change', text: "update slips set note = 'p' where id <= $1" };
    expect(await sent({ ...prepared, values: [3] }, { ...prepared, values: [4_000] }, { ...prepared, values: [5] })).toEqual([3, 'few-at-once', 5]);
    expect(gathered().filter((one) => one !== undefined).map((one) => one![0]!.estimatedRows! > 100)).toEqual([false, true, false]);
  });

  it('of several statements of one text is told of each', async () => {
    expect(await sent("update slips set note = 'q' where id = 1; update slips set note = 'q' where id < 9; update slips set note = 'q'")).toEqual(['few-at-once']);
    expect(await count("slips where note = 'q'")).toBe(0);
  });

  it('is asked for again, by the values that were bound, before what people agreed to is forwarded', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'sandbox', async (client) => {
      const before = (await world.grants.list()).length;
      const answer = client.query('delete from slips where id between $1 and $2', [1_001, 2_000]);
      const { request } = await world.until('a request', () => world.newestApproval(before));
      await setting.target.bare('sandbox', async (owner) => { await owner.query('delete from slips where id between 1001 and 1990'); await owner.query('analyze slips'); }, 'standing');
      expect(await world.vote(request.id, 'dba', 'approve')).toMatchObject({ ok: true });
      expect((await answer).rowCount).toBe(10);
    });
    const [asked, forwarded] = world.events('command.decided.v1').filter(({ action }) => action.verb === 'delete');
    expect([asked!.phase, forwarded!.phase]).toEqual(['request', 'forward']);
    expect(asked!.gathered![0]!.estimatedRows).toBeGreaterThan(500);
    expect(forwarded!.gathered![0]!.estimatedRows).toBeLessThan(100);
  });

  it.each<[string, readonly string[], string]>([
    ['of a table that only its own transaction knows', ['begin', 'create table mine (id int)', 'update mine set id = 1'], 'and that cannot be told: The target does not plan it: '],
    ['of what has no plan', ["prepare one as update slips set note = 'r' where id = 1"], 'and that cannot be told: The target does not plan it: SQLSTATE 42601.'],
    ['of what is explained itself', ["explain analyze update slips set note = 'r' where id = 1"], 'and that cannot be told: The target does not plan it: SQLSTATE 42601.'],
    ['of a name that the target does not know', ["update slips set nota = 'r' where id = 1"], 'and that cannot be told: '],
    ['behind a statement that may move its names', ["set search_path to public; update slips set note = 'r' where id = 1"], 'nobody can say before a statement that stands before it has run'],
  ])('that cannot be told refuses the command, and says why: %s', async (_, queries, expected) => {
    const came = await sent(...queries);
    expect(came.at(-1)).toContain('estimate_unavailable: ');
    expect(came.at(-1)).toContain(expected);
    expect(await count("slips where note = 'r'")).toBe(0);
  });
});
