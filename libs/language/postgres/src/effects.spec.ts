import { accepted } from '@interlock/kernel';
import { beforeAll, describe, expect, test } from 'vitest';
import { atClinic, clinic, freshClinic, meaningOf } from '../spec/clinic.js';
import { completeSearchPath, loadParser, overlayCatalog, type CatalogChange, type Effects } from './index.js';

beforeAll(loadParser);

describe('effects on the session', () => {
  test.each<[string, Partial<Effects>]>([
    ['BEGIN', { transaction: 'begin' }],
    ['START TRANSACTION', { transaction: 'begin' }],
    ['COMMIT AND CHAIN', { transaction: 'commit', chain: true }],
    ['SAVEPOINT a', { transaction: 'savepoint', savepoint: 'a' }],
    ['ROLLBACK TO SAVEPOINT a', { transaction: 'rollback_to', savepoint: 'a' }],
    ['RELEASE a', { transaction: 'release', savepoint: 'a' }],
    ['END', { transaction: 'commit' }],
    ['ABORT', { transaction: 'rollback' }],
    ["COMMIT PREPARED 'x'", { transaction: 'two_phase' }],
    ['SET search_path = other, "Odd", \'a, b\', "$user"', { searchPath: { members: ['other', 'Odd', 'a, b', '$user'], local: false } }],
    ['SET LOCAL search_path TO DEFAULT', { searchPath: { members: 'default', local: true } }],
    ["SELECT set_config('search_path', '\"A\", b', true)", { searchPath: { members: ['A', 'b'], local: true } }],
    ['DISCARD ALL', { discards: 'all', deallocates: 'all', closesCursor: 'all', searchPath: { members: 'default', local: false }, createsOrAltersCatalog: true }],
    ['DEALLOCATE p', { deallocates: { name: 'p' } }],
    ['CLOSE ALL', { closesCursor: 'all' }],
    ['FETCH FORWARD 3 FROM c', { fetches: 'c' }],
    ["COPY visits (id, price) FROM STDIN (FORMAT csv, HEADER, NULL '-')", {
      copy: { direction: 'in', table: { schema: 'public', name: 'visits' }, columns: ['id', 'price'], format: 'csv', options: { format: 'csv', header: 'true', null: '-' } },
    }],
    ['COPY (SELECT id FROM visits) TO STDOUT BINARY', { copy: { direction: 'out', table: undefined, columns: ['id'], format: 'binary', options: { format: 'binary' } } }],
    ["COPY visits TO '/tmp/x'", {}],
    ['CREATE TEMP TABLE t ON COMMIT DROP AS SELECT id, name AS n FROM people', {
      createsOrAltersCatalog: true, changes: [{ kind: 'created', schema: 'pg_temp', name: 't', as: 'table', columns: ['id', 'n'], untilCommit: true }],
    }],
    ['CREATE TABLE IF NOT EXISTS visits (a int)', { createsOrAltersCatalog: true }],
    ['DROP TABLE visits', { changes: [{ kind: 'dropped', schema: 'public', name: 'visits' }], createsOrAltersCatalog: true }],
    ['ALTER TABLE visits ADD note text', { changes: [{ kind: 'lost', schema: 'public', name: 'visits' }], createsOrAltersCatalog: true }],
    ['ALTER TABLE visits RENAME TO calls', { changes: [{ kind: 'dropped', schema: 'public', name: 'visits' }, { kind: 'lost', schema: 'public', name: 'calls' }], createsOrAltersCatalog: true }],
    ["CREATE FUNCTION lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT 1'", { changes: [{ kind: 'function', schema: 'public', name: 'lower' }], createsOrAltersCatalog: true }],
    ['CREATE EXTENSION citext', { changes: [{ kind: 'untold' }], createsOrAltersCatalog: true }],
    ['DO $$ BEGIN END $$', { changes: [{ kind: 'untold' }], createsOrAltersCatalog: true }],
    ['SELECT 1', { createsOrAltersCatalog: false }],
  ])('%s', (sql, effects) => {
    expect(meaningOf(sql).effects).toEqual({ createsOrAltersCatalog: false, ...effects });
  });

  test('PREPARE keeps the statement that EXECUTE is judged as', () => {
    const { prepares } = meaningOf('PREPARE p (int) AS DELETE FROM visits WHERE id = $1').effects;
    const prepared = (name: string): NonNullable<typeof prepares>['statement'] | undefined => (name === 'p' ? prepares?.statement : undefined);
    const executed = meaningOf('EXECUTE p (7)', { ...atClinic, prepared });
    expect(executed).toMatchObject({ verb: 'delete', effects: { executes: 'p' }, sessionMatters: true, facts: { hasWhere: true, tautology: false } });
  });

  test('a cursor keeps the lineage that FETCH answers with', () => {
    const { declaresCursor } = meaningOf('DECLARE c CURSOR FOR SELECT tax_no AS t FROM people').effects;
    const fetched = meaningOf('FETCH ALL FROM c', { ...atClinic, cursor: (name) => (name === 'c' ? declaresCursor?.lineage : undefined) });
    expect(fetched.lineage).toEqual(accepted(expect.objectContaining({ columns: [expect.objectContaining({ name: 't', derivation: 'direct' })] })));
    expect(meaningOf('FETCH ALL FROM c').lineage.ok).toBe(false);
  });
});

describe('the catalog with a session\'s own changes', () => {
  const path = completeSearchPath(['other', 'public'], 'agent');
  const seen = (...changes: CatalogChange[]): string | undefined => {
    const found = overlayCatalog(clinic, changes).visibleRelation('visits', path);
    return found === undefined ? undefined : `${found.schema}${found.lost === true ? ' lost' : ''}`;
  };
  const created = (schema: string): CatalogChange => ({ kind: 'created', schema, name: 'visits', as: 'table', columns: ['a'], untilCommit: false });

  test('names follow them in order', () => {
    expect(seen()).toBe('other');
    expect(seen(created('pg_temp'))).toBe('pg_temp');
    expect(seen(created('pg_temp'), { kind: 'dropped', schema: 'pg_temp', name: 'visits' })).toBe('other');
    expect(seen({ kind: 'dropped', schema: 'other', name: 'visits' })).toBe('public');
    expect(seen({ kind: 'lost', schema: 'other', name: 'visits' })).toBe('other lost');
    expect(seen({ kind: 'dropped', schema: 'other', name: 'visits' }, created('other'))).toBe('other');
  });

  test('no change leaves the catalog itself, any change another version', () => {
    expect(overlayCatalog(clinic, [])).toBe(clinic);
    expect(overlayCatalog(clinic, [created('public')]).version).not.toBe(clinic.version);
  });

  test('a function made in the session may be any call of its name', () => {
    const catalog = overlayCatalog(clinic, [{ kind: 'function', schema: 'public', name: 'lower' }]);
    expect(meaningOf('SELECT lower(name) FROM people', { ...atClinic, catalog })).toMatchObject({ facts: { opaque: true }, lineage: { ok: false } });
    expect(meaningOf('SELECT upper(name) FROM people', { ...atClinic, catalog })).toMatchObject({ facts: { opaque: false }, lineage: { ok: true } });
  });

  test('a stored view means what it meant, whatever one session does to names', () => {
    const catalog = overlayCatalog(freshClinic(), [{ kind: 'created', schema: 'public', name: 'people', as: 'table', columns: ['id', 'tax_no', 'mail'], untilCommit: false }]);
    const origins = (context: typeof atClinic): unknown => {
      const { lineage } = meaningOf('SELECT code FROM people_codes', context);
      return lineage.ok ? lineage.value.columns[0]?.origins.map(({ oid }) => oid) : lineage.refusal;
    };
    expect(origins({ ...atClinic, catalog })).toEqual([200]);
    expect(origins({ ...atClinic, catalog: catalog.base ?? catalog })).toEqual([200]);
  });

  test('after code that nobody can read, no lineage is told', () => {
    const catalog = overlayCatalog(clinic, [{ kind: 'untold' }]);
    expect(meaningOf('ROLLBACK', { ...atClinic, catalog }).lineage.ok).toBe(true);
    expect(meaningOf('SELECT 1', { ...atClinic, catalog: overlayCatalog(clinic, [{ kind: 'unfollowed' }]) }).lineage.ok).toBe(false);
    expect(meaningOf('SELECT name FROM people', { ...atClinic, catalog }).lineage.ok).toBe(false);
  });
});
