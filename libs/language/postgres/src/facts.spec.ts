import { FACTS, type FactSpec } from '@interlock/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import { meaningOf } from '../spec/clinic.js';
import { loadParser } from './index.js';

beforeAll(loadParser);

describe('a condition that picks every row', () => {
  test.each([
    'true', "'t'::boolean", '1 = 1', '1 < 2', "'a' = 'a'", 'id = id', 'visits.id = visits.id', 'id >= id', 'id IS NOT NULL', 'NOT false', 'NOT (id <> id)', '1 = 1 AND true',
    'id = 3 OR true', 'id = 3 OR id <> 3', 'price < 5 OR price >= 5', 'ward IS NULL OR ward IS NOT NULL', 'price = 1 OR NOT price = 1', "ward LIKE '%'", 'id IN (id, 4)', 'id = ANY (ARRAY[id])',
    'id BETWEEN id AND id', 'id IS NOT DISTINCT FROM id', 'coalesce(price, 0) = coalesce(price, 0)', 'EXISTS (SELECT 1)', '(SELECT true)', 'id IN (SELECT id FROM visits)', '(1 = 1) IS TRUE',
    "now() > '2000-01-01'", '$1', 'random() < 2', 'EXISTS (SELECT 1 FROM people)', 'NULL IS NULL',
  ])('DELETE … WHERE %s', (condition) => {
    expect(meaningOf(`DELETE FROM visits WHERE ${condition}`).facts).toMatchObject({ hasWhere: true, tautology: true });
  });

  test.each([
    'id = 7', 'id = $1', "ward = 'north'", "ward LIKE 'n%'", 'id = 3 AND true', 'ward IS NOT NULL', 'id IN (1, 2)', 'id = ANY ($1)', 'price > 5 OR id = 2', 'NOT id = 3', '1 = 0', 'false', 'id <> id',
    'EXISTS (SELECT 1 FROM people p WHERE p.id = person_id)', 'person_id IN (SELECT id FROM people)', 'id BETWEEN 1 AND 2', 'id = person_id', 'CURRENT OF c',
  ])('but not DELETE … WHERE %s', (condition) => {
    expect(meaningOf(`DELETE FROM visits WHERE ${condition}`).facts).toMatchObject({ hasWhere: true, tautology: false });
  });

  test.each([
    ['DELETE FROM visits', false, false],
    ['DELETE FROM visits USING people', false, false],
    ['DELETE FROM visits USING people WHERE people.id = 4', true, true],
    ['UPDATE visits SET price = 0', false, false],
    ['UPDATE visits SET price = 0 FROM people WHERE people.id = visits.person_id', true, false],
    ['WITH d AS (DELETE FROM visits WHERE id = 1) UPDATE visits SET price = 1', false, false],
    ['WITH d AS (DELETE FROM visits WHERE id = 1) SELECT 1', true, false],
    ['WITH d AS (DELETE FROM visits) SELECT 1 WHERE false', false, false],
    ['MERGE INTO visits v USING people p ON true WHEN MATCHED THEN DELETE', true, true],
    ['MERGE INTO visits v USING people p ON p.id = v.person_id WHEN MATCHED THEN DELETE', true, false],
    ['MERGE INTO visits v USING people p ON p.id = v.person_id WHEN NOT MATCHED BY SOURCE THEN DELETE', false, false],
    ['SELECT id FROM visits WHERE id = 1', true, false],
    ['SELECT id FROM visits WHERE true', true, true],
    ['SELECT id FROM visits', false, false],
    ['EXPLAIN ANALYZE DELETE FROM visits', false, false],
    ['SELECT clears()', true, false],
  ])('%s', (sql, hasWhere, tautology) => {
    expect(meaningOf(sql).facts).toMatchObject({ hasWhere, tautology });
  });
});

describe('facts that belong to some verbs', () => {
  /** What the vocabulary says of a fact's verbs is what statements say: a rule is told at load when its verbs never state what it reads. */
  test.each([
    'BEGIN', 'START TRANSACTION READ ONLY', 'COMMIT', 'ROLLBACK TO a', 'SAVEPOINT a', 'RELEASE a', "PREPARE TRANSACTION 'x'", 'DROP TABLE visits CASCADE', 'TRUNCATE visits CASCADE', 'DROP VIEW people_codes CASCADE',
    'DELETE FROM visits WHERE id = 7', 'SELECT clears()', 'SELECT id FROM visits WHERE id = 1 LIMIT 1 FOR UPDATE', 'COPY visits FROM STDIN', 'COPY visits TO STDOUT', 'CREATE TABLE a AS SELECT id FROM visits WHERE id = 1',
    'EXPLAIN SELECT lower(name) FROM people WHERE id = 1', 'PREPARE p AS DELETE FROM visits WHERE id = 1', 'DECLARE c CURSOR FOR SELECT id FROM visits WHERE id = 1', "SELECT set_config('a.b', 'c', false)", 'SELECT pg_sleep(1)',
    'MERGE INTO visits v USING people p ON p.id = v.person_id WHEN MATCHED THEN DELETE', 'ALTER TABLE visits RENAME TO other', 'ALTER TABLE visits DROP COLUMN kind CASCADE', 'SELECT most_common_vals FROM pg_stats', 'SELECT code FROM people_codes', 'REFRESH MATERIALIZED VIEW people_kept',
  ])('%s', (sql) => {
    const { facts, accesses } = meaningOf(sql);
    const stated = Object.entries<FactSpec>(FACTS).filter(([name, { absent }]) => name in facts && facts[name] !== absent && facts[name] !== false && JSON.stringify(facts[name]) !== '[]');
    expect(stated.filter(([, { verbs }]) => verbs && !accesses.some(({ verb }) => (verbs as readonly string[]).includes(verb))).map(([name]) => name)).toEqual([]);
  });
});

describe('other facts', () => {
  test.each([
    ['SELECT lower(name), count(*) FROM people GROUP BY 1', { functions: ['lower', 'count'], volatileFunctions: [], writes: false, returnsRows: true, opaque: false }],
    ['SELECT random(), nextval(\'tickets\')', { volatileFunctions: ['random', 'nextval'], writes: true }],
    ['SELECT pg_sleep(1)', { sleeps: true, dangerousFunctions: [], volatileFunctions: ['pg_sleep'] }],
    ["SELECT lo_import('x'), nothing(1)", { dangerousFunctions: ['lo_import'], unknownFunctions: ['nothing'], opaque: true }],
    ["SELECT run_text('x')", { opaque: true, definedFunctions: ['public.run_text'] }],
    ['SELECT code_of(1)', { opaque: false }],
    ['DELETE FROM notes WHERE id = 1', { opaque: true }],
    ['SELECT id FROM notes', { opaque: false }],
    ['CREATE TRIGGER t BEFORE INSERT ON visits FOR EACH ROW EXECUTE FUNCTION run_text()', { opaque: true }],
    ['SELECT most_common_vals FROM pg_stats', { sensitiveCatalog: true }],
    ['SELECT query FROM pg_catalog.pg_stat_activity', { sensitiveCatalog: true }],
    ['SELECT rolpassword FROM pg_authid', { sensitiveCatalog: true, unknownRelations: ['?.pg_authid'] }],
    ['SELECT chunk_data FROM pg_toast.pg_toast_200', { sensitiveCatalog: true }],
    ['SELECT relname FROM pg_class', { sensitiveCatalog: false }],
    ['SELECT loud FROM people_shout', { viewBaseTables: ['public.people'] }],
    ['SELECT id FROM visits LIMIT 5', { hasLimit: true }],
    ['SELECT id FROM visits FOR SHARE', { locksRows: true, writes: false }],
    ['INSERT INTO visits DEFAULT VALUES', { writes: true, returnsRows: false }],
    ['INSERT INTO visits DEFAULT VALUES RETURNING id', { writes: true, returnsRows: true }],
    ['EXPLAIN DELETE FROM visits', { explain: true, analyze: false, explained: 'delete', writes: false }],
    ['BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY', { transactionControl: 'begin', isolation: 'serializable', readOnly: true }],
    ['COPY visits FROM STDIN', { copyDirection: 'in', copyServerSide: false }],
    ['DROP TABLE visits CASCADE', { cascade: true, objectType: 'table' }],
    ['DO $$ BEGIN END $$', { opaque: true }],
    ['GRANT SELECT ON people TO bob', { grantees: ['bob'], privileges: ['select'] }],
  ])('%s', (sql, facts) => {
    expect(meaningOf(sql).facts).toMatchObject(facts);
  });
});

describe('settings', () => {
  test.each([
    "SET application_name = 'x'", "SET statement_timeout = '5s'", "SET LOCAL work_mem = '64MB'", "SET TIME ZONE 'UTC'", 'SET search_path = other, public', 'RESET search_path', 'RESET ALL', 'SET enable_seqscan = off',
    "SET client_encoding = 'UTF8'", 'SET standard_conforming_strings = on', 'SET TRANSACTION READ ONLY', 'SET extra_float_digits = 3', 'SET row_security = off', 'SET check_function_bodies = false', "SET default_tablespace = ''",
    'SET default_table_access_method = heap', 'SET enable_partition_pruning = off', "SELECT set_config('search_path', '', false)",
    "SET TRANSACTION SNAPSHOT '00000003-0000001B-1'", 'SET jit_above_cost = -1', 'SET geqo_threshold = 12', "SET plpgsql.extra_warnings = 'all'", 'SET vacuum_cost_delay = 0', "SET NAMES 'UNICODE'", 'RESET role', 'SET SESSION AUTHORIZATION DEFAULT',
    "SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'",
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path TO other, pg_temp SET work_mem FROM CURRENT AS $$select 1$$', 'ALTER FUNCTION f() SET search_path = other', 'ALTER FUNCTION f() RESET ALL',
    'RESET client_encoding', 'RESET session_replication_role',
  ])('%s is harmless', (sql) => {
    expect(meaningOf(sql).facts).toMatchObject({ unsafeSetting: false });
  });

  test.each([
    'SET standard_conforming_strings = off', 'SET role bob', 'SET SESSION AUTHORIZATION bob', "SET client_encoding = 'LATIN1'", "SET NAMES 'SJIS'",
    'SET session_replication_role = replica', 'SET transform_null_equals = on', 'SET lo_compat_privileges = on', 'SET app.anything = 1', 'SET nope = 1', 'SET ROLE NONE',
    'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql SET role = bob AS $$begin end$$', 'ALTER FUNCTION f() SET session_replication_role = replica',
    "SELECT set_config(name, 'x', false) FROM pg_settings", "SELECT set_config(name, 'x', false) FROM pg_settings WHERE name = 'role'", "SELECT set_config(name, 'x', false) FROM pg_settings WHERE name <> 'work_mem'",
    "SELECT set_config(name, 'x', false) FROM pg_settings s, people WHERE name = 'work_mem'", "SELECT set_config(name, 'x', false) FROM people WHERE name = 'work_mem'",
    "SELECT (SELECT set_config(name, 'x', false) FROM people) FROM pg_settings WHERE name = 'work_mem'", 'SET plpgsql.variable_conflict = use_column',
    "SELECT set_config('role', 'bob', false)", 'SELECT set_config($1, $2, false)', "SELECT set_config('search_path', $1, false)",
  ])('%s is not', (sql) => {
    expect(meaningOf(sql).facts).toMatchObject({ unsafeSetting: true });
  });
});

describe('the rows that a statement writes', () => {
  test.each([
    'INSERT INTO visits (id) VALUES (1)', 'INSERT INTO visits SELECT * FROM visits ON CONFLICT (id) DO UPDATE SET price = 1', 'UPDATE visits SET price = 0', 'DELETE FROM visits RETURNING id',
    'MERGE INTO visits USING people ON people.id = visits.id WHEN MATCHED THEN DELETE', 'COPY visits FROM STDIN', 'CREATE TABLE t AS SELECT * FROM visits', 'SELECT * INTO t FROM visits',
    'WITH v AS (SELECT 1 AS id) INSERT INTO visits (id) SELECT id FROM v',
  ])('are counted by the tag of %s', (text) => expect(meaningOf(text).facts['rowsCounted']).toBe(true));

  test.each([
    'WITH d AS (DELETE FROM visits RETURNING id) SELECT * FROM d', 'WITH d AS (DELETE FROM visits RETURNING id) DELETE FROM visits', 'WITH d AS (UPDATE visits SET price = 1) INSERT INTO visits (id) VALUES (1)',
    'EXPLAIN ANALYZE DELETE FROM visits', 'EXPLAIN ANALYZE CREATE TABLE t AS SELECT * FROM visits', 'TRUNCATE visits', 'PREPARE d AS DELETE FROM visits', "DO 'begin end'", 'COPY visits TO STDOUT', 'SELECT 1', 'CREATE TABLE t (id int)',
    'COPY (WITH d AS (DELETE FROM visits RETURNING id) SELECT * FROM d) TO STDOUT',
  ])('are not counted by the tag of %s', (text) => expect(meaningOf(text).facts['rowsCounted']).toBeUndefined());
});
