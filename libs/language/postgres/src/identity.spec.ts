import { beforeAll, describe, expect, test } from 'vitest';
import type { ObjectRef } from '@interlock/contracts';
import { accessesIn, atClinic, clinic, meaningOf, meanings } from '../spec/clinic.js';
import { identityOf, identityQuery, loadParser, nameOf, overlayCatalog } from './index.js';

beforeAll(loadParser);

const idsIn = (sql: string, context = atClinic): string[] => meaningOf(sql, context).accesses.map(({ verb, object }) => `${verb} ${object.id ?? '?'}`);

describe('the id of an object', () => {
  test.each<[string, string[]]>([
    ['DROP TABLE visits', ['drop relation:201']],
    ['DROP TABLE other.visits, visits', ['drop relation:206', 'drop relation:201']],
    ['ALTER TABLE "Odd Name" OWNER TO x', ['alter relation:205', 'administer ?']],
    ['ALTER TABLE visits RENAME TO calls', ['alter relation:201']],
    ['DROP VIEW people_shout', ['drop relation:208']],
    ['DROP INDEX people_key', ['drop relation:212']],
    ['ALTER SEQUENCE tickets RESTART', ['alter relation:204']],
    ["SELECT setval('tickets', 1)", ['setval relation:204']],
    ['DROP SCHEMA other', ['drop schema:14']],
    ['DROP TYPE address', ['drop type:9001']],
    ['DROP TABLE nowhere', ['drop ?']],
    ['DROP FUNCTION run_text', ['drop function:30052']],
    ['DO $$ BEGIN END $$', ['do ?']],
    ['CREATE TABLE IF NOT EXISTS visits (a int)', ['create ?']],
  ])('%s', (sql, expected) => expect(idsIn(sql).map((id) => id.replace(/function:\d+/, 'function:30052'))).toEqual(expected));

  test('is not told of a name that leads to several functions', () => {
    const catalog = overlayCatalog(clinic, [{ kind: 'function', schema: 'public', name: 'run_text' }]);
    expect(idsIn('DROP FUNCTION run_text', { ...atClinic, catalog })).toEqual(['drop ?']);
  });

  test('is not told where an earlier statement of the text may have moved the name', () => {
    const last = (sql: string): string | undefined => meanings(sql).at(-1)!.accesses[0]!.object.id;
    expect(last('SELECT 1; DROP TABLE visits')).toBe('relation:201');
    expect(last('ALTER TABLE visits RENAME TO x; DROP TABLE visits')).toBeUndefined();
    expect(last('DO $$ BEGIN END $$; DROP TABLE visits')).toBeUndefined();
    expect(last('DROP SCHEMA other; CREATE SCHEMA other; DROP SCHEMA other')).toBeUndefined();
  });
});

describe('replacing', () => {
  test.each<[string, string[]]>([
    ['CREATE OR REPLACE VIEW people_shout AS SELECT 1 AS pid', ['alter view public.people_shout', 'create view public.people_shout']],
    ['CREATE OR REPLACE VIEW brand_new AS SELECT 1 AS pid', ['create view public.brand_new']],
    ["CREATE OR REPLACE FUNCTION run_text(text) RETURNS text LANGUAGE sql AS 'SELECT 1'", ['create function public.run_text', 'alter function public.run_text']],
    ["CREATE FUNCTION run_text(text) RETURNS text LANGUAGE sql AS 'SELECT 1'", ['create function public.run_text']],
  ])('%s', (sql, expected) => expect(accessesIn(sql)).toEqual(expected));
});

describe('the name of an object', () => {
  test.each<[ObjectRef, string | undefined]>([
    [{ kind: 'table', path: ['shop', 'public', 'or"ders'] }, 'relation "public"."or""ders"'],
    [{ kind: 'view', path: ['shop', 'public', 'orders'] }, 'relation "public"."orders"'],
    [{ kind: 'schema', path: ['shop', 'Staging'] }, 'schema "Staging"'],
    [{ kind: 'type', path: ['shop', 'a', 'b'] }, 'type "a"."b"'],
    [{ kind: 'table', path: ['shop', 'pg_temp', 't'] }, undefined],
    [{ kind: 'table', path: ['shop', '?', 't'] }, undefined],
    [{ kind: 'other', path: ['shop', 'public', '?'] }, undefined],
    [{ kind: 'other', path: ['shop', 'extension'] }, undefined],
    [{ kind: 'role', path: ['shop', 'dba'] }, undefined],
    [{ kind: 'target', path: ['shop'] }, undefined],
  ])('%j', (object, expected) => expect(nameOf(object)).toBe(expected));

  test('is asked for as text that says nothing else, whatever it holds', () => {
    const query = identityQuery([{ kind: 'table', path: ['shop', "it's", 'a"b'] }]);
    expect(query).toContain(`pg_catalog.to_regclass('"it''s"."a""b"')`);
    expect(query.replaceAll(/'(?:[^']|'')*'/g, '')).not.toMatch(/;|--|\/\*/);
  });

  test('is answered with what it means', () => {
    const table: ObjectRef = { kind: 'table', path: ['shop', 'a', 'b'] };
    expect(identityOf(table, 1, { q1: '7', u1: null, s1: null, p1: '8 9', c1: '' })).toEqual({ id: 'relation:7', unqualified: undefined, here: undefined, several: false, parts: ['relation:8', 'relation:9'], children: [] });
    expect(identityOf({ kind: 'function', path: ['shop', 'a', 'b'] }, 0, { q0: null, u0: null, s0: 't', p0: null, c0: null })).toMatchObject({ id: undefined, several: true });
  });
});
