import type pg from 'pg';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STANDING_ROLE } from '@interlock/deploy-local';
import { approvalById, pendingFor, vote, type Approval } from '../e2e/system/approvals.js';
import { nodePg } from '../e2e/system/clients.js';
import { makeDatabase, protect } from '../e2e/system/fixture.js';
import type { Place } from '../e2e/system/installation.js';
import { bareLogin, withClient } from '../e2e/system/server.js';
import { SHARED_START_MS, sharedInstallation } from '../e2e/system/shared.js';

/** What people agreed to is to be bent after they did, or behind what they were shown. The agent may do everything else there. */
const TARGET = 'bent';
const POLICY = `
@id("bent-free") permit (principal == Agent::"agent-etl", action, resource in Target::"${TARGET}");

@id("bent-at-most-12") @reason("Stock is changed with a DBA, twelve at a time.") @approvers("dba") @max_rows("12")
forbid (principal, action == Action::"update", resource == Table::"${TARGET}/public/stock");

@id("bent-these-rows") @reason("Stock is deleted with a DBA, who sees which.") @approvers("dba") @preview("exact")
forbid (principal, action == Action::"delete", resource == Table::"${TARGET}/public/stock");
`;
const TABLES = [
  'drop schema public cascade', 'create schema public', 'drop schema if exists evil cascade', `grant create, usage on schema public to ${STANDING_ROLE}`, `set role ${STANDING_ROLE}`,
  "create table stock (id int primary key, note text not null default 'old')", 'insert into stock select generate_series(1, 40)', 'create table ledger (note text)', "insert into ledger select 'entry' from generate_series(1, 100)",
];

let place: Place;
beforeAll(async () => {
  place = await sharedInstallation();
  await makeDatabase(place, TARGET, TABLES.slice(2));
  await protect(place, TARGET, { policy: POLICY, masked: [] });
}, SHARED_START_MS);
beforeEach(() => bare(async (client) => { for (const statement of TABLES) await client.query(statement); }));

function bare<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  return withClient(bareLogin(place, 'superuser'), TARGET, work);
}

async function count(from: string): Promise<number> {
  return bare(async (client) => (await client.query<{ n: number }>(`select count(*)::int as n from ${from}`)).rows[0]!.n);
}

/** The same on the bare target, by the role that Interlock presents: what the target itself would let happen. */
function unguarded(...statements: readonly string[]): Promise<void> {
  return withClient(bareLogin(place, 'standing'), TARGET, async (client) => { for (const statement of statements) await client.query(statement); });
}

interface Attack {
  /** What the agent's session does before. */
  readonly first?: readonly string[];
  readonly command: string | pg.QueryConfig;
  /** After people were shown the command, before they agree. */
  readonly meanwhile?: (approval: Approval) => Promise<unknown>;
}

/** What became of a command that a DBA agreed to: how many rows it says it changed, or its SQLSTATE. */
async function agreed({ first = [], command, meanwhile }: Attack): Promise<number | string> {
  const client = await nodePg(place, 'agent-etl', TARGET);
  try {
    for (const statement of first) await client.query(statement);
    const answer = client.query(command as string).then(({ rowCount }) => rowCount ?? 0, (fault: unknown) => (fault as { code: string }).code);
    const approval = await pendingFor(place, typeof command === 'string' ? command : command.text);
    await meanwhile?.(approval);
    expect((await vote(place, 'dba', approval, 'approve')).status).toBeLessThan(300);
    return await answer;
  } finally {
    await client.end();
  }
}

const DELETE = 'delete from stock where id between 1 and 3';
const TWELVE = "update stock set note = 'new' where id <= 12";
const THIRTEEN = "update stock set note = 'new' where id <= 13";

describe('the rows are others than people were shown', () => {
  it('two-sided: as they were shown they go', async () => {
    expect(await agreed({ command: DELETE })).toBe(3);
    expect(await count('stock')).toBe(37);
  }, 60_000);

  it.each([
    ['another row in the place of one', 'begin; delete from stock where id = 2; update stock set id = 2 where id = 30; commit'],
    ['a row whose content changed', "update stock set note = 'the only copy' where id = 2"],
    ['a row that came back', "begin; delete from stock where id = 2; insert into stock values (2, 'old'); commit"],
  ])('%s: nothing runs', async (_, change) => {
    await unguarded(change, DELETE);
    expect(await count('stock where id between 1 and 3'), 'the bare target deletes whatever is there').toBe(0);
    await bare(async (client) => { for (const statement of TABLES) await client.query(statement); });

    expect(await agreed({ command: DELETE, meanwhile: () => unguarded(change) })).toBe('IL002');
    expect(await count('stock where id between 1 and 3')).toBe(3);
  }, 60_000);
});

describe('the effect is wider than its text', () => {
  const TRIGGER = [
    "create function widen() returns trigger language plpgsql as $$ begin delete from ledger where ctid = (select ctid from ledger limit 1); return new; end $$",
    'create trigger widen after update on stock for each row execute function widen()',
  ];
  const DEFERRED = [TRIGGER[0]!, 'create constraint trigger widen after update on stock deferrable initially deferred for each row execute function widen()'];

  it('two-sided: twelve rows without one are committed', async () => expect(await agreed({ command: TWELVE })).toBe(12), 60_000);

  it.each([['a trigger', TRIGGER], ['a trigger that waits for the end of the transaction', DEFERRED]])('%s, laid after people were shown the command, deletes rows of another table', async (_, trigger) => {
    await unguarded(...trigger, TWELVE);
    expect(await count('ledger'), 'the bare target lets it').toBe(88);
    await bare(async (client) => { for (const statement of TABLES) await client.query(statement); });

    expect(await agreed({ command: TWELVE, meanwhile: () => unguarded(...trigger) })).toBe('IL001');
    expect([await count('ledger'), await count("stock where note = 'new'")]).toEqual([100, 0]);
  }, 60_000);

  it('a function that changes more rows on the side', async () => {
    const first = ["create function aside(n int) returns text language plpgsql as $$ begin delete from ledger; return 'new'; end $$"];
    expect(await agreed({ first, command: 'update stock set note = aside(id) where id = 1' })).toBe('IL001');
    expect(await count('ledger')).toBe(100);
  }, 60_000);

  it('operators of the agent, in front of the target\'s on its search path, do not count for the gateway', async () => {
    const first = [
      'create schema evil', ...['int8', 'oid', 'text'].map((type) => `create function evil.never(${type}, ${type}) returns bool language sql immutable as 'select false'`),
      ...['int8', 'oid'].flatMap((type) => ['>', '=', '<>'].map((operator) => `create operator evil.${operator} (leftarg = ${type}, rightarg = ${type}, function = evil.never)`)),
      "create function evil.none(int8, int8) returns int8 language sql immutable as 'select 0::int8'", 'create operator evil.+ (leftarg = int8, rightarg = int8, function = evil.none)',
      "create operator evil.= (leftarg = text, rightarg = text, function = evil.never)", 'set search_path = evil, pg_catalog, public',
    ];
    const update = (rows: number): string => `update public.stock set note = 'new'::pg_catalog.text where id <= ${rows}`;
    expect(await agreed({ first, command: update(12) }), 'two-sided: what was agreed to is counted, and committed').toBe(12);
    expect(await agreed({ first: first.slice(-1), command: update(13) })).toBe('IL001');
    expect(await count("stock where note = 'new'")).toBe(12);
  }, 60_000);

  it('thirteen rows, by whatever name', async () => {
    for (const command of [THIRTEEN, "with more as (update stock set note = 'new' where id = 40 returning 1) update stock set note = 'new' where id <= 12"]) expect(await agreed({ command })).toBe('IL001');
    expect(await count("stock where note = 'new'")).toBe(0);
  }, 60_000);
});

describe('what was agreed to is not what is sent', () => {
  const DELETE_ONE = 'delete from stock where id = $1';

  it('two-sided: the value that people read is the one that runs', async () => {
    expect(await agreed({ command: { text: DELETE_ONE, values: [5] } })).toBe(1);
    expect([await count('stock'), await count('stock where id = 5')]).toEqual([39, 0]);
  }, 60_000);

  it('another value of a parameter is another request: the vote for the first one does not count for it', async () => {
    const client = await nodePg(place, 'agent-etl', TARGET);
    const other = await nodePg(place, 'agent-etl', TARGET);
    const [first, second] = [client, other].map((one, index) => one.query(DELETE_ONE, [6 + index]).then(({ rowCount }) => rowCount, (fault: unknown) => (fault as { code: string }).code));
    const approval = await pendingFor(place, DELETE_ONE);
    const [value] = approval.request.action.parameters.map((parameter) => Number(parameter.value));
    expect((await vote(place, 'dba', approval, 'approve')).status).toBeLessThan(300);
    expect(await (value === 6 ? first : second)).toBe(1);
    const left = await pendingFor(place, DELETE_ONE);
    expect(left.request.action.parameters.map((parameter) => parameter.value)).toEqual([value === 6 ? '7' : '6']);
    expect((await vote(place, 'dba', left, 'approve', approval.request.grantDigest)).status).toBeGreaterThanOrEqual(400);
    expect((await approvalById(place, left.request.id)).status).toBe('pending');
    expect(await count('stock where id in (6, 7)')).toBe(1);
    await vote(place, 'dba', left, 'deny');
    expect(await (value === 6 ? second : first)).toBe('42501');
    await Promise.all([client.end(), other.end()]);
  }, 60_000);

  it('a table of the session\'s own, under the name that people read, is not what is bounded', async () => {
    const first = ['do $$ begin create temporary table stock as select * from public.stock; end $$'];
    await unguarded(...first, TWELVE);
    expect(await count("stock where note = 'new'"), 'the bare target changes the other one').toBe(0);

    expect(await agreed({ first, command: TWELVE })).toBe(12);
    expect(await count("stock where note = 'new'")).toBe(12);
  }, 60_000);
});
