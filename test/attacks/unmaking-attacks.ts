/**
 * Attempts of an agent to unmake what it has made itself. `mine` is its own table, `theirs` one of an agent of another owner. Each is
 * shown to work on the bare target first.
 */
export interface UnmakingAttack {
  readonly name: string;
  /** Beside `mine`, made by the attacker. */
  readonly made?: readonly string[];
  /** Beside `theirs`, made by the other. */
  readonly others?: readonly string[];
  /** Rows that are there. */
  readonly rows?: readonly string[];
  /** SUFFIX stands for what the test adds to names. */
  readonly statements: readonly string[];
  /** A query that answers `true` once the harm is done; {@link RUNS}; by default that `mine`, under whatever name, is gone. */
  readonly harm?: string;
  /** Only a rule that keeps makers from changing their objects, too, stands against it. */
  readonly strictOnly?: boolean;
}

/** The harm is that all of it runs. */
export const RUNS = 'runs';

const PLPGSQL = 'language plpgsql';

export const UNMAKING_ATTACKS: readonly UnmakingAttack[] = [
  { name: 'its name', statements: ['drop table mine'] },
  { name: 'its full name', statements: ['drop table sandbox.public.mine'] },
  { name: 'a name in quotes', statements: ['drop table public."mine"'] },
  { name: 'a name in escapes', statements: ['drop table U&"m\\0069ne_SUFFIX"'] },
  { name: 'a list with others', statements: ['drop table theirs, mine'] },
  { name: 'IF EXISTS', statements: ['drop table if exists nothing_here, mine'] },
  { name: 'CASCADE of its own', statements: ['drop table mine cascade'] },
  { name: 'a schema with its contents', made: ['create schema box', 'create table box.inner_one (x int)'], statements: ['drop schema box cascade'], harm: "select to_regclass('box.inner_one') is null" },
  { name: 'CASCADE of another table', made: ['create view over_theirs as select x from theirs'], statements: ['drop table theirs cascade'], harm: "select to_regclass('over_theirs') is null" },
  { name: 'a column with CASCADE', made: ['create view of_column as select x from theirs'], statements: ['alter table theirs drop column x cascade'], harm: "select to_regclass('of_column') is null", strictOnly: true },
  {
    name: 'a truncation with CASCADE', others: ['create table keyed (x int primary key)'], made: ['create table referring (x int references keyed)'], rows: ['insert into keyed values (1)', 'insert into referring values (1)'],
    statements: ['truncate keyed cascade'], harm: 'select count(*) = 0 from referring',
  },
  { name: 'another owner at the target', statements: ['alter table mine owner to current_user', 'drop table mine'] },
  { name: 'a rename', statements: ['alter table mine rename to renamed', 'drop table renamed'] },
  { name: 'another schema', made: ['create schema away'], statements: ['alter table mine set schema away', 'drop table away.mine'] },
  { name: 'names that change places, in one message', statements: ['alter table theirs rename to was_theirs; alter table mine rename to theirs; drop table theirs'] },
  { name: 'names that change places, in one transaction', statements: ['begin', 'alter table theirs rename to was_theirs', 'alter table mine rename to theirs', 'drop table theirs', 'commit'] },
  { name: 'names that change places, and a commit between', statements: ['alter table theirs rename to was_theirs', 'alter table mine rename to theirs', 'drop table theirs'] },
  {
    name: 'a schema earlier on the search path, uncommitted',
    statements: ['begin', 'create schema front', 'alter table mine set schema front', 'alter table front.mine rename to theirs', 'set search_path to front, public', 'drop table theirs', 'commit'],
  },
  {
    name: 'a search path set in the same message',
    statements: ['begin', 'create schema fore', 'alter table mine set schema fore', 'alter table fore.mine rename to theirs', 'set search_path to fore, public; drop table theirs', 'commit'],
  },
  { name: 'a partition of another table', others: ['create table parted (x int) partition by list (x)'], statements: ['alter table parted attach partition mine for values in (1)', 'drop table parted'] },
  { name: 'a DO block', statements: ["do $$ begin execute 'drop table mine'; end $$"] },
  { name: 'a function', made: [`create function dropper() returns void ${PLPGSQL} as $$ begin drop table mine; end $$`], statements: ['select dropper()'] },
  { name: 'a procedure', made: [`create procedure dropping() ${PLPGSQL} as $$ begin drop table mine; end $$`], statements: ['call dropping()'] },
  { name: 'a replaced view', made: ['create view shown as select 1 as x'], statements: ['create or replace view shown as select 2 as x'], harm: 'select x = 2 from shown', strictOnly: true },
  { name: 'a replaced function', made: ["create function said() returns int language sql as 'select 1'"], statements: ["create or replace function said() returns int language sql as 'select 2'"], harm: 'select said() = 2', strictOnly: true },
  { name: 'rows through the view of another', others: ['create view window_on as select x from mine'], rows: ['insert into mine values (1)'], statements: ['delete from window_on'], harm: 'select count(*) = 0 from mine' },
  { name: 'an overload', made: ["create function over() returns int language sql as 'select 1'"], statements: ["create function over(int) returns int language sql as 'select 1'", 'drop function over()'], harm: "select to_regprocedure('over()') is null" },
  { name: 'a create and a rename in one message', statements: ['create table brief (x int); alter table brief rename to lasting', 'drop table lasting'], harm: RUNS },
  { name: 'a create in a schema that the catalog does not know yet', statements: ['begin', 'create schema fresh', 'set search_path to fresh, public', 'create table hidden (x int)', 'commit', 'drop table fresh.hidden'], harm: RUNS },
];

/** Makers neither change nor drop, and run no code that cannot be looked into. */
export const STRICT_RULE = `
@id("makers-do-not-unmake") @reason("Whoever made an object may neither change nor drop it.")
forbid (principal, action in [Action::"alter", Action::"delete", Action::"administer"], resource in Target::"sandbox")
when { context.ownCreation };
`;

/** The weakest that keeps the promise for dropping: makers may change their objects, and older ones are left alone. */
export const LENIENT_RULE = `
@id("makers-do-not-unmake") @reason("Whoever made an object may not drop it.")
forbid (principal, action in [Action::"delete", Action::"do", Action::"call"], resource in Target::"sandbox")
when { context.ownCreation }
unless { context.preexisting };
`;
