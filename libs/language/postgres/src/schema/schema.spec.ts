import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser, readSchema, reportLineage, type LineageReport, type Schema } from '../index.js';
import { statementsOf } from './split.js';

beforeAll(loadParser);

function schemaOf(script: string): Schema {
  const schema = readSchema(script);
  if (!schema.ok) throw new Error(`line ${schema.refusal.line}: ${schema.refusal.detail}`);
  return schema.value;
}

function reportOf(script: string, sql: string): LineageReport {
  const reports = reportLineage(sql, schemaOf(script));
  const last = reports.ok ? reports.value.at(-1) : undefined;
  if (last === undefined) throw new Error(reports.ok ? 'no statement' : reports.refusal.detail);
  return last;
}

/** Each column's origins, in short. */
function originsOf(script: string, sql: string): string[] {
  return reportOf(script, sql).columns.map(({ name, origins, readsUnknown }) => `${name}: ${origins.map(({ column, derivation }) => (derivation === 'direct' ? column : `~${column}`)).join(' ')}${readsUnknown ? ' ?' : ''}`.trim());
}

describe('a script is cut into statements', () => {
  test.each<[string, [string, number][]]>([
    ['SELECT 1; SELECT 2', [['SELECT 1', 1], ['SELECT 2', 1]]],
    ["-- a; b\n/* c; /* d; */ e; */ SELECT ';', \";\", E'\\';', $$;$$, $x$;$$;$x$;\nSELECT 2", [["SELECT ';', \";\", E'\\';', $$;$$, $x$;$$;$x$", 2], ['SELECT 2', 3]]],
    ['\\connect shop\nSELECT 1;\n\\restrict abc\nSELECT 2;', [['SELECT 1', 2], ['SELECT 2', 4]]],
    ["COPY t (a) FROM stdin;\n1; it's\n\\.\nSELECT 2;", [['COPY t (a) FROM stdin', 1], ['SELECT 2', 4]]],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3', [
      ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END', 1], ['SELECT 3', 1]]],
    ['BEGIN; SELECT the$end$, case_end FROM t; END;', [['BEGIN', 1], ['SELECT the$end$, case_end FROM t', 1], ['END', 1]]],
    ["SELECT 'open", [["SELECT 'open", 1]]],
  ])('%j', (script, statements) => {
    expect([...statementsOf(script)].map(({ text, line }) => [text, line])).toEqual(statements);
  });
});

const PEOPLE = 'CREATE TABLE people (id int PRIMARY KEY, name text, mail text);';

describe('definitions', () => {
  test.each<[string, string, string[]]>([
    ['SET search_path = app; CREATE SCHEMA app; SET search_path = app; CREATE TABLE t (a int);', 'SELECT a FROM t', ['a: app.t.a']],
    [`${PEOPLE} SELECT pg_catalog.set_config('search_path', '', false); CREATE VIEW public.v AS SELECT people.mail FROM public.people;`, 'SELECT * FROM v', ['mail: public.people.mail']],
    [`CREATE SCHEMA app AUTHORIZATION me CREATE TABLE t (a int) CREATE VIEW v AS SELECT a AS b FROM t;`, 'SELECT b FROM app.v', ['b: app.t.a']],
    [`${PEOPLE} CREATE TABLE more (extra text) INHERITS (people); ALTER TABLE people ADD COLUMN fee int; ALTER TABLE people DROP COLUMN mail;`, 'SELECT * FROM more',
      ['id: public.more.id', 'name: public.more.name', 'extra: public.more.extra', 'fee: public.more.fee']],
    ['CREATE TABLE r (id int, at date) PARTITION BY RANGE (at); CREATE TABLE r1 PARTITION OF r DEFAULT;', 'SELECT at FROM r1', ['at: public.r1.at']],
    [`${PEOPLE} CREATE TABLE like_it (LIKE people INCLUDING ALL, more text);`, 'SELECT * FROM like_it', ['id: public.like_it.id', 'name: public.like_it.name', 'mail: public.like_it.mail', 'more: public.like_it.more']],
    ['CREATE TYPE place AS (street text, town text); CREATE TABLE t OF place;', 'SELECT town FROM t', ['town: public.t.town']],
    ['CREATE TYPE place AS (street text, town text); CREATE TABLE t (home place, homes place[]);', 'SELECT (home).*, homes[1].town FROM t', ['street: ~public.t.home', 'town: ~public.t.home', 'town: ~public.t.homes']],
    ['CREATE TYPE mood AS ENUM (\'ok\'); CREATE DOMAIN short AS text CHECK (length(VALUE) < 9); CREATE TABLE t (m mood, s short, i int GENERATED ALWAYS AS IDENTITY, x serial);', 'SELECT * FROM t',
      ['m: public.t.m', 's: public.t.s', 'i: public.t.i', 'x: public.t.x']],
    [`${PEOPLE} CREATE MATERIALIZED VIEW kept (k) AS SELECT upper(mail) FROM people; CREATE TABLE copy AS SELECT id, mail AS m FROM people;`, 'SELECT k, m FROM kept, copy', ['k: ~public.people.mail', 'm: public.copy.m']],
    [`${PEOPLE} SELECT id, mail AS m INTO copied FROM people;`, 'SELECT m FROM copied', ['m: public.copied.m']],
    [`${PEOPLE} CREATE RECURSIVE VIEW up (n, m) AS SELECT 1, mail FROM people UNION ALL SELECT n + 1, m FROM up WHERE n < 3;`, 'SELECT * FROM up', ['n:', 'm: public.people.mail']],
    [`${PEOPLE} CREATE SEQUENCE s; CREATE UNLOGGED TABLE u (a int); CREATE TEMP TABLE tmp (b int);`, 'SELECT last_value, a, b FROM s, u, tmp', ['last_value: public.s.last_value', 'a: public.u.a', 'b: pg_temp.tmp.b']],
    [`${PEOPLE} CREATE INDEX ON people (mail); COMMENT ON TABLE people IS 'x'; GRANT SELECT ON people TO PUBLIC; ALTER TABLE people OWNER TO me; ALTER TABLE ONLY people ADD CONSTRAINT k UNIQUE (mail);`, 'TABLE people',
      ['id: public.people.id', 'name: public.people.name', 'mail: public.people.mail']],
    ['CREATE EXTENSION IF NOT EXISTS citext; CREATE TABLE t (a citext, b geometry(Point, 4326));', 'SELECT a, b FROM t', ['a: public.t.a', 'b: public.t.b']],
    ['CREATE TABLE t (a int); CREATE TABLE u (x t); DROP TABLE u; DROP TABLE t; CREATE TABLE t (b int); CREATE TABLE u (x t);', 'SELECT (x).* FROM u', ['b: ~public.u.x']],
    ['CREATE SCHEMA one; CREATE TABLE one.t (a int); ALTER SCHEMA one RENAME TO two; DROP SCHEMA IF EXISTS three CASCADE;', 'SELECT a FROM two.t', ['a: two.t.a']],
    ['CREATE TYPE place AS (a text); CREATE TABLE t (x place); ALTER TYPE place RENAME TO spot; ALTER TYPE spot ADD ATTRIBUTE b int;', 'SELECT (x).*, (ROW(1, 2)::spot).b FROM t', ['a: ~public.t.x', 'b: ~public.t.x', 'b:']],
    ['', 'SELECT relname, count(*) OVER () FROM pg_class', ['relname: pg_catalog.pg_class.relname', 'count:']],
  ])('%s', (script, sql, columns) => {
    expect(originsOf(script, sql)).toEqual(columns);
  });
});

describe('what a view reads is bound when it is made', () => {
  const view = `${PEOPLE} CREATE VIEW v AS SELECT mail AS m FROM people WHERE name > 'a'; CREATE VIEW w AS SELECT m FROM v;`;

  test.each<[string, string]>([
    ['ALTER TABLE people RENAME TO persons', 'public.persons.mail'],
    ['ALTER TABLE people RENAME COLUMN mail TO post', 'public.people.post'],
    ['ALTER TABLE people RENAME TO persons; CREATE TABLE people (id int, mail text, name text)', 'public.persons.mail'],
    ['CREATE SCHEMA attic; ALTER TABLE people SET SCHEMA attic', 'attic.people.mail'],
    ['ALTER VIEW v RENAME COLUMN m TO n', 'public.people.mail'],
    ['ALTER VIEW v RENAME TO u', 'public.people.mail'],
    ['CREATE OR REPLACE VIEW v AS SELECT name AS m FROM people', 'public.people.name'],
  ])('%s', (change, origin) => {
    expect(originsOf(`${view} ${change};`, 'SELECT m FROM w')).toEqual([`m: ${origin}`]);
  });

  test('and its conditions shape whoever reads it', () => {
    expect(reportOf(view, 'SELECT 1 FROM w').shaping).toEqual([{ column: 'public.people.name', where: ['WHERE'] }]);
    expect(reportOf(`${view} CREATE OR REPLACE VIEW v AS SELECT mail AS m FROM people WHERE id > 1;`, 'SELECT 1 FROM w').shaping).toEqual([{ column: 'public.people.id', where: ['WHERE'] }]);
  });
});

describe('functions', () => {
  test.each<[string, string, string[]]>([
    ["CREATE FUNCTION f(int) RETURNS text LANGUAGE sql AS 'SELECT mail FROM people WHERE id = $1'", 'SELECT f(1)', ['f: public.people.mail']],
    ['CREATE FUNCTION f(i int) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT mail FROM people WHERE id = f.i; END', 'SELECT f(1)', ['f: public.people.mail']],
    ['CREATE FUNCTION f(i int, j int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE RETURN i + j', 'SELECT f(id) FROM people', ['f: ~public.people.id']],
    ["CREATE FUNCTION f() RETURNS SETOF people LANGUAGE sql AS 'SELECT * FROM people'", 'SELECT mail FROM f()', ['mail: public.people.mail']],
    ["CREATE FUNCTION f() RETURNS TABLE (x int, y text) LANGUAGE sql AS 'SELECT id, mail FROM people'", 'SELECT y FROM f()', ['y: public.people.mail']],
    ["CREATE FUNCTION f(OUT x int, OUT y text) LANGUAGE sql AS 'SELECT id, mail FROM people'", 'SELECT (f()).y', ['y: public.people.mail']],
    ["CREATE FUNCTION f(OUT x text) LANGUAGE sql AS 'SELECT mail FROM people'", 'SELECT f()', ['f: public.people.mail']],
    ["CREATE FUNCTION f(people) RETURNS text LANGUAGE sql AS 'SELECT $1.name'", 'SELECT p.f, (p).f, f(p) FROM people p', ['f: public.people.name', 'f: public.people.name', 'f: public.people.name']],
    ["CREATE FUNCTION f(text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'", 'SELECT f(mail), id FROM people', ['f: ~public.people.mail ?', 'id: public.people.id']],
    ["CREATE FUNCTION f() RETURNS TABLE (x int) LANGUAGE plpgsql AS 'BEGIN END'", 'SELECT x FROM f()', ['x:  ?']],
    ["CREATE VIEW v AS SELECT nobody_knows(mail) AS x, name FROM people", 'SELECT x, name FROM v', ['x: ~public.people.mail ?', 'name: public.people.name']],
    ["CREATE FUNCTION near(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = $2 OR EXISTS (SELECT 1 FROM people)'; CREATE OPERATOR ~=~ (FUNCTION = near, LEFTARG = text, RIGHTARG = text)", "SELECT name ~=~ 'x' FROM people", ['?column?: ~public.people.name']],
    ["CREATE AGGREGATE most(text) (SFUNC = textcat, STYPE = text)", 'SELECT most(mail) FROM people', ['most: ~public.people.mail ?']],
    ["CREATE FUNCTION f(int) RETURNS text LANGUAGE sql AS 'SELECT mail FROM people'; CREATE OR REPLACE FUNCTION f(int) RETURNS text LANGUAGE sql AS 'SELECT name FROM people'", 'SELECT f(1)', ['f: public.people.name']],
  ])('%s', (definition, sql, columns) => {
    expect(originsOf(`${PEOPLE} ${definition};`, sql)).toEqual(columns);
  });
});

describe('what cannot be told is refused, and said', () => {
  test.each([
    ['SELECT nothing FROM people', 'lineage_unknown', /column nothing/],
    ['SELECT 1 FROM nothing', 'lineage_unknown', /relation \?\.nothing/],
    ['SELECT x FROM broken', 'lineage_unknown', /view public\.broken cannot be followed: the relation \?\.nowhere is not known/],
    ['SELEC 1', 'syntax_error', /syntax error/],
    ['', 'syntax_error', /no statement/],
  ])('%s', (sql, reason, detail) => {
    const reports = reportLineage(sql, schemaOf(`${PEOPLE} CREATE VIEW broken AS SELECT x FROM nowhere;`));
    expect(reports.ok ? reports.value : reports.refusal).toMatchObject({ reason, detail: expect.stringMatching(detail) as string });
  });

  test('a schema that does not parse, with its line', () => {
    expect(readSchema(`${PEOPLE}\n\nCREATE TABEL x (a int);`)).toMatchObject({ ok: false, refusal: { reason: 'syntax_error', line: 3 } });
  });
});

test('statements of one text see what those before them left', () => {
  const reports = reportLineage('CREATE TEMP TABLE t AS SELECT mail FROM people; PREPARE p AS SELECT name FROM people; EXECUTE p; DECLARE c CURSOR FOR SELECT id FROM people ORDER BY mail; FETCH c', schemaOf(PEOPLE));
  expect(reports.ok && reports.value.map(({ statement, columns, writes }) => [statement, columns.flatMap(({ origins }) => origins.map(({ column }) => column)), writes.map(({ into }) => into)])).toEqual([
    ['create', [], ['pg_temp.t.mail']], ['select', [], []], ['select', ['public.people.name'], []], ['select', [], []], ['fetch', ['public.people.id'], []],
  ]);
});

test('thousands of tables and views, and megabytes of data, are read in seconds', () => {
  const tables = Array.from({ length: 2_000 }, (_, index) => `CREATE TABLE t${index} (id int, a text, b t${Math.max(0, index - 1)});\nCREATE VIEW v${index} AS SELECT a.id, b.a FROM t${index} a JOIN t${Math.max(0, index - 1)} b USING (id);\n`);
  const script = `${tables.join('')}COPY t1 FROM stdin;\n${"1\ta;'b\n".repeat(200_000)}\\.\nINSERT INTO t1 VALUES ${"(1, 'a''b;'),".repeat(100_000)} (1, 'x');\n`;
  expect(originsOf(script, 'SELECT a FROM v1999')).toEqual(['a: public.t1998.a']);
}, 60_000);

test('the clinic of the other specs reads as it stands', () => {
  const clinic = readFileSync(new URL('../../spec/clinic.sql', import.meta.url), 'utf8');
  expect(originsOf(clinic, 'SELECT loud, code_of(1), c FROM people_shout, people_joined')).toEqual(['loud: ~public.people.tax_no', 'code_of: public.people.tax_no', 'c: public.people.tax_no']);
});
