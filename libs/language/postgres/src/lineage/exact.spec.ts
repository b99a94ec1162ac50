import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { lineageCases, written } from '../../spec/lineage-cases.js';
import { RandomSql } from '../../spec/random-sql.js';
import { startClinic, type ClinicServer } from '../../spec/server.spec.js';
import { loadParser, readSchema, reportLineage, type LineageReport, type Schema } from '../index.js';

const cases = lineageCases(readFileSync(new URL('../../spec/lineage-cases.txt', import.meta.url), 'utf8'));
const described = readFileSync(new URL('../../spec/described.sql', import.meta.url), 'utf8').split('\n').filter((line) => line !== '');
/** Statements at random, and how many of them are asked again with every column of the clinic changed. */
const RANDOM = { compared: 600, disturbed: 90 };

let server: ClinicServer;
let client: pg.Client;
let schema: Schema;
let live: Schema;

beforeAll(async () => {
  await loadParser();
  const read = readSchema(readFileSync(new URL('../../spec/clinic.sql', import.meta.url), 'utf8'));
  if (!read.ok) throw new Error(read.refusal.detail);
  schema = read.value;
  server = await startClinic();
  client = await server.connect();
  await client.query('REFRESH MATERIALIZED VIEW people_kept');
  await client.query("SET statement_timeout = '5s'; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_hashagg = off");
  live = { catalog: await server.catalog(), searchPath: ['$user', 'public'] };
}, 120_000);

afterAll(async () => {
  await client.end();
  await server.stop();
});

function reportOf(sql: string, under: Schema = schema): LineageReport | undefined {
  const reports = reportLineage(sql, under);
  return reports.ok ? reports.value.at(-1) : undefined;
}

describe('origins and shaping columns', () => {
  test.each(cases)('$sql', ({ sql, expected }) => {
    const report = reportOf(sql);
    expect(report === undefined ? 'refused' : written(report)).toBe(expected);
  });

  test('of more than 250 result columns', () => {
    expect(cases.flatMap(({ sql }) => [...reportOf(sql)?.columns ?? [], ...reportOf(sql)?.writes ?? []]).length).toBeGreaterThan(250);
  });
});

test('a script of definitions means what a server makes of it', () => {
  const random = new RandomSql(4_711);
  const statements = [...cases.map(({ sql }) => sql), ...described, ...Array.from({ length: RANDOM.compared }, () => random.statement())];
  const told = statements.filter((sql) => {
    const [read, kept] = [reportOf(sql), reportOf(sql, live)];
    expect([sql, read]).toEqual([sql, kept]);
    return read !== undefined;
  });
  expect(told.length).toBeGreaterThan(statements.length * 0.9);
});

/** How each stored column is changed, whatever it holds; generated ones change with what they are made of. */
const CHANGES: Readonly<Record<string, string>> = {
  'public.people.id': 'id + 40', 'public.people.name': "name || 'q'", 'public.people.tax_no': "coalesce(tax_no, '') || id || 'q'", 'public.people.mail': "coalesce(mail, '') || 'q'",
  'public.people.fee': 'coalesce(fee, 0) * 3 - 31', 'public.people.ward': "CASE ward WHEN 'south' THEN 'north' WHEN 'north' THEN 'east' END", 'public.people.file': `'{"k":"w","z":"y"}'`,
  'public.people.labels': "ARRAY['q'] || labels", 'public.people.home': "ROW('q', 'r')::address", 'public.people.born': "'2019-03-03'::date + id",
  'public.visits.id': 'id + 7', 'public.visits.person_id': '3 - person_id', 'public.visits.price': '11 - price * 2', 'public.visits.ward': "CASE ward WHEN 'north' THEN 'west' ELSE 'north' END",
  'public.visits.kind': "kind || 'q'", 'public.visits.state': "CASE state WHEN 'open' THEN 'paid'::state ELSE 'open' END", 'public.notes.body': "body || 'q'", 'other.visits.secret': "secret || 'q'",
  'other.visits.id': '3 - id', 'public.Odd Name.Select': '"Select" + 4', 'public.Odd Name.a"b': `"a""b" || 'q'`, 'public.old_people.moved_to': "moved_to || 'q'", 'public.readings.value': 'value + 1', 'public.readings.at': 'at + 3',
  'public.bills.id': 'id + 9', 'public.bills.net': '14 - net', 'public.bills.tax': 'tax * 3', 'public.bills.doc': `'<a><b c="7">y</b><b c="8"/></a>'`, 'public.bills.lines': `'[{"n": 9, "of": [{"k": "w"}]}]'`,
  'public.bills.paid': 'NOT paid', 'public.bills.days': 'ARRAY[id, 3]', 'public.bills.made': "made - interval '70 days'",
};

/** The columns of a statement's answer, each as its values in order; undefined when it fails. What it does is undone. */
async function answer(sql: string): Promise<string[][] | undefined> {
  try {
    const results = await client.query<unknown[]>({ text: `SAVEPOINT asked; ${sql}; ROLLBACK TO asked`, rowMode: 'array' }) as unknown as pg.QueryArrayResult[];
    const last = results.at(-2);
    return (last?.fields ?? []).map((_, index) => (last?.rows ?? []).map((row) => JSON.stringify(row[index])));
  } catch {
    await client.query('ROLLBACK TO asked');
    return undefined;
  }
}

/** The answers where one stored column holds something else. */
async function disturbed(statements: readonly string[], column: string): Promise<Map<string, string[][] | undefined>> {
  const [schemaName, table, name] = column.split('.').map((part) => client.escapeIdentifier(part));
  const answers = new Map<string, string[][] | undefined>();
  await client.query('SAVEPOINT disturbed');
  await client.query(`UPDATE ${schemaName}.${table} SET ${name} = ${CHANGES[column]}; REFRESH MATERIALIZED VIEW people_kept`);
  for (const sql of statements) if (mentions(sql, column)) answers.set(sql, await answer(sql));
  await client.query('ROLLBACK TO disturbed');
  return answers;
}

/** Views and functions of the clinic read people and visits alone: of the other tables a statement must name one to read it. */
function mentions(sql: string, column: string): boolean {
  const table = column.split('.')[1] ?? '';
  return table === 'people' || (table === 'visits' && column.startsWith('public.')) || sql.includes(table);
}

/** Everything that a column may come from by its report: its origins, what those are made of or were written from, and what shapes. */
function mayDependOn({ shaping, writes, columns }: LineageReport, index: number): Set<string> {
  const from = new Set<string>();
  for (const { column, generatedFrom = [] } of [...shaping, ...columns[index]?.origins ?? []]) for (const one of [column, ...generatedFrom]) from.add(one);
  for (const write of writes) if (from.has(write.into)) for (const { column, generatedFrom = [] } of write.origins) for (const one of [column, ...generatedFrom]) from.add(one);
  // A change of the parent's rows changes its heirs' and partitions'.
  for (const one of Array.from(from)) from.add(one.replace('.old_people.', '.people.').replace('.readings_2024.', '.readings.'));
  return from;
}

/** Not asked: what gives no rows here, what is never the same, and where a row lies. */
const NOT_ASKED = /^(EXPLAIN|SHOW|COPY|CREATE|SELECT mail INTO|DECLARE|PREPARE)|tablesample|random\(\)|now\(\)|nextval|ctid|\$1/i;

test('no answer depends on a column that its report does not show', { timeout: 180_000 }, async () => {
  const random = new RandomSql(20_26);
  const statements = [...cases.map(({ sql }) => sql).filter((sql) => !NOT_ASKED.test(sql)), ...Array.from({ length: RANDOM.disturbed }, () => random.statement())];
  const reports = new Map(statements.flatMap((sql) => {
    const report = reportOf(sql);
    return report === undefined ? [] : [[sql, report] as const];
  }));
  const suspected: { readonly sql: string; readonly column: string; readonly index: number }[] = [];
  let seen = 0;
  await client.query('BEGIN; SET LOCAL session_replication_role = replica');
  const before = new Map<string, string[][]>();
  for (const sql of reports.keys()) {
    const told = await answer(sql);
    if (told !== undefined) before.set(sql, told);
  }
  for (const column of Object.keys(CHANGES)) {
    for (const [sql, after] of await disturbed([...before.keys()], column)) {
      const report = reports.get(sql);
      for (const [index, values] of (before.get(sql) ?? []).entries()) {
        if (report === undefined || after === undefined || String(after[index]) === String(values)) continue;
        seen += 1;
        if (report.columns[index]?.readsUnknown !== true && !mayDependOn(report, index).has(column)) suspected.push({ sql, column, index });
      }
    }
  }
  const missed: string[] = [];
  for (const { sql, column, index } of suspected) {
    // What depends on a column differs whenever it is asked; what differs by the way it was run does not.
    const [same, other] = [(await answer(sql))?.[index], (await disturbed([sql], column)).get(sql)?.[index]];
    if (other !== undefined && String(same) !== String(other)) missed.push(`column ${index + 1} of ${sql} changes with ${column}: ${same} became ${other}`);
  }
  await client.query('ROLLBACK');
  expect(missed).toEqual([]);
  expect(seen).toBeGreaterThan(500);
});
