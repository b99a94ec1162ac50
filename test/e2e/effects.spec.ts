import { beforeAll, describe, expect, it } from 'vitest';
import { STANDING_ROLE } from '@interlock/deploy-local';
import { pendingFor, statusBecomes, vote } from './system/approvals.js';
import { interlock } from './system/cli.js';
import { makeDatabase, protect } from './system/fixture.js';
import type { Place } from './system/installation.js';
import { eventAfter, lastSequence } from './system/ledger.js';
import { gatewayLogin, startPsql, type RunningPsql } from './system/psql.js';
import { bareLogin, withClient } from './system/server.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

const TARGET = 'bounds';
const SCHEMA = [
  `grant create, usage on schema public to ${STANDING_ROLE}`, `set role ${STANDING_ROLE}`,
  "create table orders (id int primary key, status text not null default 'new', email text not null)", "insert into orders select n, 'new', 'person' || n || '@example.org' from generate_series(1, 40) n",
  'create table items (id int primary key, order_id int not null references orders on delete cascade)', 'insert into items select n, n from generate_series(1, 40) n',
];
const POLICY = `
@id("bounds-free") permit (principal == Agent::"agent-etl", action, resource in Target::"${TARGET}");

@id("bounds-at-most-12") @reason("Orders are updated with a DBA, twelve at a time.") @approvers("dba") @max_rows("12")
forbid (principal, action == Action::"update", resource == Table::"${TARGET}/public/orders");

@id("bounds-counted") @reason("Orders are deleted with a DBA, who sees which.") @approvers("dba") @preview("exact")
forbid (principal, action == Action::"delete", resource == Table::"${TARGET}/public/orders");
`;

let place: Place;
beforeAll(async () => {
  place = await sharedInstallation();
  await makeDatabase(place, TARGET, SCHEMA);
  await protect(place, TARGET, { policy: POLICY, masked: ['public.orders.email'] });
}, SHARED_START_MS);

async function count(from: string): Promise<number> {
  return withClient(bareLogin(place, 'superuser'), TARGET, async (client) => (await client.query<{ n: number }>(`select count(*)::int as n from ${from}`)).rows[0]!.n);
}

async function agent(statement: string): Promise<RunningPsql> {
  return startPsql(await gatewayLogin(place, 'agent-etl'), TARGET, { args: ['-v', 'VERBOSITY=verbose'], script: `${statement};\nselect 'and on it goes';\n` });
}

/** What psql said of a command that a DBA agreed to. */
async function agreed(statement: string): Promise<{ readonly said: string; readonly id: string }> {
  const psql = await agent(statement);
  const approval = await pendingFor(place, statement);
  expect((await vote(place, 'dba', approval, 'approve')).status).toBeLessThan(300);
  return { said: (await psql.result).said, id: approval.request.id };
}

describe('a command that people agreed to for twelve rows', () => {
  it('is committed when it changes twelve', async () => {
    const { said } = await agreed("update orders set status = 'twelve' where id between 1 and 12");
    expect(said).toMatch(/^UPDATE 12$/m);
    expect(said).toContain('and on it goes');
    expect(await count("orders where status = 'twelve'")).toBe(12);
  }, 60_000);

  it('is rolled back when it changes thirteen: psql says so, the ledger says so, and the target has none of it', async () => {
    const after = await lastSequence(place);
    const { said, id } = await agreed("update orders set status = 'thirteen' where id between 1 and 13");
    expect(said).toMatch(/^ERROR: {2}IL001: refused by rule "bounds-at-most-12": rolled back: it changed 13 rows \(13 updated in public\.orders\), and people agreed to 12 at most$/m);
    expect(said).toMatch(/^HINT: {2}Nothing of it stands\./m);
    expect(said).toContain('and on it goes');
    expect(await count("orders where status = 'thirteen'")).toBe(0);
    await statusBecomes(place, id, 'consumed');
    const outcome = await eventAfter(place, after, 'command.outcome.v1', (one) => one['errorCode'] === 'IL001');
    expect(outcome.data).toMatchObject({ status: 'failed', effect: { rows: 13, maxRows: 12, kept: false, changes: [{ object: 'public.orders', inserted: 0, updated: 13, deleted: 0 }] } });
  }, 60_000);
});

describe('a command whose rows are counted before anyone is asked', () => {
  it('is shown to the approver with its rows, a masked sample and the bound that follows, and commits as it was shown', async () => {
    const statement = 'delete from orders where id between 20 and 22';
    const psql = await agent(statement);
    const { request } = await pendingFor(place, statement);
    expect(await count('orders where id between 20 and 22')).toBe(3);
    const { said: shown } = await interlock(place, 'dba', ['approvals', 'show', request.id]);
    expect(shown).toContain('effect     changes 6 rows, counted in a transaction that was rolled back\n  public.items: 3 deleted\n  public.orders: 3 deleted\n');
    expect(shown).toMatch(/^plan {7}Delete on orders$/m);
    expect(shown).toMatch(/^ {2}id {2}status {2}email$/m);
    expect(shown).toMatch(/^ {2}20 {2}new {5}\[redacted\]$/m);
    expect(shown).toContain('bound      If it would change more than 6 rows, it is rolled back.\n');
    expect(shown).not.toContain('@example.org');
    expect((await interlock(place, 'dba', ['approvals', 'approve', request.id, '--digest', request.grantDigest])).said).toMatch(/is approved/);
    expect((await psql.result).said).toMatch(/^DELETE 3$/m);
    expect([await count('orders where id between 20 and 22'), await count('items where id between 20 and 22')]).toEqual([0, 0]);
  }, 60_000);
});
