import { VERBS } from '@interlock/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import { accessesIn, atClinic, meaningOf, meanings } from '../spec/clinic.js';
import { SQL_LIMITS, interpretText, loadParser } from './index.js';
import { Budget } from './analysis/budget.js';

beforeAll(loadParser);

/** Texts that are short and would have columns, or what they are made of, multiply. */
const MULTIPLYING: readonly (readonly [string, string])[] = [
  ['FROM lists', `WITH q AS (SELECT ${Array(5_000).fill('1').join()}) SELECT 1 FROM ${Array(5_000).fill('q').join()}`],
  ['joins', `WITH q AS (SELECT ${Array.from({ length: 2_000 }, (_, n) => `1 AS c${n}`).join()}) SELECT ${Array(5_000).fill('(SELECT 1 FROM q NATURAL JOIN q r)').join()}`],
  ['row values', `WITH q AS (SELECT ${Array(2_000).fill('1').join()}) SELECT coalesce(${Array(50_000).fill('q').join()}) FROM q`],
  ['stars', `WITH q AS (SELECT ${Array(5_000).fill('1').join()}) SELECT ${Array(5_000).fill('*').join()} FROM q`],
  ['names', `WITH q AS (SELECT ${Array(5_000).fill('1').join()}) SELECT ${Array(50_000).fill('x').join()} FROM q`],
  ['statements', Array(400).fill(recursive(3)).join(';')],
];

/** A recursion inside a recursion: each turn of the outer one looks at the inner one again. */
function recursive(depth: number, level = 1): string {
  const columns = Array.from({ length: 12 }, (_, n) => `a${n}`);
  const turned = columns.map((_, n) => `r${level}.a${(n + 11) % 12}`).join();
  const inner = level === depth ? '' : `, (${recursive(depth, level + 1)}) AS z${level}`;
  return `WITH RECURSIVE r${level} (${columns.join()}) AS (SELECT id, ${Array(11).fill('1').join()} FROM visits UNION ALL SELECT ${turned} FROM r${level}${inner}) SELECT ${columns.map((name) => `r${level}.${name}`).join()} FROM r${level}`;
}

test.each(MULTIPLYING)('what multiplies is refused before it takes long: %s', (_, sql) => {
  expect(Buffer.byteLength(sql)).toBeLessThan(512 * 1024);
  const budget = new Budget();
  expect(interpretText(sql, atClinic, budget)).toMatchObject({ ok: false, refusal: { reason: 'statement_too_complex' } });
  expect(budget.used).toBeLessThan(2 * SQL_LIMITS.analysisSteps);
});

type Row = readonly [sql: string, verb: string, accesses: readonly string[]];

const PEOPLE = 'id,name,tax_no,mail,fee,ward,file,labels,home,born';

const QUERIES: readonly Row[] = [
  ['SELECT 1', 'select', ['select target']],
  ['SELECT now(), lower($1)', 'select', ['select target']],
  ['SELECT id, name FROM people WHERE ward = $1', 'select', ['select table public.people <ward,id,name']],
  ['SELECT count(*) FROM people', 'select', ['select table public.people']],
  ['TABLE people', 'select', [`select table public.people <${PEOPLE}`]],
  ['SELECT p.* FROM people p, visits', 'select', [`select table public.people <${PEOPLE}`, 'select table public.visits']],
  ['SELECT p FROM people p', 'select', [`select table public.people <${PEOPLE}`]],
  ['SELECT * FROM other.visits', 'select', ['select table other.visits <id,secret']],
  ['SELECT * FROM clinic.other.visits', 'select', ['select table other.visits <id,secret']],
  ['SELECT id FROM VISITS', 'select', ['select table public.visits <id']],
  ['SELECT id FROM "VISITS"', 'select', ['select table ?.VISITS <*']],
  ['SELECT "Select" FROM ONLY "Odd Name"', 'select', ['select table public.Odd Name <Select']],
  ['SELECT 1 WHERE EXISTS (SELECT 1 FROM notes WHERE body LIKE \'S%\')', 'select', ['select table public.notes <body']],
  ['WITH visits AS (SELECT id FROM people) SELECT * FROM visits', 'select', ['select table public.people <id']],
  ['WITH visits AS (SELECT * FROM visits) SELECT id FROM visits', 'select', ['select table public.visits <id,person_id,price,ward,kind']],
  ['WITH d AS (DELETE FROM notes RETURNING id) SELECT id FROM d', 'select', ['delete table public.notes', 'select table public.notes <id']],
  ['SELECT code FROM people_codes', 'select', ['select view public.people_codes <code']],
  ['SELECT nobody FROM people', 'select', ['select table public.people']],
  ['SELECT * FROM people JOIN visits USING (id)', 'select', [`select table public.people <${PEOPLE}`, 'select table public.visits <id,person_id,price,ward,kind']],
  ['SELECT v.id FROM people p NATURAL JOIN visits v', 'select', ['select table public.people <id,ward', 'select table public.visits <id,ward']],
  ['SELECT id FROM people FOR UPDATE', 'select', ['select table public.people <id', 'lock table public.people']],
  ['SELECT p.id FROM people p, visits v FOR SHARE OF v', 'select', ['select table public.people <id', 'select table public.visits', 'lock table public.visits']],
  ['SELECT oid FROM pg_class', 'select', ['select table pg_catalog.pg_class <oid']],
  ['INSERT INTO visits (id, price) SELECT id, fee FROM people', 'insert', ['insert table public.visits >id,price', 'select table public.people <id,fee']],
  ['INSERT INTO visits VALUES (1, 2)', 'insert', ['insert table public.visits >id,person_id']],
  ['INSERT INTO visits DEFAULT VALUES', 'insert', ['insert table public.visits >id,person_id,price,ward,kind']],
  ['INSERT INTO visits (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET price = visits.price + 1', 'insert', ['insert table public.visits >id', 'update table public.visits <price >price']],
  ['INSERT INTO people (id, labels[1], labels[2:3]) SELECT 1, kind, ward FROM visits', 'insert', ['insert table public.people >id,labels', 'select table public.visits <kind,ward']],
  ['INSERT INTO people (labels[(SELECT id FROM notes)]) VALUES (1)', 'insert', ['insert table public.people >labels', 'select table public.notes <id']],
  ['INSERT INTO visits (id) VALUES (1) RETURNING price', 'insert', ['insert table public.visits >id', 'select table public.visits <price']],
  ['UPDATE visits SET price = price + 1 WHERE id = 7', 'update', ['update table public.visits <price,id >price']],
  ['UPDATE visits v SET ward = p.ward FROM people p WHERE p.id = v.person_id', 'update', ['update table public.visits <person_id >ward', 'select table public.people <ward,id']],
  ['DELETE FROM visits USING people p WHERE p.id = person_id', 'delete', ['delete table public.visits <person_id', 'select table public.people <id']],
  ['MERGE INTO visits v USING people p ON p.id = v.person_id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id) VALUES (p.id)', 'merge',
    ['select table public.visits <person_id', 'select table public.people <id', 'delete table public.visits', 'insert table public.visits >id']],
  ['COPY visits FROM STDIN', 'copy', ['insert table public.visits >id,person_id,price,ward,kind']],
  ['COPY visits (id) TO STDOUT', 'copy', ['select table public.visits <id']],
  ['COPY (SELECT id FROM people) TO STDOUT', 'copy', ['select table public.people <id']],
  ["COPY visits TO PROGRAM 'cat'", 'copy', ['select table public.visits <id,person_id,price,ward,kind', 'program other program']],
  ["COPY visits FROM '/etc/passwd'", 'copy', ['insert table public.visits >id,person_id,price,ward,kind', 'file other file']],
];

const FUNCTIONS: readonly Row[] = [
  ["SELECT pg_read_file('/etc/passwd')", 'select', ['call function pg_catalog.pg_read_file']],
  ["SELECT lo_import('x'), lo_get('1')", 'select', ['call function pg_catalog.lo_import', 'call function pg_catalog.lo_get']],
  ["SELECT table_to_xml('notes', true, false, '')", 'select', ['call function pg_catalog.table_to_xml']],
  ["SELECT query_to_xml('select 1', true, false, ''), database_to_xml(true, false, '')", 'select', ['call function pg_catalog.query_to_xml', 'call function pg_catalog.database_to_xml']],
  ["SELECT dblink('x', 'y')", 'select', ['call function ?.dblink']],
  ["SELECT evil.f(1)", 'select', ['call function evil.f']],
  ["SELECT run_text('select 1')", 'select', ['call function public.run_text']],
  ["SELECT code_of(1)", 'select', ['select table public.people <id,tax_no', 'execute function public.code_of']],
  ["SELECT * FROM everyone()", 'select', [`select table public.people <${PEOPLE}`, 'execute function public.everyone']],
  ["SELECT clears()", 'select', ['delete table public.notes <id', 'execute function public.clears']],
  ["SELECT similarity('a', 'b')", 'select', ['execute function public.similarity']],
  ["SELECT loops(1)", 'select', ['call function public.loops']],
  ["SELECT 'a' ~=~ 'b'", 'select', ['call function public.near']],
  ["SELECT 'a' OPERATOR(public.~=~) 'b'", 'select', ['call function public.near']],
  ["SELECT p.label FROM people p", 'select', [`select table public.people <${PEOPLE}`, 'execute function public.label']],
  ["SELECT nextval('tickets')", 'select', ['nextval sequence public.tickets']],
  ["SELECT setval('other.numbers', 7), currval('tickets'::regclass), nextval($1)", 'select',
    ['setval sequence other.numbers', 'select sequence public.tickets', 'nextval sequence ?.?']],
  ["SELECT pg_notify('bell', 'x')", 'select', ['notify channel bell']],
  ["SELECT set_config('search_path', 'other', false)", 'select', ['set setting search_path', 'call function pg_catalog.set_config']],
  ['SELECT pg_sleep(1)', 'select', ['select target']],
  ['SELECT pg_terminate_backend(1)', 'select', ['call function pg_catalog.pg_terminate_backend']],
];

const SESSIONS: readonly Row[] = [
  ['BEGIN', 'begin', ['begin target']],
  ['ROLLBACK TO a', 'rollback', ['rollback target']],
  ["PREPARE TRANSACTION 'x'", 'prepare_transaction', ['prepare_transaction target']],
  ['SHOW server_version', 'show', ['show setting server_version']],
  ["SET application_name = 'a'", 'set', ['set setting application_name']],
  ['SET SESSION AUTHORIZATION bob', 'set', ['set setting session_authorization']],
  ['RESET ALL', 'reset', ['reset setting all']],
  ['DISCARD ALL', 'discard', ['discard target']],
  ['LISTEN bell', 'listen', ['listen channel bell']],
  ["NOTIFY bell, 'x'", 'notify', ['notify channel bell']],
  ['UNLISTEN *', 'unlisten', ['unlisten channel *']],
  ['PREPARE p AS DELETE FROM visits', 'delete', ['delete table public.visits']],
  ['DECLARE c CURSOR FOR SELECT id FROM visits', 'select', ['select table public.visits <id']],
  ['FETCH 5 FROM c', 'fetch', ['fetch target']],
  ['CLOSE c', 'close', ['close target']],
  ['DEALLOCATE ALL', 'deallocate', ['deallocate target']],
  ['LOCK visits IN EXCLUSIVE MODE', 'lock', ['lock table public.visits']],
  ['LOCK visits IN ACCESS SHARE MODE', 'lock', ['select table public.visits']],
  ['EXPLAIN DELETE FROM visits WHERE id = 1', 'explain', ['explain table public.visits <id']],
  ['EXPLAIN ANALYZE DELETE FROM visits WHERE id = 1', 'delete', ['delete table public.visits <id']],
  ['EXPLAIN (ANALYZE off) DELETE FROM visits', 'explain', ['explain table public.visits']],
  ["EXPLAIN SELECT lo_import('x')", 'explain', ['call function pg_catalog.lo_import']],
  ["EXPLAIN SELECT nextval('tickets')", 'explain', ['explain sequence public.tickets']],
  ['EXPLAIN CREATE TABLE copied AS SELECT 1', 'explain', ['explain table public.copied']],
  ["EXPLAIN SELECT pg_notify('a', 'b')", 'explain', ['explain channel a']],
  ['DO $$ BEGIN END $$', 'do', ['do target']],
  ['CALL tidy()', 'call', ['call function ?.tidy']],
];

const DEFINITIONS: readonly Row[] = [
  ['CREATE TABLE fresh (a int, b int REFERENCES people (id))', 'create', ['select table public.people <id', 'create table public.fresh']],
  ['CREATE TEMP TABLE fresh (a int)', 'create', ['create table pg_temp.fresh']],
  ['CREATE TABLE other.fresh () INHERITS (people)', 'create', ['alter table public.people', 'create table other.fresh']],
  ['CREATE TABLE fresh (LIKE people)', 'create', ['select table public.people', 'create table public.fresh']],
  ['CREATE TABLE fresh AS SELECT id FROM people', 'create', ['select table public.people <id', 'create table public.fresh']],
  ['SELECT id INTO fresh FROM people', 'create', ['select table public.people <id', 'create table public.fresh']],
  ['CREATE VIEW v AS SELECT id FROM people', 'create', ['select table public.people <id', 'create view public.v']],
  ['CREATE UNIQUE INDEX i ON people (lower(name))', 'create', ['alter table public.people <name', 'create other public.i']],
  ['ALTER TABLE people DROP COLUMN ward', 'alter', ['alter table public.people >ward']],
  ['ALTER TABLE people OWNER TO bob', 'alter', ['alter table public.people', 'administer role bob']],
  ['ALTER TABLE people RENAME COLUMN ward TO w', 'alter', ['alter table public.people >ward']],
  ['ALTER TABLE people SET SCHEMA other', 'alter', ['alter table public.people', 'alter schema other']],
  ['DROP TABLE visits, other.visits', 'drop', ['drop table public.visits', 'drop table other.visits']],
  ['DROP VIEW people_codes', 'drop', ['drop view public.people_codes']],
  ['DROP FUNCTION code_of(int)', 'drop', ['drop function public.code_of']],
  ['DROP INDEX people_key', 'drop', ['drop other public.people_key']],
  ['DROP SCHEMA other CASCADE', 'drop', ['drop schema other']],
  ['DROP TRIGGER t ON people', 'drop', ['alter table public.people']],
  ['TRUNCATE visits, notes CASCADE', 'truncate', ['truncate table public.visits', 'truncate table public.notes']],
  ['REFRESH MATERIALIZED VIEW people_kept', 'refresh', ['refresh view public.people_kept']],
  ['VACUUM people', 'vacuum', ['vacuum table public.people']],
  ["COMMENT ON COLUMN people.name IS 'x'", 'comment', ['comment table public.people']],
  ['GRANT SELECT ON people, visits TO PUBLIC', 'grant', ['grant table public.people', 'grant table public.visits']],
  ['REVOKE ALL ON ALL TABLES IN SCHEMA other FROM bob', 'revoke', ['revoke schema other']],
  ['GRANT admin TO bob', 'grant', ['grant role admin']],
  ['CREATE ROLE bob SUPERUSER', 'administer', ['administer role bob']],
  ['CREATE EXTENSION dblink', 'administer', ['administer other extension']],
  ['CREATE DATABASE annex', 'administer', ['administer database annex']],
  ['DROP DATABASE annex', 'administer', ['administer database annex']],
  ['GRANT CONNECT ON DATABASE annex TO bob', 'grant', ['grant database annex']],
  ["ALTER SYSTEM SET wal_level = 'minimal'", 'administer', ['administer other server']],
  ['CREATE PUBLICATION p FOR TABLE people', 'administer', ['administer other replication']],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS ''", 'create', ['create function public.f']],
  ['CREATE TRIGGER t BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION run_text()', 'create', ['alter table public.people', 'call function public.run_text']],
  ['CREATE POLICY p ON people USING (ward = current_user)', 'alter', ['alter table public.people <ward', 'administer other public.people.p']],
  ['CREATE SCHEMA third', 'create', ['create schema third']],
];

describe.each([['queries', QUERIES], ['functions', FUNCTIONS], ['sessions', SESSIONS], ['definitions', DEFINITIONS]])('%s', (_, rows) => {
  test.each(rows)('%s', (sql, verb, accesses) => {
    const meaning = meaningOf(sql);
    expect(meaning.verb).toBe(verb);
    expect(accessesIn(sql)).toEqual(accesses);
    for (const access of meaning.accesses) {
      expect(access.duty).toBe(VERBS[access.verb as keyof typeof VERBS]);
      expect(access.object.path[0]).toBe('clinic');
    }
  });
});

describe('what is not understood is refused', () => {
  test.each([
    ['SELECT * FROM elsewhere.public.people', 'statement_not_understood'],
    ['EXECUTE nothing', 'prepared_statement_unknown'],
    ['EXPLAIN ANALYZE EXECUTE nothing', 'prepared_statement_unknown'],
    ['CREATE SCHEMA third CREATE TABLE t (a int)', 'statement_not_understood'],
    ['ROLLBACK; SELECT * FROM people', 'search_path_unknown'],
    ['SELECT 1; SELEC 2', 'syntax_error'],
  ])('%s', (sql, reason) => {
    const meaning = interpretText(sql, atClinic);
    expect(meaning.ok ? 'understood' : meaning.refusal.reason).toBe(reason);
  });
});

describe('several statements of one text', () => {
  test('are each judged, and counted', () => {
    const both = meanings('SELECT 1; DROP TABLE visits');
    expect(both.map(({ verb, facts }) => [verb, facts['statementCount']])).toEqual([['select', 2], ['drop', 2]]);
  });

  test('see what those before them changed', () => {
    const after = (sql: string): string[] => meanings(sql).at(-1)?.accesses.map(({ verb, object }) => `${verb} ${object.path.join('.')}`) ?? [];
    expect(after('SET search_path = other; SELECT id FROM visits')).toEqual(['select clinic.other.visits']);
    expect(after('SELECT set_config(\'search_path\', \'other\', true); DELETE FROM visits')).toEqual(['delete clinic.other.visits']);
    expect(after('PREPARE p AS DELETE FROM visits; EXECUTE p')).toEqual(['delete clinic.public.visits']);
    expect(after('CREATE TEMP TABLE visits AS SELECT 1 AS one; SELECT one FROM visits')).toEqual(['select clinic.pg_temp.visits']);
    expect(after('DROP TABLE other.visits; SET search_path = other, public; SELECT id FROM visits')).toEqual(['select clinic.public.visits']);
    const first = 'SET search_path = other, public';
    for (const gone of ['DROP TABLE visits', 'ALTER TABLE visits RENAME TO calls', 'ALTER TABLE visits SET SCHEMA elsewhere', 'DROP SCHEMA other CASCADE', 'ALTER SCHEMA other RENAME TO others']) {
      expect(after(`${first}; ${gone}; SELECT id FROM visits`), gone).toEqual(['select clinic.public.visits']);
    }
    expect(after('CREATE SCHEMA agent; CREATE TABLE mine (a int)')).toEqual(['create clinic.agent.mine']);
    expect(meanings('COMMIT; SELECT id FROM visits', { ...atClinic, searchPathSettled: true })).toHaveLength(2);
  });

  test.each([
    "SELECT set_config('search_path', 'other', false) WHERE false", "SELECT set_config('search_path', 'other', false) LIMIT 0", "SELECT CASE WHEN 1 = 2 THEN set_config('search_path', 'other', false) END",
    "SELECT set_config('search_path', 'other', false) FROM notes", "SELECT coalesce('x', set_config('search_path', 'other', false))", "WITH w AS (SELECT set_config('search_path', 'other', false)) SELECT 1",
    "EXPLAIN SELECT set_config('search_path', 'other', false)", "PREPARE p AS SELECT set_config('search_path', 'other', false)", "SELECT set_config(name, 'other', false) FROM pg_settings WHERE name = 'search_path'",
    'BEGIN; CREATE TEMP TABLE visits (a int); ROLLBACK', 'BEGIN; CREATE TEMP TABLE visits (a int) ON COMMIT DROP; COMMIT', 'SAVEPOINT a; CREATE TABLE visits2 (a int); ROLLBACK TO a',
    'SAVEPOINT a; SET search_path = other; ROLLBACK TO a', 'SET LOCAL search_path = other; COMMIT',
  ])('name nothing once the search path may be another, or what it finds: %s', (moving) => {
    expect(interpretText(`${moving}; SELECT id FROM visits`, { ...atClinic, searchPathSettled: true })).toMatchObject({ ok: false, refusal: { reason: 'search_path_unknown' } });
    expect(meanings(`${moving}; SELECT 1; SET search_path = other; SELECT id FROM visits`)).toHaveLength(moving.split(';').length + 3);
  });

  test.each([
    `SET search_path = ${Array.from({ length: SQL_LIMITS.searchPathMembers + 1 }, (_, n) => `s${n}`).join(', ')}`, `SET search_path = '${'x'.repeat(64)}'`,
    `SELECT set_config('search_path', '${Array.from({ length: 40_000 }, (_, n) => `s${n}`).join(', ')}', false)`,
  ])('have a search path within a limit, which each of them is looked up in: %#', (sql) => {
    expect(interpretText(sql, atClinic)).toMatchObject({ ok: false, refusal: { reason: 'statement_too_complex' } });
  });

  test('name nothing while the session is not sure of its search path', () => {
    const unsure = { ...atClinic, searchPathKnown: false };
    expect(interpretText('SELECT id FROM visits', unsure)).toMatchObject({ ok: false, refusal: { reason: 'search_path_unknown' } });
    expect(meanings('SELECT 1; SET search_path = other; SELECT id FROM visits', unsure)).toHaveLength(3);
  });

  test('may be thousands, of which a thousand define', () => {
    expect(meanings(Array(SQL_LIMITS.statements).fill('INSERT INTO notes VALUES (1)').join(';'))).toHaveLength(SQL_LIMITS.statements);
    const definitions = (count: number) => interpretText(Array.from({ length: count }, (_, n) => `CREATE TABLE made${n} (a int)`).join(';'), atClinic);
    expect(definitions(SQL_LIMITS.definitions).ok).toBe(true);
    expect(definitions(SQL_LIMITS.definitions + 1)).toMatchObject({ ok: false, refusal: { reason: 'statement_too_complex' } });
    expect(interpretText(Array(SQL_LIMITS.statements + 1).fill('SELECT 1').join(';'), atClinic)).toMatchObject({ ok: false, refusal: { reason: 'statement_too_complex' } });
  }, 60_000);
});
