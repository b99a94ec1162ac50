import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { startClinic, type ClinicServer } from '../spec/server.spec.js';
import {
  completeSearchPath, interpretText, loadParser, parseSearchPath, type Catalog, type InterpretationContext, type LineageColumn,
} from './index.js';

/** Held against a real PostgreSQL: what it describes, and how it resolves names. */
const described = readFileSync(new URL('../spec/described.sql', import.meta.url), 'utf8').split('\n').filter((line) => line !== '');

let server: ClinicServer;
let client: pg.Client;
let catalog: Catalog;
let context: InterpretationContext;

beforeAll(async () => {
  await loadParser();
  server = await startClinic();
  client = await server.connect();
  catalog = await server.catalog();
  context = { catalog, target: 'clinic', database: 'clinic', searchPath: ['$user', 'public'], user: 'clinic' };
}, 120_000);

afterAll(async () => {
  await client.end();
  await server.stop();
});

/** Runs a statement inside a transaction that is undone, and says what its rows look like. */
async function rowDescription(sql: string): Promise<pg.FieldDef[]> {
  await client.query('BEGIN');
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).fields;
  } finally {
    await client.query('ROLLBACK');
  }
}

function lineageColumns(sql: string): readonly LineageColumn[] {
  const meaning = interpretText(sql, context);
  if (!meaning.ok) throw new Error(`${sql}: ${meaning.refusal.detail}`);
  const lineage = meaning.value[0]?.lineage;
  if (lineage?.ok !== true) throw new Error(`${sql}: ${lineage?.refusal.detail ?? 'no statement'}`);
  return lineage.value.columns;
}

describe('lineage and RowDescription agree', () => {
  test.each(described)('%s', async (sql) => {
    const fields = await rowDescription(sql);
    const columns = lineageColumns(sql);
    expect(columns.map((column) => column.name)).toEqual(fields.map((field) => field.name));
    fields.forEach((field, index) => {
      if (field.tableID === 0 || field.columnID <= 0) return;
      const column = columns[index];
      const named = [...(column?.named ?? []), ...(column?.origins ?? []).flatMap((origin) => [origin, ...origin.alike])];
      expect(named).toContainEqual(expect.objectContaining({ oid: field.tableID, attnum: field.columnID }));
    });
  });
});

describe('names resolve as the server resolves them', () => {
  const paths = ['public', 'other, public', 'public, other', '"$user", public', 'pg_catalog, other', 'other, pg_catalog', 'nowhere, OTHER', '"OTHER", public', "''", 'pg_temp, public'];
  const names = ['visits', 'people', 'pg_class', 'people_codes', 'nothing', 'tickets', 'pg_stats', '"Odd Name"'];

  test.each(paths)('search_path %s', async (path) => {
    await client.query(`SET search_path = ${path}`);
    const shown = (await client.query<{ search_path: string }>('SHOW search_path')).rows[0]?.search_path ?? '';
    const searched = completeSearchPath(parseSearchPath(shown) ?? [], 'clinic');
    for (const name of names) {
      const { oid } = (await client.query<{ oid: string | null }>('SELECT pg_catalog.to_regclass($1)::oid::text AS oid', [name])).rows[0] ?? { oid: null };
      expect([name, catalog.visibleRelation(name.replaceAll('"', ''), searched)?.oid]).toEqual([name, oid === null ? undefined : Number(oid)]);
    }
    await client.query('RESET search_path');
  });

  test('new objects go where CREATE puts them', async () => {
    for (const path of ['other, public', 'nowhere, public', '"$user", other']) {
      await client.query('BEGIN');
      await client.query(`SET LOCAL search_path = ${path}`);
      const { schema } = (await client.query<{ schema: string }>('SELECT pg_catalog.current_schema() AS schema')).rows[0] ?? { schema: '' };
      await client.query('ROLLBACK');
      const meaning = interpretText('CREATE TABLE fresh (a int)', { ...context, searchPath: parseSearchPath(path) ?? [] });
      expect(meaning.ok && meaning.value[0]?.accesses[0]?.object.path).toEqual(['clinic', schema, 'fresh']);
    }
  });
});

test('a column that the server calls not null, unique or dropped is so in the catalog', async () => {
  await client.query('CREATE TABLE shaped (a int NOT NULL, b int UNIQUE, c int, d text); ALTER TABLE shaped DROP COLUMN c');
  const fresh = await server.catalog();
  expect(fresh.relation('public', 'shaped')?.columns.map(({ name, attnum, notNull, unique }) => [name, attnum, notNull, unique])).toEqual([
    ['a', 1, true, false], ['b', 2, false, true], ['d', 4, false, false],
  ]);
  expect(fresh.version).not.toBe(catalog.version);
  await client.query('DROP TABLE shaped');
  expect((await server.catalog()).relation('public', 'shaped')).toBeUndefined();
});

/** The queries behind psql's \d family, as psql 15 sends them, read only what policy can name. */
test('what psql asks to describe a table is understood', async () => {
  const asked = [
    `SELECT n.nspname as "Schema", c.relname as "Name", CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' END as "Type", pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
       FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
      WHERE c.relkind IN ('r','p','v','m','S','f','') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' AND n.nspname <> 'information_schema' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2`,
    `SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname OPERATOR(pg_catalog.~) '^(people)$' COLLATE pg_catalog.default AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 2, 3`,
    `SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
       (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef),
       a.attnotnull FROM pg_catalog.pg_attribute a WHERE a.attrelid = '1259' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  ];
  for (const sql of asked) {
    const meaning = interpretText(sql, context);
    expect(meaning.ok && meaning.value[0]?.accesses.every(({ verb, object }) => verb === 'select' && object.path[1] === 'pg_catalog')).toBe(true);
    expect(meaning.ok && meaning.value[0]?.facts['sensitiveCatalog']).toBe(false);
    expect((await rowDescription(sql)).map((field) => field.name)).toEqual(lineageColumns(sql).map((column) => column.name));
  }
});
