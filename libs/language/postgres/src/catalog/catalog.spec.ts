import { beforeAll, describe, expect, test } from 'vitest';
import { accessesIn, atClinic, clinic, clinicRows, freshClinic, isSensitive, meaningOf } from '../../spec/clinic.js';
import { catalogFromRows, checkSensitive, completeSearchPath, loadParser, parseSearchPath, type Catalog, type CatalogRow, type CatalogRows } from '../index.js';
import { Recent } from '../recent.js';
import type { CatalogFunction } from './model.js';
import { isSensitiveCatalog } from './sensitive.js';
import { standingOf } from './standing.js';

beforeAll(loadParser);

describe('the text of search_path', () => {
  test.each([
    ['"$user", public', ['$user', 'public']], ['', []], ['  ', []], ['Public,OTHER', ['public', 'other']], ['"Public" , "a""b"', ['Public', 'a"b']], ['""', ['']], ['"a, b"', ['a, b']],
    ['Été', ['Été']], ['x'.repeat(70), ['x'.repeat(63)]], ['é'.repeat(40), ['é'.repeat(31)]],
  ])('%j', (text, members) => {
    expect(parseSearchPath(text)).toEqual(members);
  });

  test.each(['a,', ',a', 'a b', '"a', 'a,,b', '"a"b'])('%j is none', (text) => {
    expect(parseSearchPath(text)).toBeUndefined();
  });

  test('is completed with the schemas that are searched unasked', () => {
    expect(completeSearchPath(['$user', 'public'], 'bob')).toEqual({
      relations: ['pg_temp', 'pg_catalog', 'bob', 'public'], functions: ['pg_catalog', 'bob', 'public'], explicit: ['bob', 'public'],
    });
    expect(completeSearchPath(['public', 'pg_catalog', 'pg_temp'], 'bob')).toMatchObject({ relations: ['public', 'pg_catalog', 'pg_temp'], functions: ['public', 'pg_catalog'] });
  });
});

describe('a schema that a role may not use', () => {
  const reads = (user: string): string[] => accessesIn('select id from visits', { ...atClinic, searchPath: ['closed', 'public'], user });

  test('is passed over when a name is looked up, and only for that role', () => {
    expect([reads('agent'), reads('keeper')]).toEqual([['select table public.visits <id'], ['select table closed.visits <id']]);
  });

  test('is looked at again once someone grants or revokes its use', () => {
    for (const sql of ['grant usage on schema closed to agent', 'revoke usage on schema closed from agent']) expect(meaningOf(sql).effects.createsOrAltersCatalog).toBe(true);
  });
});

describe('a catalog', () => {
  const rows = { schemas: [], relations: [], columns: [], types: [], functions: [], operators: [], inheritance: [] };

  test('finds family at any distance', () => {
    const people = clinic.relation('public', 'people');
    const old = clinic.relation('public', 'old_people');
    expect(people === undefined ? [] : clinic.descendants(people).map(({ name }) => name)).toEqual(['old_people']);
    expect(old === undefined ? [] : clinic.ancestors(old).map(({ name }) => name)).toEqual(['people']);
  });

  test('keeps the names that a column had, so that no rename launders it', () => {
    const renamed = (change: (row: CatalogRow) => CatalogRow): CatalogRows => {
      const all = clinicRows();
      return { ...all, columns: all.columns.map(change), relations: all.relations.map(change) };
    };
    const swap: Readonly<Record<string, string>> = { tax_no: 'ward', ward: 'tax_no' };
    const swapped = (row: CatalogRow): CatalogRow => (row['relation'] === '200' ? { ...row, name: swap[row['name'] ?? ''] ?? row['name'] ?? null } : row);
    const moved = (row: CatalogRow): CatalogRow => (row['oid'] === '200' ? { ...row, name: 'folk' } : row);
    const masked = (catalog: Catalog, sql: string): unknown => {
      const { lineage } = meaningOf(sql, { ...atClinic, catalog });
      return lineage.ok && checkSensitive(lineage.value, isSensitive).columns.map((finding) => finding !== 'clear');
    };
    const before = freshClinic();
    const after = catalogFromRows(renamed(swapped), undefined, before);
    expect(masked(after, 'SELECT ward, tax_no, name FROM people')).toEqual([true, true, false]);
    expect(masked(catalogFromRows(renamed(swapped)), 'SELECT ward, tax_no FROM people')).toEqual([false, true]);
    const back = catalogFromRows(clinicRows(), undefined, after);
    expect(back.relation('public', 'people')?.columns.find(({ name }) => name === 'ward')?.formerly).toContainEqual({ schema: 'public', table: 'people', column: 'tax_no' });
    const away = catalogFromRows(renamed(moved), undefined, before);
    expect(masked(away, 'SELECT mail, name FROM folk')).toEqual([true, false]);
    const touchedNothing = catalogFromRows({ ...renamed(moved), columns: [] }, { before, touched: [], answers: 'x' });
    expect(masked(touchedNothing, 'SELECT mail, name FROM folk')).toEqual([true, false]);
  });

  test('knows a relation that was renamed too often for its place alone', () => {
    let catalog = freshClinic();
    for (let round = 0; round < 66; round += 1) {
      const all = clinicRows();
      catalog = catalogFromRows({ ...all, relations: all.relations.map((row) => (row['oid'] === '200' ? { ...row, name: `people${round}` } : row)) }, undefined, catalog);
    }
    expect(meaningOf('SELECT name FROM people65', { ...atClinic, catalog }).lineage).toMatchObject({ ok: false, refusal: { reason: 'lineage_unknown' } });
  });

  test('has a version that changes with its rows alone', () => {
    expect(catalogFromRows(rows).version).toBe(catalogFromRows({ ...rows }).version);
    expect(catalogFromRows({ ...rows, schemas: [{ oid: '1', name: 'a' }] }).version).not.toBe(catalogFromRows(rows).version);
  });

  test.each([
    [{ ...rows, schemas: [{}] }, 'no name'], [{ ...rows, inheritance: [{ child: 'x', parent: '1' }] }, 'not a number'],
    [{ ...rows, relations: [{ oid: '1', schema: 's', name: 'n', kind: '?', has_rules: 'f', definition: null }] }, 'unknown kind'],
  ])('is not made of rows that the probes cannot give', (broken, message) => {
    expect(() => catalogFromRows(broken)).toThrow(message);
  });
});

describe('how a function is seen', () => {
  const fn = (name: string, volatility: CatalogFunction['volatility'], schema = 'pg_catalog'): CatalogFunction => ({
    oid: 1, schema, name, kind: 'function', argumentTypes: [], argumentNames: [], defaults: 0, variadic: false, returnType: 25, returnsSet: false, outColumns: [],
    volatility, language: 'internal', securityDefiner: false, body: undefined, searchPath: undefined,
  });

  test.each(['lower', 'log', 'lookup_nothing', 'to_json', 'xmlagg', 'has_table_privilege', 'localtimestamp', 'loop_index'])('%s, when stable, is safe', (name) => {
    expect(standingOf(fn(name, 'stable'))).toBe('safe');
  });

  test.each(['random', 'gen_random_uuid', 'pg_table_size', 'pg_try_advisory_xact_lock_shared', 'pg_advisory_unlock', 'nextval'])('%s is safe though volatile', (name) => {
    expect(standingOf(fn(name, 'volatile'))).toBe('safe');
  });

  test.each(['table_to_xml', 'schema_to_xml_and_xmlschema', 'database_to_xmlschema', 'ts_stat', 'ts_rewrite', 'pg_stat_get_activity', 'lo_get', 'loread', 'pg_read_binary_file', 'pg_ls_waldir', 'pg_stat_file'])('%s is dangerous though stable', (name) => {
    expect(standingOf(fn(name, 'stable'))).toBe('dangerous');
  });

  test.each(['pg_cancel_backend', 'pg_reload_conf', 'something_new'])('%s is dangerous, being volatile and not listed', (name) => {
    expect(standingOf(fn(name, 'volatile'))).toBe('dangerous');
  });

  test('outside the system schemas nothing is safe by itself', () => {
    expect(standingOf(fn('lower', 'immutable', 'public'))).toBe('defined');
    expect(standingOf(fn('pg_sleep', 'volatile'))).toBe('sleeps');
  });
});

test.each([
  ['pg_catalog', 'pg_stats', true], ['?', 'pg_authid', true], ['pg_toast', 'pg_toast_12', true], ['pg_toast_temp_3', 'x', true], ['public', 'pg_stat_statements', true],
  ['information_schema', 'user_mapping_options', true], ['pg_catalog', 'pg_class', false], ['public', 'pg_stats', false], ['pg_catalog', 'pg_roles', false],
])('%s.%s is sensitive: %s', (schema, name, expected) => {
  expect(isSensitiveCatalog(schema, name)).toBe(expected);
});

test('what was used longest ago is forgotten first', () => {
  const recent = new Recent<number>(3);
  for (const key of ['a', 'b', 'c']) recent.set(key, 1);
  recent.get('a');
  recent.set('d', 1);
  expect(['a', 'b', 'c', 'd'].map((key) => recent.get(key) !== undefined)).toEqual([true, false, true, true]);
});

test('a name of half a million letters is cut at once', () => {
  expect(parseSearchPath(`a, ${'x'.repeat(500_000)}`)).toEqual(['a', 'x'.repeat(63)]);
  expect(parseSearchPath(`"${'a'.repeat(62)}😀"`)).toEqual(['a'.repeat(62)]);
});
