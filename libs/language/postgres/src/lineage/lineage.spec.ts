import { beforeAll, describe, expect, test } from 'vitest';
import { meaningOf, meanings } from '../../spec/clinic.js';
import { loadParser, type ColumnRef, type Interpretation, type Lineage } from '../index.js';

beforeAll(loadParser);

function toldLineage({ lineage }: Interpretation): Lineage {
  if (!lineage.ok) throw new Error(lineage.refusal.detail);
  return lineage.value;
}

/** `name = origin+origin` for what is direct, `name ~ …` for what is derived, `name` for what comes from nothing stored. */
function shown(lineage: Lineage): string[] {
  return lineage.columns.map(({ name, origins, derivation }) => (origins.length === 0 ? name : `${name} ${derivation === 'direct' ? '=' : '~'} ${short(origins)}`));
}

function short(columns: readonly ColumnRef[]): string {
  return columns.map(({ table, column }) => `${table}.${column}`).sort().join('+');
}

describe('output columns', () => {
  test.each<[string, string[]]>([
    ['SELECT tax_no, mail AS m FROM people', ['tax_no = people.tax_no', 'm = people.mail']],
    ['SELECT p.name FROM people AS p (a, name)', ['name = people.name']],
    ['SELECT a FROM people AS p (a)', ['a = people.id']],
    ['SELECT x FROM (SELECT tax_no AS x FROM people) t', ['x = people.tax_no']],
    ['SELECT "?column?" FROM (SELECT tax_no || \'\' FROM people) t', ['?column? ~ people.tax_no']],
    ['WITH a (k) AS (SELECT tax_no FROM people) SELECT k FROM a', ['k = people.tax_no']],
    ['WITH RECURSIVE r (n, v) AS (SELECT 1, mail FROM people UNION ALL SELECT n + 1, v FROM r) SELECT v, n FROM r', ['v = people.mail', 'n']],
    ['WITH RECURSIVE r (a, b, c) AS (SELECT id, name, mail FROM people UNION ALL SELECT a, c, b FROM r) SELECT b FROM r', ['b = people.mail+people.name']],
    ['WITH RECURSIVE r (a, b, c) AS (SELECT id, name, mail FROM people UNION ALL SELECT a, b || c, b FROM r) SELECT c FROM r', ['c ~ people.mail+people.name']],
    ['WITH RECURSIVE a AS (SELECT k FROM b), b (k) AS (SELECT tax_no FROM people) SELECT k FROM a', ['k = people.tax_no']],
    ['SELECT name FROM people UNION ALL SELECT tax_no FROM people', ['name = people.name+people.tax_no']],
    ['SELECT id FROM people EXCEPT SELECT id FROM visits', ['id = people.id']],
    ['VALUES ((SELECT mail FROM people LIMIT 1)), (\'x\')', ['column1 = people.mail']],
    ['SELECT v.x FROM people p, LATERAL (VALUES (p.tax_no)) v (x)', ['x = people.tax_no']],
    ['SELECT (SELECT mail FROM people q WHERE q.id = p.id) FROM people p', ['mail = people.mail']],
    ['SELECT ARRAY(SELECT mail FROM people), EXISTS (SELECT mail FROM people), \'x\' IN (SELECT mail FROM people)', ['array ~ people.mail', 'exists', '?column? ~ people.mail']],
    ['SELECT tax_no::text, tax_no COLLATE "C" FROM people', ['tax_no ~ people.tax_no', 'tax_no = people.tax_no']],
    ['SELECT CASE WHEN fee > 1 THEN name END, coalesce(mail, name), nullif(mail, name) FROM people', ['case ~ people.name', 'coalesce ~ people.mail+people.name', 'nullif ~ people.mail+people.name']],
    ['SELECT count(*), count(mail), max(fee), string_agg(mail, name) FROM people', ['count', 'count ~ people.mail', 'max ~ people.fee', 'string_agg ~ people.mail+people.name']],
    ['SELECT mode() WITHIN GROUP (ORDER BY mail), rank() OVER (ORDER BY mail) FROM people', ['mode ~ people.mail', 'rank']],
    ['SELECT first_value(mail) OVER (ORDER BY id) FROM people', ['first_value ~ people.mail']],
    ['SELECT (p).mail, (ROW(id, mail)).f2, mail(p) FROM people p', ['mail = people.mail', 'f2 = people.mail', 'mail = people.mail']],
    ['SELECT (s).* FROM (SELECT v AS s FROM visits v) q', ['id = visits.id', 'person_id = visits.person_id', 'price = visits.price', 'ward = visits.ward', 'kind = visits.kind']],
    ['SELECT (home).*, (home).town FROM people', ['street ~ people.home', 'town ~ people.home', 'town ~ people.home']],
    ['SELECT v FROM visits v', ['v ~ visits.id+visits.kind+visits.person_id+visits.price+visits.ward']],
    ['SELECT value FROM people, jsonb_each_text(file)', ['value ~ people.file']],
    ['SELECT l FROM people, unnest(labels) l', ['l ~ people.labels']],
    ['SELECT code, loud FROM people_codes JOIN people_shout USING (pid)', ['code = people.tax_no', 'loud ~ people.tax_no']],
    ['SELECT kept FROM people_kept', ['kept = people.tax_no']],
    ['SELECT code_of(1), name_of(2), doubled(fee) FROM people', ['code_of = people.tax_no', 'name_of = people.name', 'doubled ~ people.fee']],
    ['SELECT mail FROM everyone()', ['mail = people.mail']],
    ['SELECT y FROM pairs()', ['y = people.mail']],
    ['SELECT label(p) FROM people p', ['label ~ people.name+people.ward']],
    ['SELECT ward FROM people JOIN visits USING (ward)', ['ward = people.ward+visits.ward']],
    ['INSERT INTO notes (body) SELECT mail FROM people RETURNING body', ['body = notes.body']],
    ['UPDATE people SET name = \'x\' RETURNING old.mail, new.name', ['mail = people.mail', 'name = people.name']],
    ['DELETE FROM visits USING people p WHERE p.id = person_id RETURNING p.mail', ['mail = people.mail']],
    ['COPY people (id, mail) TO STDOUT', ['id = people.id', 'mail = people.mail']],
    ['COPY (SELECT mail FROM people) TO STDOUT', ['mail = people.mail']],
    ['EXPLAIN SELECT mail FROM people', ['QUERY PLAN']],
    ['SHOW work_mem', ['work_mem']],
    ['PREPARE p AS SELECT mail FROM people', []],
  ])('%s', (sql, columns) => {
    expect(shown(toldLineage(meaningOf(sql)))).toEqual(columns);
  });
});

describe('columns that shape the rows', () => {
  test.each<[string, string]>([
    ['SELECT id FROM people WHERE mail = $1', 'people.mail'],
    ['SELECT p.id FROM people p JOIN visits v ON v.person_id = p.id', 'people.id+visits.person_id'],
    ['SELECT p.name FROM people p JOIN visits v USING (id)', 'people.id+visits.id'],
    ['SELECT count(*) FROM people GROUP BY mail', 'people.mail'],
    ['SELECT substr(mail, 1) AS s, count(*) FROM people GROUP BY s', 'people.mail'],
    ['SELECT mail, count(*) FROM people GROUP BY 1 ORDER BY 2', 'people.mail'],
    ['SELECT ward, count(*) FROM people GROUP BY ROLLUP (ward, (born))', 'people.born+people.ward'],
    ['SELECT 1 FROM people GROUP BY ward HAVING max(fee) > 3', 'people.fee+people.ward'],
    ['SELECT id FROM people ORDER BY mail', 'people.mail'],
    ['SELECT mail AS id FROM people ORDER BY id', 'people.mail'],
    ['SELECT DISTINCT mail FROM people', 'people.mail'],
    ['SELECT DISTINCT ON (mail) id FROM people', 'people.mail'],
    ['SELECT mail FROM people UNION SELECT name FROM people', 'people.mail+people.name'],
    ['SELECT mail FROM people UNION ALL SELECT name FROM people', ''],
    ['SELECT rank() OVER (PARTITION BY ward ORDER BY mail) FROM people', 'people.mail+people.ward'],
    ['SELECT count(*) OVER w FROM people WINDOW w AS (ORDER BY fee)', 'people.fee'],
    ['SELECT count(*) FILTER (WHERE mail IS NULL) FROM people', 'people.mail'],
    ['SELECT count(DISTINCT mail) FROM people', 'people.mail'],
    ['SELECT array_agg(id ORDER BY mail) FROM people', 'people.mail'],
    ['SELECT CASE WHEN mail LIKE \'a%\' THEN 1 END FROM people', 'people.mail'],
    ['SELECT CASE mail WHEN $1 THEN 1 END FROM people', 'people.mail'],
    ['SELECT id FROM visits LIMIT (SELECT max(fee) FROM people)', 'people.fee'],
    ['SELECT 1 WHERE EXISTS (SELECT 1 FROM people WHERE mail = $1)', 'people.mail'],
    ['SELECT id FROM visits WHERE person_id IN (SELECT id FROM people WHERE fee > 1)', 'people.fee+people.id+visits.person_id'],
    ['SELECT 1 FROM people, jsonb_each_text(file)', 'people.file'],
    ['SELECT unnest(labels) FROM people', 'people.labels'],
    ['SELECT generate_series(1, id) FROM people', 'people.id'],
    ['SELECT id FROM people_paying', 'people.fee'],
    ['UPDATE visits SET price = 1 WHERE ward = \'x\'', 'visits.ward'],
    ['INSERT INTO people (id, mail) VALUES (1, \'x\') ON CONFLICT (tax_no) DO NOTHING', 'people.tax_no'],
    ['MERGE INTO visits v USING people p ON p.id = v.person_id AND p.fee > 1 WHEN MATCHED AND p.mail = $1 THEN DELETE', 'people.fee+people.id+people.mail+visits.person_id'],
    ['ALTER TABLE people ADD CHECK (mail <> \'x\')', 'people.mail'],
    ['ALTER TABLE people ALTER fee TYPE int USING fee::int', 'people.fee'],
    ['CREATE UNIQUE INDEX ON people (mail)', 'people.mail'],
    ['CREATE TABLE t (m text REFERENCES people (tax_no))', 'people.tax_no'],
    ['EXPLAIN SELECT id FROM people WHERE mail = $1', 'people.mail'],
    ['EXPLAIN ANALYZE SELECT 1 / fee FROM people', 'people.fee'],
  ])('%s', (sql, columns) => {
    expect(short(toldLineage(meaningOf(sql)).shaping)).toBe(columns);
  });
});

describe('where lineage cannot be told', () => {
  test.each([
    'SELECT * FROM nothing', 'SELECT nobody FROM people', "SELECT run_text('select 1')", 'DO $$ BEGIN END $$', 'CALL tidy()', 'SELECT loops(1)', "SELECT 'a' ~=~ 'b'", "SELECT dblink('', '')",
    "SELECT table_to_xml('people', true, false, '')", "SELECT pg_read_file('x')", 'SELECT said FROM people_dark', 'SELECT 1 FROM people_dark', 'FETCH ALL FROM c', 'SELECT attname FROM pg_stats',
    'SELECT (current_setting(\'x\')).*', 'CREATE EXTENSION x', 'SELECT * FROM people NATURAL JOIN nothing',
  ])('%s', (sql) => {
    expect(meaningOf(sql).lineage).toMatchObject({ ok: false, refusal: { reason: 'lineage_unknown' } });
  });
});

test('a column is known by its oid and number, and by those it shares values with', () => {
  const [column] = toldLineage(meaningOf('SELECT code FROM people_codes')).columns;
  expect(column?.named).toEqual([expect.objectContaining({ oid: 207, attnum: 2 })]);
  expect(column?.origins).toEqual([expect.objectContaining({ oid: 200, attnum: 3 })]);
  expect(column?.origins[0]?.alike.map(({ table, column: name }) => `${table}.${name}`)).toEqual(['old_people.tax_no', 'people_codes.code']);
});

test('a table made in the same text has columns without origins', () => {
  const [, second] = meanings('CREATE TEMP TABLE t AS SELECT id AS n FROM people; SELECT * FROM t');
  expect(second === undefined ? [] : shown(toldLineage(second))).toEqual(['n = t.n']);
});
