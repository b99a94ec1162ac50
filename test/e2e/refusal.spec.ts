import { beforeAll, describe, expect, it } from 'vitest';
import { interlock } from './system/cli.js';
import { nodePg } from './system/clients.js';
import { eventually } from './system/eventually.js';
import type { Place } from './system/installation.js';
import { apiOk } from './system/people.js';
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

describe('an explanation', () => {
  it('of a refusal is the agent\'s own to read, by the id that the refusal names', async () => {
    const client = await nodePg(place, 'agent-etl', 'shop');
    const { detail } = await refusalOf(client.query('drop table orders'));
    await client.end();
    const { event } = (JSON.parse(detail!) as { interlock: { event: string } }).interlock;
    const said = await eventually('the decision is in the views', async () => {
      const explained = await interlock(place, 'agent-etl', ['explain', event]);
      return explained.code === 0 && explained.said;
    });
    for (const part of ['text       drop table orders', 'drop (delete) table shop/public/orders', `bundle version`, `event ${event}`, 'forbid shop-no-ddl: ', 'lifted by  Put the change into a migration']) expect(said).toContain(part);
    expect((await interlock(place, 'agent-support', ['explain', event])).code).toBe(1);
  }, 60_000);

  it.each([
    'select id, email as mail from customers where id = 1', 'select email, card_number from customers limit 1', 'select id, status from orders limit 1', 'select c.email, o.id from customers c join orders o on o.customer_id = c.id limit 1',
    "select id from customers where email like 'a%'", 'select lower(email) from customers', 'select max(card_number) from customers', 'select id from customers order by email limit 1',
  ])('of what would be masked agrees with the gateway: %s', async (text) => {
    const { masking } = await apiOk<{ masking: { columns: { name: string; transform: string }[]; refused?: { detail: string } } }>(place, 'security', 'POST', '/explain', { as: 'agent-etl', target: 'shop', text });
    const client = await nodePg(place, 'agent-etl', 'shop');
    const seen = await client.query<Record<string, unknown>>(text).then(({ rows }) => rows[0]!, (fault: unknown) => fault as Refused);
    await client.end();
    if (masking.refused) return expect((seen as Refused).message).toContain(masking.refused.detail);
    const isMasked = (value: unknown): boolean => /\*{4}|\[redacted\]/.test(String(value));
    expect(Object.entries(seen).filter(([, value]) => isMasked(value)).map(([name]) => name)).toEqual(masking.columns.map(({ name }) => name));
  }, 60_000);
});
