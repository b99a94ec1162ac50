import { beforeAll, describe, expect, test } from 'vitest';
import { clinic, meaningOf } from '../../spec/clinic.js';
import { loadParser, subjectsShown, type SubjectColumn } from '../index.js';

beforeAll(loadParser);

const SUBJECTS: readonly SubjectColumn[] = [{ schema: 'public', table: 'people', column: 'id' }, { schema: 'public', table: 'visits', column: 'person_id' }];

function shown(sql: string): readonly number[] | string {
  const found = subjectsShown(meaningOf(sql), SUBJECTS, clinic);
  return found.ok ? found.value.columns.map(({ index }) => index) : (/, because (.*)\.$/.exec(found.refusal.detail)?.[1] ?? found.refusal.reason);
}

describe('whose rows are shown', () => {
  test.each<[string, number[]]>([
    ['SELECT id, name FROM people', [0]],
    ['SELECT name, mail, id FROM people WHERE fee > 10 ORDER BY born LIMIT 5', [2]],
    ['TABLE people', [0]],
    ['SELECT upper(name), id, id FROM people', [1, 2]],
    ['SELECT p.id, v.person_id, v.price FROM people p LEFT JOIN visits v ON v.person_id = p.id', [0, 1]],
    ['SELECT pid, code FROM people_codes', [0]],
    ['SELECT id, moved_to FROM old_people', [0]],
    ['SELECT x.n, x.id FROM (SELECT id, name AS n FROM people) x', [1]],
    ['WITH x AS (SELECT id, name FROM people) SELECT name, id FROM x', [1]],
    ['SELECT id, name FROM people UNION ALL SELECT person_id, kind FROM visits', [0]],
    ['SELECT DISTINCT ON (ward) id, ward FROM people', [0]],
    ['COPY people TO STDOUT', [0]],
    ['COPY (SELECT name, id FROM people) TO STDOUT', [1]],
    ['UPDATE people SET fee = fee + 1 WHERE ward = $1 RETURNING id', [0]],
    ['DELETE FROM people WHERE ward = $1 RETURNING name, id', [1]],
    ['INSERT INTO people (id, name) VALUES (9, $1) RETURNING name, id', [1]],
  ])('%s', (sql, columns) => expect(shown(sql)).toEqual(columns));

  test.each([
    'SELECT count(*) FROM people', 'SELECT 1 FROM people LIMIT 3', 'SELECT body FROM notes', 'INSERT INTO people (id, name) VALUES (9, $1)', 'DELETE FROM people', 'UPDATE people SET ward = $1',
    'DECLARE c CURSOR FOR SELECT id, name FROM people WHERE fee > 1', 'SHOW timezone', 'PREPARE p AS SELECT name FROM people WHERE fee > 1', 'CREATE INDEX ON notes (body)', 'SELECT count(*) FROM people p, visits v',
  ])('nobody\'s: %s', (sql) => expect(shown(sql)).toEqual([]));
});

const NOT_SHOWN = 'it does not show public.people.id of the rows of public.people that it looks at';
const MIXED = 'it reads public.people, and makes one row of several';
const TWICE = 'it reads public.people more than once, in a subquery of an expression or in a function';
const TRACED = 'it changes or locks something by what stands in public.people';

describe('what cannot be counted', () => {
  test.each<[string, string]>([
    ['SELECT name FROM people', NOT_SHOWN],
    ['SELECT moved_to FROM old_people', NOT_SHOWN],
    ['SELECT id + 1, name FROM people', NOT_SHOWN],
    ['SELECT nullif(id, id), name FROM people', NOT_SHOWN],
    ['SELECT 1 FROM people WHERE name = $1', NOT_SHOWN],
    ['SELECT code FROM people_codes', NOT_SHOWN],
    ['SELECT v.person_id, p.name FROM visits v JOIN people p ON p.id = v.person_id', NOT_SHOWN],
    ['SELECT p.id, v.price FROM people p JOIN visits v ON v.person_id = p.id', 'it does not show public.visits.person_id of the rows of public.visits that it looks at'],
    ['SELECT n.id AS id, p.name FROM notes n JOIN people p USING (id)', NOT_SHOWN],
    ['SELECT id, p.name FROM notes n FULL JOIN people p USING (id)', NOT_SHOWN],
    ['UPDATE people SET fee = 1 WHERE id = 1', NOT_SHOWN],
        ['DECLARE c CURSOR FOR SELECT name FROM people', NOT_SHOWN],
    ['SELECT name FROM people EXCEPT SELECT body FROM notes', NOT_SHOWN],
    ['SELECT body FROM notes EXCEPT SELECT name FROM people', NOT_SHOWN],
    ['EXPLAIN SELECT id FROM people WHERE fee > 10', NOT_SHOWN],
    ['SELECT p FROM people p', NOT_SHOWN],
    ['SELECT a.id, b.name FROM people a, people b', TWICE],
    ['SELECT a.id, b.name FROM people a, old_people b', TWICE],
    ['SELECT id, name FROM people UNION ALL SELECT NULL, name FROM people', TWICE],
    ['SELECT p.id, c.code FROM people p, people_codes c', TWICE],
    ['SELECT n.id FROM notes n WHERE EXISTS (SELECT 1 FROM people WHERE name = n.body)', TWICE],
    ['SELECT (SELECT id FROM people ORDER BY fee LIMIT 1)', TWICE],
    ['SELECT ((SELECT p FROM people p LIMIT 1)).*', TWICE],
    ['SELECT (everyone()).*', TWICE],
    ['SELECT id, name FROM everyone()', TWICE],
    ['SELECT name_of(1)', TWICE],
    ['SELECT id, count(*) FROM people GROUP BY id', MIXED],
    ['SELECT id, string_agg(name, $1) OVER () FROM people', MIXED],
    ['SELECT id, max(name) OVER (ORDER BY id) FROM people', MIXED],
    ['SELECT id, name FROM people GROUP BY GROUPING SETS ((id), (name))', MIXED],
    ['SELECT max(fee) FROM people', MIXED],
    ['SELECT count(*) FROM people WHERE fee > 10', MIXED],
    ['SELECT id, json_arrayagg(name) FROM people GROUP BY id', MIXED],
    ['WITH x AS (SELECT id, name FROM people) SELECT a.id, b.name FROM x a, x b', MIXED],
    ['CREATE TABLE t AS SELECT id, name FROM people', TRACED],
    ['SELECT id, name INTO t FROM people', TRACED],
    ['CREATE VIEW v AS SELECT id, name FROM people', TRACED],
    ['CREATE MATERIALIZED VIEW v AS SELECT name FROM people', TRACED],
    ['INSERT INTO other.visits (secret) SELECT name FROM people', TRACED],
    ['INSERT INTO other.visits (secret) SELECT name FROM people RETURNING id', TRACED],
    ['UPDATE other.visits v SET secret = p.name FROM people p WHERE p.id = v.id RETURNING p.id', TRACED],
    ['UPDATE other.visits v SET secret = $1 FROM people p WHERE p.fee > 10 RETURNING p.id', TRACED],
    ['DELETE FROM other.visits v USING people p WHERE p.fee > 10 AND p.id = v.id RETURNING p.id', TRACED],
    ['SELECT id FROM people WHERE fee > 10 FOR UPDATE', TRACED],
    ["COPY people TO '/tmp/people'", TRACED],
    ['SELECT id FROM people WHERE fee > 10 AND random() < 1', 'it reads public.people and calls random, which may keep something of each row'],
    ['UPDATE visits SET person_id = 1 RETURNING person_id', 'it changes public.visits.person_id, which says whose a row is'],
    ['INSERT INTO visits (id, person_id) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET person_id = 1 RETURNING person_id', 'it changes public.visits.person_id, which says whose a row is'],
    ['MERGE INTO visits v USING notes n ON n.id = v.id WHEN MATCHED THEN UPDATE SET person_id = 1', 'it changes public.visits.person_id, which says whose a row is'],
    ['ALTER TABLE people RENAME COLUMN id TO number', 'it changes columns of public.people'],
    ['ALTER TABLE people RENAME TO folk', 'it changes columns of public.people'],
    ['COPY (SELECT id, name FROM people) TO STDOUT (FORMAT binary)', 'binary data of COPY does not say of which type it is'],
  ])('%s', (sql, why) => expect(shown(sql)).toBe(why));

  test.each(['DO $$ BEGIN END $$', 'SELECT run_text($1)', 'CALL tidy()', 'SELECT most_common_vals FROM pg_stats', 'SELECT * FROM people_dark'])('what cannot be followed: %s', (sql) => {
    expect(subjectsShown(meaningOf(sql), SUBJECTS, clinic)).toMatchObject({ ok: false, refusal: { reason: 'subjects_not_counted' } });
  });
});
