import { beforeAll, describe, expect, it } from 'vitest';
import { nodePg } from './system/clients.js';
import type { Place } from './system/installation.js';
import { gatewayLogin, psql } from './system/psql.js';
import { bareLogin, withClient } from './system/server.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

let place: Place;
beforeAll(async () => { place = await sharedInstallation(); }, SHARED_START_MS);

interface Refused { readonly code?: string; readonly message?: string; readonly hint?: string; readonly detail?: string }

async function refusalOf(work: Promise<unknown>): Promise<Refused> {
  return work.then(() => { throw new Error('it was not refused'); }, (fault: unknown) => fault as Refused);
}

describe('a refusal names the rule, and the session lives on', () => {
  it('in psql', async () => {
    const { said, code } = await psql(await gatewayLogin(place, 'agent-etl'), 'shop', { args: ['--tuples-only', '--no-align'], script: 'drop table customers;\n\\echo :SQLSTATE\nselect count(*) from customers;\n' });
    expect(said).toContain('shop-no-ddl');
    expect(said).toContain("The shop's schema is changed by its own migrations, not by agents.");
    expect(said).toMatch(/HINT: {2}.*Put the change into a migration/);
    expect(said).toMatch(/^42501$/m);
    expect(said).toMatch(/^300$/m);
    expect(code).toBe(0);
  });

  it('in an application, simple and with parameters, over and over', async () => {
    const client = await nodePg(place, 'agent-etl', 'shop');
    for (let round = 0; round < 5; round += 1) {
      expect(await refusalOf(client.query('truncate orders'))).toMatchObject({ code: '42501', message: expect.stringContaining('shop-no-ddl') as string });
      expect(await refusalOf(client.query('update orders set status = $1', ['placed']))).toMatchObject({ code: '42501', message: expect.stringContaining('no-unbounded-change') as string });
      expect((await client.query('select count(*)::int as n from orders where id < $1', [11])).rows).toEqual([{ n: 10 }]);
    }
    await client.end();
  });

  it('inside a transaction it fails the transaction, as PostgreSQL would', async () => {
    const client = await nodePg(place, 'agent-etl', 'shop');
    await client.query('begin');
    await client.query("insert into payments (id, order_id, amount, method) values (910001, 1, 1, 'card')");
    expect(await refusalOf(client.query('drop table payments'))).toMatchObject({ code: '42501' });
    expect(await refusalOf(client.query('select 1'))).toMatchObject({ code: '25P02' });
    await client.query('rollback');
    expect((await client.query('select count(*)::int as n from payments where id = 910001')).rows).toEqual([{ n: 0 }]);
    await client.end();
  });

  it('to a savepoint the transaction can still return', async () => {
    const client = await nodePg(place, 'agent-etl', 'shop');
    await client.query('begin');
    await client.query('savepoint here');
    expect(await refusalOf(client.query('alter table orders add column x int'))).toMatchObject({ code: '42501' });
    await client.query('rollback to here');
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.query('commit');
    await client.end();
  });

  it('what no rule permits is denied by default, and nothing of it reaches the target', async () => {
    const client = await nodePg(place, 'agent-support', 'shop');
    expect(await refusalOf(client.query("insert into orders (customer_id, status) values (1, 'placed')"))).toMatchObject({ code: '42501', message: expect.stringContaining('default-deny') as string });
    await client.end();
    const rows = await withClient(bareLogin(place, 'superuser'), 'shop', async (owner) => (await owner.query('select count(*)::int as n from orders')).rows);
    expect(rows).toEqual([{ n: 600 }]);
  });

  it('of two statements in one text, one forbidden: neither runs', async () => {
    const client = await nodePg(place, 'agent-etl', 'lab');
    expect(await refusalOf(client.query("insert into slips values (5000, 'never'); drop table slips"))).toMatchObject({ code: '42501' });
    const { rows } = await client.query('select count(*)::int as n from slips where id = 5000');
    expect(rows).toEqual([{ n: 0 }]);
    await client.end();
  });
});
