import { beforeAll, describe, expect, test } from 'vitest';
import { isSensitive, meaningOf } from '../../spec/clinic.js';
import { checkSensitive, interpretText, loadParser, readSchema, type ColumnFinding, type SensitiveFindings } from '../index.js';

beforeAll(loadParser);

function findings(sql: string): SensitiveFindings {
  const { lineage } = meaningOf(sql);
  if (!lineage.ok) throw new Error(lineage.refusal.detail);
  return checkSensitive(lineage.value, isSensitive);
}

function short(finding: ColumnFinding): string {
  if (finding === 'clear') return '-';
  return 'direct' in finding ? `mask ${finding.direct.column}${finding.mixed ? ', mixed' : ''}` : `refuse ${finding.derived.map(({ column }) => column).join('+')}`;
}

describe('what must happen to output columns', () => {
  test.each<[string, string[]]>([
    ['SELECT id, name, tax_no FROM people', ['-', '-', 'mask tax_no']],
    ['TABLE people', ['-', '-', 'mask tax_no', 'mask mail', 'mask fee', '-', 'mask file', 'mask labels', '-', '-']],
    ['SELECT upper(tax_no), md5(mail), fee + 1 FROM people', ['refuse tax_no', 'refuse mail', 'refuse fee']],
    ['SELECT name || tax_no FROM people', ['refuse tax_no']],
    ['SELECT name FROM people UNION ALL SELECT mail FROM people', ['mask mail, mixed']],
    ['SELECT mail FROM people UNION ALL SELECT mail FROM people', ['mask mail']],
    ['SELECT mail FROM people UNION ALL SELECT mail FROM old_people', ['mask mail']],
    ['SELECT mail FROM people UNION ALL SELECT \'guess\'', ['mask mail, mixed']],
    ['SELECT mail FROM people UNION ALL SELECT $1', ['mask mail, mixed']],
    ['VALUES ((SELECT mail FROM people LIMIT 1)), (\'guess\')', ['mask mail, mixed']],
    ['SELECT (SELECT mail FROM people UNION ALL SELECT \'guess\')', ['mask mail, mixed']],
    ['WITH t AS (SELECT mail FROM people UNION ALL SELECT \'guess\') SELECT u.mail FROM (SELECT * FROM t) u', ['mask mail, mixed']],
    ['WITH RECURSIVE r(n, v) AS (SELECT 1, \'guess\'::text UNION ALL SELECT 2, mail FROM people) SELECT v FROM r', ['mask mail, mixed']],
    ['WITH RECURSIVE r(n, v) AS (SELECT 1, mail FROM people UNION ALL SELECT n + 1, v FROM r WHERE n < 3) SELECT v FROM r', ['mask mail']],
    ['SELECT v FROM visits x, LATERAL (SELECT mail FROM people UNION ALL SELECT x.kind) t(v)', ['mask mail, mixed']],
    ['SELECT tax_no FROM people UNION ALL SELECT mail FROM people', ['refuse tax_no+mail']],
    ['SELECT code, pid FROM people_codes', ['mask tax_no', '-']],
    ['SELECT loud FROM people_shout', ['refuse tax_no']],
    ['SELECT mail FROM old_people', ['mask mail']],
    ['SELECT p FROM people p', ['refuse tax_no+mail+fee+file+labels']],
    ['SELECT code_of(1)', ['mask tax_no']],
    ['SELECT price FROM visits', ['-']],
  ])('%s', (sql, expected) => {
    expect(findings(sql).columns.map(short)).toEqual(expected);
  });
});

describe('statements to refuse', () => {
  test.each<[string, Partial<Record<'shaping' | 'writesSensitive' | 'altersSensitive', string[]>> & { carries?: boolean }]>([
    ['SELECT id FROM people WHERE tax_no LIKE \'1%\'', { shaping: ['tax_no'] }],
    ['SELECT id FROM people ORDER BY fee', { shaping: ['fee'] }],
    ['SELECT 1 FROM people_codes WHERE code = $1', { shaping: ['tax_no'] }],
    ['SELECT 1 FROM old_people WHERE mail = $1', { shaping: ['mail'] }],
    ['SELECT id FROM (SELECT id, 1 / (fee - 10) FROM people OFFSET 0) t', { shaping: ['fee'] }],
    ['WITH t AS MATERIALIZED (SELECT id, 1 / fee AS f FROM people) SELECT id FROM t', { shaping: ['fee'] }],
    ['DECLARE c CURSOR FOR SELECT 1 / fee FROM people', { shaping: ['fee'] }],
    ['CREATE TABLE t AS SELECT mail FROM people', { carries: true }],
    ['SELECT mail INTO t FROM people', { carries: true }],
    ['CREATE VIEW v AS SELECT upper(mail) AS m FROM people', { carries: true }],
    ['CREATE MATERIALIZED VIEW v AS SELECT mail FROM people', { carries: true }],
    ['INSERT INTO notes (body) SELECT mail FROM people', { carries: true }],
    ['INSERT INTO notes (body) VALUES ((SELECT mail FROM people LIMIT 1))', { carries: true }],
    ['UPDATE people SET name = mail', { carries: true }],
    ['UPDATE people SET (name, ward) = (SELECT mail, \'x\' FROM people LIMIT 1)', { carries: true }],
    ['UPDATE people SET file = to_jsonb(mail)', { carries: true, writesSensitive: ['file'] }],
    ['UPDATE people SET fee = 1 / fee', { shaping: ['fee'], writesSensitive: ['fee'] }],
    ['INSERT INTO notes (id, body) VALUES (1, \'x\') ON CONFLICT (id) DO UPDATE SET body = (SELECT mail FROM people LIMIT 1)', { carries: true }],
    ['MERGE INTO notes n USING people p ON p.id = n.id WHEN MATCHED THEN UPDATE SET body = p.mail', { carries: true }],
    ['ALTER TABLE people ADD copy text GENERATED ALWAYS AS (mail) STORED', { carries: true, shaping: ['mail'] }],
    ['ALTER TABLE people RENAME COLUMN mail TO colour', { altersSensitive: ['mail'] }],
    ['ALTER TABLE people RENAME TO folk', { altersSensitive: ['tax_no', 'mail', 'fee', 'file', 'labels'] }],
    ['ALTER SCHEMA public RENAME TO p', { altersSensitive: ['tax_no', 'mail', 'fee', 'file', 'labels'] }],
    ['ALTER TABLE old_people NO INHERIT people', { altersSensitive: ['tax_no', 'mail', 'fee', 'file', 'labels'] }],
    ['ALTER TABLE notes ATTACH PARTITION old_people DEFAULT', { altersSensitive: ['tax_no', 'mail', 'fee', 'file', 'labels'] }],
    ['CREATE TRIGGER t AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION run_text()', { shaping: ['tax_no', 'mail', 'fee', 'file', 'labels'] }],
    ['INSERT INTO "Odd Name" ("Select") VALUES (1)', { shaping: ['fee'] }],
    ['UPDATE "Odd Name" SET "Select" = 1', { shaping: ['fee'] }],
    ['UPDATE "Odd Name" SET "a""b" = 1', { shaping: ['mail'] }],
    ['DELETE FROM "Odd Name"', { shaping: ['mail'] }],
    ['UPDATE people SET born = NULL', { shaping: ['file'] }],
    ['CREATE POLICY p ON people USING (mail = current_user)', { shaping: ['mail'] }],
    ['EXPLAIN VERBOSE SELECT code_of(1)', { shaping: ['tax_no'] }],
    ['INSERT INTO people (id, tax_no) VALUES (9, \'guess\')', { shaping: ['tax_no'], writesSensitive: ['tax_no'] }],
    ['UPDATE people SET mail = \'x\' WHERE id = 1', { writesSensitive: ['mail'] }],
    ['INSERT INTO people_codes (pid, post) VALUES (9, \'x\')', { writesSensitive: ['mail'] }],
    ['UPDATE people SET mail = mail WHERE id = 1', { writesSensitive: ['mail'] }],
  ])('%s', (sql, expected) => {
    const found = findings(sql);
    const names = (columns: readonly { column: string }[]): string[] => columns.map(({ column }) => column);
    expect({ shaping: names(found.shaping), writesSensitive: names(found.writesSensitive), altersSensitive: names(found.altersSensitive), carries: found.carries, clear: found.clear })
      .toEqual({ shaping: [], writesSensitive: [], altersSensitive: [], carries: false, clear: false, ...expected });
  });
});

describe('statements that have nothing to do with it', () => {
  test.each([
    'SELECT id, name, ward FROM people WHERE ward = \'north\' ORDER BY name LIMIT 3', 'SELECT count(*) FROM people', 'SELECT ward, count(*) FROM people GROUP BY ward',
    'SELECT p.name, v.price FROM people p JOIN visits v ON v.person_id = p.id', 'SELECT p.name FROM people p WHERE EXISTS (SELECT mail FROM people q WHERE q.id = p.id)',
    'SELECT name FROM people UNION SELECT ward FROM visits', 'SELECT name_of(1), doubled(2)', 'SELECT pid FROM people_codes', 'INSERT INTO notes (body) SELECT name FROM people',
    'INSERT INTO people (id, name) VALUES (9, \'x\')', 'INSERT INTO "Odd Name" ("a""b") VALUES (1)', 'UPDATE people SET name = initcap(name) WHERE id = 1 RETURNING id', 'DELETE FROM people WHERE id = 1', 'CREATE TABLE t AS SELECT id, name FROM people',
    'CREATE TABLE t (LIKE people)', 'COPY people (id, name) TO STDOUT', 'DROP TABLE people', 'TRUNCATE people', 'ALTER TABLE people ADD note text', 'ALTER TABLE people RENAME COLUMN ward TO w',
    'CREATE INDEX ON people (name)', 'EXPLAIN SELECT * FROM people', 'BEGIN', 'SET work_mem = \'4MB\'', 'SELECT relname FROM pg_class', 'PREPARE p AS SELECT mail FROM people', 'GRANT SELECT ON people TO bob',
  ])('%s', (sql) => {
    expect(findings(sql).clear).toBe(true);
  });
});

test('a rule on a view\'s column counts for what is read through it', () => {
  const { lineage } = meaningOf('SELECT post FROM people_codes');
  const byView = lineage.ok ? checkSensitive(lineage.value, ({ table, column }) => table === 'people_codes' && column === 'post') : undefined;
  expect(byView?.columns).toEqual([{ direct: expect.objectContaining({ table: 'people_codes', column: 'post' }) }]);
});

test('total derivations are told from those that may fail', () => {
  const total = (sql: string): unknown => findings(sql).columns.map((finding) => (finding !== 'clear' && 'derived' in finding ? finding.total : undefined));
  expect(total('SELECT upper(mail), mail || name, fee::text, CASE WHEN id = 1 THEN mail END FROM people')).toEqual([true, true, true, true]);
  expect(total('SELECT 1 / fee, mail::int, substr(mail, 1), repeat(mail, 9), mail::varchar[] FROM people')).toEqual([false, false, false, false, false]);
  // Arrays of different dimensions cannot be joined, and documents not always.
  expect(total("SELECT ARRAY[mail, name], ARRAY[labels, labels], labels || labels, file || '1', mail || 'x', ARRAY(SELECT labels FROM people) FROM people")).toEqual([true, false, false, false, true, false]);
});

describe('a generated column that no rule names holds what it is computed from', () => {
  const script = `CREATE TABLE people (id int, mail text, host text GENERATED ALWAYS AS (split_part(mail, '@', 2)) STORED, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL, fee int GENERATED ALWAYS AS (length(mail)) STORED);
    CREATE VIEW hosts AS SELECT host FROM people;`;
  const found = (sql: string): SensitiveFindings | undefined => {
    const schema = readSchema(script);
    const meaning = schema.ok ? interpretText(sql, { ...schema.value, target: 'clinic', database: 'clinic', user: 'agent' }) : undefined;
    const lineage = meaning?.ok === true ? meaning.value[0]?.lineage : undefined;
    return lineage?.ok === true ? checkSensitive(lineage.value, isSensitive) : undefined;
  };

  test.each<[string, string[]]>([
    ['SELECT host, twice, id FROM people', ['refuse mail', '-', '-']],
    ['SELECT host FROM hosts', ['refuse mail']],
    ['SELECT fee FROM people', ['mask fee']],
  ])('%s', (sql, expected) => {
    expect(found(sql)?.columns.map(short)).toEqual(expected);
  });

  test('in conditions and in copies, too', () => {
    expect(found("SELECT id FROM people WHERE host = 'x'")?.shaping.map(({ column }) => column)).toEqual(['mail']);
    expect(found('CREATE TABLE t AS SELECT host FROM people')?.carries).toBe(true);
    expect(found('CREATE TABLE t AS SELECT twice FROM people')?.carries).toBe(false);
  });
});

describe('comparisons with parameters', () => {
  const compared = (sql: string): string => {
    const { lineage } = meaningOf(sql);
    if (!lineage.ok) throw new Error(lineage.refusal.detail);
    const found = checkSensitive(lineage.value, isSensitive, ({ column }) => column === 'mail' || column === 'tax_no');
    return [...found.compared.map(({ column, parameters }) => `${column.column}=${parameters.join()}`), ...found.shaping.map(({ column }) => `refuse ${column}`)].join(' ');
  };

  test.each([
    ['SELECT id FROM people WHERE mail = $1', 'mail=1'],
    ['SELECT mail FROM people p WHERE $1 = p.mail AND p.name = $2', 'mail=1'],
    ['SELECT id FROM people WHERE mail IN ($1, $2::text) AND tax_no = $3', 'mail=1,2 tax_no=3'],
    ['UPDATE people SET name = $2 WHERE mail = $1', 'mail=1'],
    ['DELETE FROM people WHERE mail = $1 RETURNING mail', 'mail=1'],
    ['SELECT id FROM people WHERE id IN (SELECT id FROM people WHERE mail = $1)', 'mail=1'],
  ])('count as such: %s', (sql, expected) => expect(compared(sql)).toBe(expected));

  test.each([
    ['a literal', "SELECT id FROM people WHERE mail = 'x'"], ['another operator', 'SELECT id FROM people WHERE mail <> $1'], ['an order', 'SELECT id FROM people WHERE mail >= $1'], ['a pattern', 'SELECT id FROM people WHERE mail LIKE $1'],
    ['a disjunction', 'SELECT id FROM people WHERE mail = $1 OR id = 1'], ['NOT', 'SELECT id FROM people WHERE NOT mail = $1'], ['NOT IN', 'SELECT id FROM people WHERE mail NOT IN ($1)'],
    ['a changed column', 'SELECT id FROM people WHERE lower(mail) = $1'], ['a changed parameter', "SELECT id FROM people WHERE mail = $1 || ''"], ['a parameter cut off', 'SELECT id FROM people WHERE mail = $1::varchar(3)'],
    ['a parameter that is shown', 'SELECT $1::text FROM people WHERE mail = $1'], ['a parameter that is written', 'UPDATE people SET name = $1 WHERE mail = $1'], ['a parameter that is compared with another column', 'SELECT id FROM people WHERE mail = $1 AND name = $1'],
    ['a column that orders, too', 'SELECT id FROM people WHERE mail = $1 ORDER BY mail'], ['a column that is compared otherwise, too', 'SELECT id FROM people WHERE mail = $1 AND mail > $2'],
    ['a subquery with rows of its own', "SELECT 1 FROM (SELECT mail FROM people UNION ALL SELECT 'guess') t WHERE mail = $1"], ['a WITH query', 'WITH t AS (SELECT mail FROM people) SELECT 1 FROM t WHERE mail = $1'],
    ['an outer column', 'SELECT id FROM people p WHERE EXISTS (SELECT 1 FROM notes WHERE p.mail = $1)'],
    ['a view', 'SELECT 1 FROM people_codes WHERE code = $1'], ['a plan that is shown', 'EXPLAIN SELECT id FROM people WHERE mail = $1'], ['a cursor', 'DECLARE c CURSOR FOR SELECT id FROM people WHERE mail = $1'],
    ['what is prepared by SQL', 'PREPARE p AS SELECT id FROM people WHERE mail = $1'], ['a HAVING', 'SELECT count(*) FROM people HAVING max(mail) = $1'], ['a join', 'SELECT p.id FROM people p JOIN notes n ON p.mail = $1'],
    ['a number', 'SELECT id FROM people WHERE fee = $1'],
  ])('do not count with %s', (_, sql) => expect(compared(sql)).toMatch(/^(refuse \w+ ?)+$/));

  test('none counts where nobody asks for them', () => {
    expect(findings('SELECT id FROM people WHERE mail = $1')).toMatchObject({ compared: [], shaping: [{ column: 'mail' }] });
  });
});
