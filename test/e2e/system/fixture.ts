import { PROBE_ROLE, STANDING_ROLE } from '@interlock/deploy-local';
import { changeConfiguration, likeShop, setSecret } from './configuration.js';
import type { Place } from './installation.js';
import { bareLogin, withClient } from './server.js';

/** What tests need beside the demonstration: a database of their own, where nothing is precious. */
export const LAB = 'lab';

/** Made and owned by the role that Interlock presents: the target itself would let it do everything to it. */
export const LAB_SCHEMA = [
  `grant create, usage on schema public to ${STANDING_ROLE}`, `set role ${STANDING_ROLE}`,
  'create table slips (id int primary key, note text not null)', "insert into slips select n, 'slip ' || n from generate_series(1, 100) n",
  'create table written (id text primary key, writer int not null)',
  "create table orders (id int primary key, item text not null)", "insert into orders select n, 'item ' || n from generate_series(1, 50) n",
  'create table secrets (id int primary key, v text not null)', "insert into secrets values (1, 'S3CRET-canary-value')",
  'create table customers (id int primary key, name text not null, ssn text not null)',
  "insert into customers select n, 'name ' || n, '9' || lpad((n * 7919 % 100)::text, 2, '0') || '-' || (70 + n % 10) || '-' || (1000 + n * 13 % 9000) from generate_series(1, 5000) n",
];

/** In a lab the target itself would allow everything, so what does not happen there was refused by Interlock. */
const labPolicy = (lab: string): string => `
@id("${lab}-reads")
permit (principal == Agent::"agent-etl", action in Action::"read", resource in Target::"${lab}")
unless { resource == Table::"${lab}/public/secrets" };

@id("${lab}-writes")
permit (principal == Agent::"agent-etl", action, resource in Target::"${lab}")
when { [Action::"insert", Action::"import", Action::"update", Action::"delete"].contains(action) && resource != Table::"${lab}/public/secrets" };

@id("${lab}-slips-need-dba")
@reason("Slips are deleted with the agreement of a DBA.")
@hint("Wait for a DBA.")
@approvers("dba")
@window("4s")
forbid (principal, action == Action::"delete", resource == Table::"${lab}/public/slips");

@id("${lab}-orders-need-dba")
@reason("Orders are deleted with the agreement of a DBA.")
@hint("Wait for a DBA.")
@approvers("dba")
@window("10m")
forbid (principal, action == Action::"delete", resource == Table::"${lab}/public/orders");

@id("${lab}-no-unbounded-change")
@reason("An update or delete must say which rows it means.")
@hint("Add a WHERE clause that is not true for every row.")
forbid (principal, action, resource in Target::"${lab}")
when { [Action::"update", Action::"delete"].contains(action) && (!context.hasWhere || context.tautology) };
`;

/** Makes a lab and puts it behind Interlock; one of another name for tests that count what others might take from the first. */
export async function layLab(place: Place, lab: string = LAB): Promise<void> {
  await makeDatabase(place, lab, LAB_SCHEMA);
  await protect(place, lab, { policy: labPolicy(lab), masked: ['public.customers.ssn'] });
}

/** A database of the demonstration's server, made anew by its owner. */
export async function makeDatabase(place: Place, name: string, statements: readonly string[]): Promise<void> {
  const owner = bareLogin(place, 'superuser');
  await withClient(owner, 'postgres', async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
    await client.query(`revoke all on database ${name} from public`);
    await client.query(`grant connect, temporary, create on database ${name} to ${STANDING_ROLE}`);
    await client.query(`grant connect on database ${name} to ${PROBE_ROLE}`);
  });
  await withClient(owner, name, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

/** The lab's tables as they were, in a database that holds no others. */
export async function resetLab(place: Place, name: string): Promise<void> {
  await withClient(bareLogin(place, 'superuser'), name, async (client) => {
    for (const statement of ['drop schema public cascade', 'create schema public', ...LAB_SCHEMA]) await client.query(statement);
  });
}

export interface Protection {
  readonly policy: string;
  /** Masked columns, `schema.table.column`. */
  readonly masked: readonly string[];
  /** Kinds of content that are looked for; three without a word. */
  readonly content?: readonly string[];
}

/** Puts a database behind Interlock under its own name, as two people would. */
export async function protect(place: Place, name: string, { policy, masked, content = ['card', 'email', 'national-id'] }: Protection): Promise<void> {
  await changeConfiguration(place, (settings) => {
    settings.targets.push(likeShop(settings, name, name));
    settings.masking.columns.push(...masked.map((column) => ({ id: `${name}-${column.split('.').slice(1).join('-')}`, target: name, column, transform: 'redact' })));
    if (content.length > 0) settings.masking.content.push({ target: name, kinds: content });
  }, [{ file: `policies/${name}.cedar`, text: policy }]);
  for (const kind of ['standing', 'probe'] as const) {
    const { user, password } = bareLogin(place, kind);
    await setSecret(place, { target: name, kind, user, password });
  }
}
