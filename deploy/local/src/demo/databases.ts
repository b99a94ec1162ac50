import pg from 'pg';
import { SUPERUSER } from '../cluster/cluster.js';
import { shopRows } from './shop-rows.js';
import { SHOP_GRANTS, SHOP_IDENTITIES, SHOP_INSERTS, SHOP_SCHEMA } from './shop.sql.js';

/** How to reach a cluster as its superuser. */
export interface Superuser {
  readonly port: number;
  readonly password: string;
}

/** Passwords of the two roles that Interlock presents at the demonstration targets. */
export interface TargetPasswords {
  readonly standing: string;
  readonly probe: string;
}

export const STANDING_ROLE = 'interlock_standing';
export const PROBE_ROLE = 'interlock_probe';
export const VIEWS_DATABASE = 'interlock_views';
export const VIEWS_ROLE = 'interlock_audit';
const SHOP_OWNER = 'shop_owner';

/** Database and role for the views. Repeats harmlessly. Answers the URL for the audit service. */
export async function prepareViews(superuser: Superuser, password: string): Promise<string> {
  await asSuperuser(superuser, 'postgres', async (client) => {
    await ensureRole(client, VIEWS_ROLE, password);
    if (await ensureDatabase(client, VIEWS_DATABASE, VIEWS_ROLE)) await client.query(`revoke all on database ${VIEWS_DATABASE} from public`);
  });
  return `postgres://${VIEWS_ROLE}:${encodeURIComponent(password)}@127.0.0.1:${superuser.port}/${VIEWS_DATABASE}`;
}

/** The databases `shop` and `sandbox` with the roles that Interlock presents. Repeats harmlessly and keeps what is there. */
export async function prepareTargets(superuser: Superuser, passwords: TargetPasswords): Promise<void> {
  await asSuperuser(superuser, 'postgres', async (client) => {
    await ensureRole(client, STANDING_ROLE, passwords.standing);
    await ensureRole(client, PROBE_ROLE, passwords.probe);
    await client.query(`alter role ${PROBE_ROLE} set default_transaction_read_only = on; alter role ${PROBE_ROLE} set statement_timeout = '5s'`);
    await ensureRole(client, SHOP_OWNER);
    for (const database of ['shop', 'sandbox']) {
      await ensureDatabase(client, database);
      await client.query(`revoke all on database ${database} from public; grant connect on database ${database} to ${STANDING_ROLE}, ${PROBE_ROLE}`);
    }
    await client.query(`grant all on database sandbox to ${STANDING_ROLE}`);
  });
  await asSuperuser(superuser, 'sandbox', async (client) => { await client.query(`grant all on schema public to ${STANDING_ROLE}`); });
  await asSuperuser(superuser, 'shop', fillShop);
}

/** One transaction: the shop is there whole or not at all. */
async function fillShop(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('public.customers') is not null as there`);
  if (rows[0]?.there === true) return;
  const data = shopRows();
  await client.query('begin');
  await client.query(`grant create on schema public to ${SHOP_OWNER}; set local role ${SHOP_OWNER}`);
  await client.query(SHOP_SCHEMA);
  for (const table of ['customers', 'products', 'orders', 'items', 'payments'] as const) await client.query(SHOP_INSERTS[table], [JSON.stringify(data[table])]);
  for (const table of SHOP_IDENTITIES) await client.query(`select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`);
  await client.query(SHOP_GRANTS);
  await client.query('commit');
  await client.query('analyze');
}

async function ensureRole(client: pg.Client, name: string, password?: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  if (rowCount === 0) await client.query(`create role ${name} nologin`);
  if (password !== undefined) await client.query(`alter role ${name} login password ${client.escapeLiteral(password)}`);
}

/** True when it was created just now. */
async function ensureDatabase(client: pg.Client, name: string, owner = SUPERUSER): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount === 0) await client.query(`create database ${name} owner ${owner}`);
  return rowCount === 0;
}

/** Runs work on one connection as superuser. TLS is not needed: the connection never leaves loopback. */
async function asSuperuser(superuser: Superuser, database: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port: superuser.port, user: SUPERUSER, password: superuser.password, database, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
