import { beforeAll, describe, expect, test } from 'vitest';
import { atClinic, clinic } from '../spec/clinic.js';
import { Budget } from './analysis/budget.js';
import { overlayCatalog } from './catalog/overlay.js';
import { interpretText, loadParser, parseStatements, SQL_LIMITS, type Interpretation } from './index.js';
import { parsingEffort } from './parser/effort.js';

beforeAll(loadParser);

const times = (count: number, part: (index: number) => string, between = ','): string => Array.from({ length: count }, (_, index) => part(index)).join(between);

/** The work of one text, in steps, and what came of it. */
function work(sql: string): { readonly steps: number; readonly outcome: ReturnType<typeof interpretText> } {
  const budget = new Budget();
  const outcome = interpretText(sql, atClinic, budget);
  return { steps: budget.used, outcome };
}

/** Texts whose length grows with n; what is written once per item is looked at once per item. */
const GROWING: Readonly<Record<string, (n: number) => string>> = {
  'a list of values': (n) => `SELECT id FROM visits WHERE id IN (${times(n, () => '1')})`,
  'rows of VALUES': (n) => `INSERT INTO notes VALUES ${times(n, (index) => `(${index}, 'x')`)}`,
  'VALUES that read columns': (n) => `SELECT 1 FROM people, LATERAL (VALUES ${times(n, () => '(name)')}) x`,
  'arms of OR': (n) => `DELETE FROM visits WHERE ${times(n, () => 'id = person_id', ' OR ')}`,
  'a long left side in a list of its like': (n) => `DELETE FROM visits WHERE ARRAY[${times(n, () => '1')}] IN (${times(n, () => 'ARRAY[1]')})`,
  'cases': (n) => `SELECT CASE ${times(n, () => 'WHEN id = 1 THEN ward', ' ')} END FROM visits`,
  'statements that make relations': (n) => times(Math.floor(n / 40), (index) => `CREATE TABLE made${index} (a int)`, ';'),
  'columns that are set': (n) => `UPDATE visits SET ${times(n, () => 'price = id')}`,
  'a column of one of many': (n) => `SELECT 1 FROM people WHERE row(${times(n, () => 'born')}) IS NULL`,
};

describe('the work of a text', () => {
  test.each(Object.entries(GROWING))('grows as the text does: %s', (_, textOf) => {
    const [less, more] = [work(textOf(1_000)), work(textOf(4_000))];
    expect([less.outcome.ok, more.outcome.ok]).toEqual([true, true]);
    expect(more.steps / less.steps).toBeLessThan(4.5);
  });

  test.each<[string, string]>([
    ['WITH queries that each look for the first', `WITH z AS (SELECT 1) ${times(16_000, (index) => `, a${index} AS (TABLE z)`, '')} SELECT 1`],
    ['names among many tables', `SELECT 1 FROM ${times(8_000, (index) => `visits v${index}`)} WHERE row(${times(8_000, () => 'v0.id')}) IS NULL`],
    ['unknown names among many unknown tables', `SELECT 1 FROM ${times(8_000, (index) => `no${index}`)} WHERE row(${times(8_000, (index) => `x${index}`)}) IS NULL`],
    ['locks of many tables', `SELECT 1 FROM ${times(8_000, (index) => `visits v${index}`)} ${times(8_000, () => 'FOR UPDATE', ' ')}`],
    ['natural joins of one table', `SELECT 1 FROM people p${times(240, (index) => ` NATURAL JOIN people p${index}`, '')} WHERE row(${times(60_000, () => 'id')}) IS NULL`],
    ['columns by their output names', `SELECT ${times(1_600, (index) => `1 AS o${index}`)} ORDER BY ${times(40_000, () => 'o1599')}`],
    ['whole rows', `SELECT 1 FROM people WHERE row(${times(40_000, () => 'people')}) IS NULL`],
    ['one large prepared statement run again and again', `PREPARE p AS SELECT ${times(1_000, () => `'${'x'.repeat(90)}'`)}; ${times(60, () => 'EXECUTE p', ';')}`],
  ])('has an end, with a clear refusal: %s', (_, sql) => {
    const { steps, outcome } = work(sql);
    expect(outcome).toMatchObject({ ok: false, refusal: { reason: 'statement_too_complex' } });
    expect(steps).toBeLessThan(SQL_LIMITS.analysisSteps * 1.6);
  });

  test('is that of the largest text at least', () => {
    expect(work(`SELECT '${'x'.repeat(SQL_LIMITS.textBytes - 20)}'`).steps).toBeGreaterThan(SQL_LIMITS.analysisSteps / 2);
  });

  test('includes the views that a text leads to, until they are known', () => {
    const steps = (): number => work('SELECT 1 FROM people_shout').steps;
    expect(steps()).toBeGreaterThanOrEqual(steps());
  });
});

test.each([
  ['1665 columns', `SELECT ${times(1_665, () => '1')}`],
  ['1670 columns of stars', `SELECT ${times(167, () => '*')} FROM people`],
])('a target list is as long as PostgreSQL lets it be: %s', (_, sql) => {
  expect(work(sql).outcome).toMatchObject({ ok: false, refusal: { reason: 'statement_too_complex', detail: expect.stringContaining('1664 columns') as string } });
  expect(work('SELECT *, 1 FROM people').outcome.ok).toBe(true);
});

describe('what the parser would make of a text', () => {
  const reasonOf = (sql: string): string => {
    const parsed = parseStatements(sql);
    return parsed.ok ? 'parsed' : parsed.refusal.reason;
  };

  test('is known before it is asked: a source that is written once for each column', () => {
    const names = (count: number): string => times(count, (index) => `c${index}`);
    const assigning = (columns: number, source: string): number => parsingEffort(`UPDATE t SET a = 1, (${names(columns)}) = (${source})`).written;
    const source = times(2_000, () => '1');
    expect(assigning(300, source)).toBeGreaterThan(300 * source.length);
    expect(assigning(300, source)).toBeLessThan(300 * source.length + 3_000);
    expect(parsingEffort(`UPDATE t SET a = 1 WHERE (${names(300)}) = (${source})`).written).toBeLessThan(2 * source.length + 3_000);
    expect(reasonOf(`UPDATE t SET (${names(400)}) /* ) = */ = (SELECT ${times(5_000, () => '1')})`)).toBe('statement_too_complex');
    expect(reasonOf(`WITH w AS (UPDATE t SET (${names(100)}) = (WITH v AS (UPDATE t SET (${names(100)}) = (SELECT ${times(100, () => '1')}) RETURNING 1) SELECT 1)) SELECT 1`)).toBe('statement_too_complex');
    expect(reasonOf('UPDATE t SET (a, "b,)", c[f(1, 2)]) = (SELECT 1, 2, 3) WHERE (a, b) = (1, 2)')).toBe('parsed');
  });

  test('is known before it is asked: signs that its lexer reads again and again', () => {
    for (const hostile of [`SELECT ${'+'.repeat(30_000)}1`, `${'/*'.repeat(30_000)}${'*/'.repeat(30_000)}SELECT 1`, `${'/**/'.repeat(15_000)}SELECT 1`]) {
      expect(reasonOf(hostile)).toBe('statement_too_complex');
    }
    for (const plain of [`/*${'*'.repeat(9_000)}*/ SELECT 1`, `-- ${'-'.repeat(9_000)}\nSELECT 1`, `SELECT '${'+'.repeat(9_000)}', $$${'/*'.repeat(9_000)}$$`]) expect(reasonOf(plain)).toBe('parsed');
  });

  test('is refused by the size of its tree, and the next text is parsed', () => {
    expect(reasonOf(`SELECT ${times(250_000, () => '1')}`)).toBe('statement_too_complex');
    expect(reasonOf('SELECT 1')).toBe('parsed');
  });
});

test('an overlay over overlays sees all of their changes, and lies on the picture itself', () => {
  let catalog = clinic;
  for (let index = 0; index < 20; index += 1) catalog = overlayCatalog(catalog, [{ kind: 'created', schema: 'public', name: `made${index}`, as: 'table', columns: ['a'], untilCommit: false }]);
  catalog = overlayCatalog(catalog, [{ kind: 'dropped', schema: 'public', name: 'made3' }, { kind: 'dropped', schema: 'public', name: 'notes' }]);
  expect(['made0', 'made3', 'made19', 'notes', 'people'].map((name) => catalog.relation('public', name)?.name)).toEqual(['made0', undefined, 'made19', undefined, 'people']);
  expect(catalog.base).toBe(clinic);
});

test('a comparison of literals binds a meaning to its text; one that ends before them does not', () => {
  const literalsMatter = (sql: string): boolean => {
    const { outcome } = work(sql);
    return (outcome as { value: Interpretation[] }).value[0]!.literalsMatter;
  };
  expect(literalsMatter('DELETE FROM visits WHERE id + 1 = id + 1')).toBe(true);
  expect(literalsMatter('DELETE FROM visits WHERE id + 1 = person_id + 1')).toBe(false);
});
