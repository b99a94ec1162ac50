import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differencesBesideMasks } from './masked-diff.js';
import type { Place } from './system/installation.js';
import { gatewayLogin, psql, type PsqlOptions } from './system/psql.js';
import { bareLogin, withClient } from './system/server.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

/** A million by INTERLOCK_E2E_ROWS; fewer in every run of the tests. */
const ROWS = Number(process.env['INTERLOCK_E2E_ROWS'] ?? 100_000);
const script = (name: string): string => readFileSync(new URL(`./scripts/${name}.sql`, import.meta.url), 'utf8');

let place: Place;
let folder: string;

beforeAll(async () => {
  place = await sharedInstallation();
  folder = mkdtempSync(join(tmpdir(), 'interlock-transcript-'));
}, SHARED_START_MS);
afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));

/** The same psql, first at the bare target with the role that Interlock presents, then as the agent at the gateway. */
async function both(database: string, options: PsqlOptions): Promise<{ bare: string; gateway: string }> {
  const bare = await psql(bareLogin(place, 'standing'), database, options);
  const gateway = await psql(await gatewayLogin(place, 'agent-etl'), database, options);
  return { bare: bare.said, gateway: gateway.said };
}

describe('psql sees through Interlock what it sees at the bare target', () => {
  it('in the shop: \\d, prepared statements, cursors, savepoints, errors inside transactions', async () => {
    const { bare, gateway } = await both('shop', { script: script('shop'), args: ['--echo-all'] });
    expect(bare).toContain('current transaction is aborted');
    expect(gateway).toBe(bare);
  }, 120_000);

  it('in the sandbox: tables made and dropped, COPY both ways, notices, notifications, several statements in one text', async () => {
    const { bare, gateway } = await both('sandbox', { script: script('sandbox'), args: ['--echo-all'] });
    expect(bare).toContain('a notice: 2');
    // The server process that a notification came from is another one.
    const same = (text: string): string => text.replaceAll(/from server process with PID \d+/g, 'from server process with PID #');
    expect(same(gateway)).toBe(same(bare));
  }, 120_000);

  it('\\copy to a file and back', async () => {
    const file = join(folder, 'orders.csv');
    const out = await both('shop', { script: `\\copy (select * from orders order by id) to '${file}' csv header\n\\! sha256sum < '${file}'\n` });
    expect(out.bare).toContain('COPY 600');
    expect(out.gateway).toBe(out.bare);
    const back = await both('sandbox', { script: `create table orders_again (id int, customer_id int, status text, placed_at timestamptz);\n\\copy orders_again from '${file}' csv header\nselect count(*), sum(id), min(placed_at), max(status) from orders_again;\ndrop table orders_again;\n` });
    expect(back.bare).toContain('COPY 600');
    expect(back.gateway).toBe(back.bare);
  }, 60_000);

  it('customers, except for the masked cells', async () => {
    const sensitive = await withClient(bareLogin(place, 'superuser'), 'shop', async (client) =>
      (await client.query<{ value: string }>('select unnest(array[email, card_number, national_id]) as value from customers')).rows.map(({ value }) => value));
    const { bare, gateway } = await both('shop', { args: ['--no-align'], script: 'select * from customers order by id;\nselect id, email as x, notes from customers order by id;\nselect * from customer_contacts order by id;\nbegin;\ndeclare c cursor for select * from customers order by id;\nfetch 7 from c;\nfetch all from c;\ncommit;\nprepare p as select card_number, id from customers where id < $1 order by id;\nexecute p(20);\n' });
    expect(differencesBesideMasks(bare, gateway, sensitive)).toEqual([]);
    expect(bare).not.toBe(gateway);
    expect(bare.split('\n').length).toBeGreaterThan(1_200);
  }, 60_000);

  it(`a select of ${ROWS} rows`, async () => {
    const statement = `select n, md5(n::text), n * 1.5, case when n % 7 = 0 then null else 'row ' || n end from generate_series(1, ${ROWS}) n`;
    const { bare, gateway } = await both('sandbox', { args: ['--no-align', '--output', join(folder, 'rows'), '--command', statement, '--command', `\\! sha256sum < '${join(folder, 'rows')}'; wc -l < '${join(folder, 'rows')}'`], timeoutMs: 600_000 });
    expect(bare).toContain(String(ROWS + 2));
    expect(gateway).toBe(bare);
  }, 600_000);
});
