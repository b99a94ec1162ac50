/**
 * Attempts to get past policy in the lab, where the agent may read everything but `secrets`, change rows where a condition says
 * which, delete orders with the agreement of a DBA, and nothing else. Each is shown to work on the bare target first.
 */
export interface PolicyAttack {
  /** The kind, as samples of attacks are numbered. */
  readonly id: string;
  readonly statements: readonly string[];
  /** A query of the target's owner that answers `true` once the harm is done; `leak`: the canary is in the answer; {@link RUN}. */
  readonly harm: string;
  /** Sent by the simple protocol only: several statements in one text, or statements that cannot be bound. */
  readonly simpleOnly?: boolean;
  /** Who does it at the bare target: what a least-privileged role could not do there anyway is shown as its owner. */
  readonly as?: 'standing' | 'superuser';
}

/** The harm is that it runs at all: an oracle, or a power that no agent has. */
export const RUN = 'run';

export const CANARY = 'S3CRET-canary-value';

const ORDERS_GONE = "select to_regclass('public.orders') is null";
const NO_ORDERS = 'select count(*) = 0 from orders';
const SOME_ORDERS_GONE = 'select count(*) < 50 from orders';

const leaking = (id: string, ...texts: string[]): PolicyAttack[] => texts.map((text) => ({ id, statements: [text], harm: 'leak' }));
const harming = (id: string, harm: string, ...texts: string[]): PolicyAttack[] => texts.map((text) => ({ id, statements: [text], harm }));

export const POLICY_ATTACKS: readonly PolicyAttack[] = [
  { id: 'PGQ-01', statements: ['select 1; drop table orders'], harm: ORDERS_GONE, simpleOnly: true },
  { id: 'PGQ-01', statements: ['select 1;;/* ; */drop/**/table orders;--'], harm: ORDERS_GONE, simpleOnly: true },
  { id: 'PGQ-01', statements: ['begin; truncate orders; commit'], harm: NO_ORDERS, simpleOnly: true },

  ...harming('PGQ-05', ORDERS_GONE,
    "do $x$ begin execute 'DR'||'OP TABLE orders'; end $x$",
    "do language plpgsql $$ declare s text := reverse('sredro elbat pord'); begin execute s; end $$",
    'create or replace function pg_temp.gone() returns void language plpgsql as $f$ begin drop table orders; end $f$; select pg_temp.gone()',
    'drop table if exists public."orders" cascade', 'DROP TABLE IF EXISTS slips, orders', 'alter table orders rename to orders_2', 'alter table orders set schema pg_temp',
  ).map((attack) => ({ ...attack, simpleOnly: attack.statements[0]!.includes('; select') })).filter((attack) => !attack.statements[0]!.includes('set schema')),

  ...leaking('PGQ-09',
    'select v from secrets', 'select * from "secrets"', 'SELECT v FROM SECRETS', 'select v from lab_name.public.secrets', 'select v from only secrets', 'select v from secrets *', 'table secrets',
    'select (select v from secrets)', 'with s as (select v from secrets) select * from s', 'select v from customers join secrets on customers.id = secrets.id', 'select s.v from customers c, lateral (select v from secrets) s limit 1',
    'select U&"v" from U&"\\0073ecrets"', 'select (s).v from secrets s', 'select s from secrets s', 'select row_to_json(s) from secrets s', 'values ((select v from secrets))',
    "select 'x' union all select v from secrets", 'select array(select v from secrets)', 'select v from (table secrets) t', 'explain (analyze, verbose, costs off) select 1 from secrets where v = \'S3CRET-canary-value\'',
    'copy secrets to stdout', 'copy (select v from secrets) to stdout',
  ),
  { id: 'PGQ-09', statements: ['begin', 'declare c cursor for select v from secrets', 'fetch all from c'], harm: 'leak' },
  { id: 'PGQ-09', statements: ['create temp view peep as select v from secrets', 'select v from peep'], harm: 'leak' },
  { id: 'PGQ-09', statements: ['create temp table peep as select v from secrets', 'select v from peep'], harm: 'leak' },
  { id: 'PGQ-09', statements: ["create function pg_temp.peep() returns text language sql as 'select v from secrets'", 'select pg_temp.peep()'], harm: 'leak' },
  { id: 'PGQ-09', statements: ["insert into slips select 90000, v from secrets", 'select note from slips where id = 90000'], harm: 'leak' },
  { id: 'PGQ-09', statements: ['update slips set note = v from secrets where slips.id = 1 returning note'], harm: 'leak' },

  { id: 'PGQ-13', statements: ['prepare p as delete from orders where id < 40', 'explain analyze execute p'], harm: SOME_ORDERS_GONE },
  { id: 'PGQ-13', statements: ['prepare p as delete from orders where id < 40', 'execute p'], harm: SOME_ORDERS_GONE },
  { id: 'PGQ-13', statements: ['explain analyze delete from orders where id < 40'], harm: SOME_ORDERS_GONE },
  { id: 'PGQ-13', statements: ['prepare p as select v from secrets', 'execute p'], harm: 'leak' },

  // Literals of such texts are told by their hash: what they decide must count all the same.
  ...harming('PGQ-29', "select bool_and(note = 'gone') from slips", `update slips set note = 'gone' where note like '${'%'.repeat(300_000)}'`, `update slips set note = 'gone' where '${' '.repeat(600_000)}t'`),

  ...leaking('PGQ-17',
    "select table_to_xml('secrets', true, false, '')", "select query_to_xml('select v from secrets', true, false, '')", "select schema_to_xml('public', true, false, '')", "select database_to_xml(true, false, '')",
    "select query_to_xml(reverse('sterces morf v tceles'), true, false, '')",
  ),
  { id: 'PGQ-17', statements: ['begin', 'declare c cursor for select v from secrets', "select cursor_to_xml('c', 10, true, false, '')"], harm: 'leak' },
  ...leaking('PGQ-17', "select ts_stat from ts_stat('select to_tsvector(''simple'', v) from secrets')").map((attack) => ({ ...attack, harm: RUN })),

  ...harming('PGQ-21', RUN,
    "select 1 where exists (select 1 from secrets where v like 'S3%')", "select count(*) from secrets where v like 'S3%'", "select id from customers where id = 1 and (select v from secrets) ~ '^S'",
    'select case when (select ascii(v) from secrets) > 64 then 1 else 0 end', "delete from slips where id = 1 and exists (select from secrets where v > 'S')",
  ),

  { id: 'PGQ-25', statements: ["set standard_conforming_strings = off; select 'a\\'; drop table orders; --'"], harm: ORDERS_GONE, simpleOnly: true },
  { id: 'PGQ-25', statements: ['set standard_conforming_strings = off', "select 'a\\', '; drop table orders; --'"], harm: ORDERS_GONE, simpleOnly: true },
  { id: 'PGQ-25', statements: ["select set_config('standard_conforming_strings', 'off', false)", "select 'a\\', '; drop table orders; --'"], harm: ORDERS_GONE, simpleOnly: true },

  ...harming('PGQ-29', NO_ORDERS,
    'delete from orders', 'delete from orders where true', 'delete from orders where 1 = 1', 'delete from orders where id = id', 'delete from orders where id is not null', 'delete from orders where id > -1 or true',
    'delete from orders using customers', "delete from orders where 'a' < 'b'", 'delete from orders where not false', 'delete from orders where id in (select id from orders)', 'with gone as (delete from orders returning 1) select count(*) from gone',
    'delete from only orders where exists (select 1)', 'delete from orders where id <> -1',
  ),
  ...harming('PGQ-29', "select count(*) = 0 from slips where note <> 'x'", "update slips set note = 'x'", "update slips set note = 'x' where id = id", "insert into slips select id, 'x' from slips on conflict (id) do update set note = 'x'").slice(0, 2),

  { id: 'PGQ-33', statements: ["select set_config('app.x', v, false) from secrets", 'show app.x'], harm: 'leak' },
  { id: 'PGQ-33', statements: ["select set_config('app.x', (select v from secrets), false)", "select current_setting('app.x')"], harm: 'leak' },

  ...["copy (select 1) to program 'cat > /dev/null'", "copy slips from program 'true'", "copy (select 1) to '/dev/null'", "select pg_read_file('/etc/passwd')", "select lo_import('/etc/passwd')", 'set role postgres', 'set session authorization postgres', 'grant all on secrets to public', 'create role intruder', 'alter role interlock_standing superuser', "load 'plpgsql'", 'lock table orders']
    .map((text): PolicyAttack => ({ id: 'PGQ-05', statements: ['begin', text], harm: RUN, as: 'superuser' })),
  ...['reindex table orders', 'vacuum orders', "select pg_reload_conf()", 'alter system set work_mem = \'5MB\'', 'alter system reset work_mem'].map((text): PolicyAttack => ({ id: 'PGQ-05', statements: [text], harm: RUN, as: 'superuser' })),
];
