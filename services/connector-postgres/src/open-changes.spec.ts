import { catalogFromRows, type CatalogChange, type Effects } from '@interlock/language-postgres';
import { describe, expect, it } from 'vitest';
import { OpenChanges } from './open-changes.js';

const BASE = catalogFromRows({
  schemas: [{ oid: '2200', name: 'mine' }], relations: [{ oid: '1', schema: 'mine', name: 't', kind: 'r', index_of: null, has_rules: 'false', definition: null }], columns: [], types: [], functions: [], operators: [], inheritance: [],
});
const DROP: Partial<Effects> = { changes: [{ kind: 'dropped', schema: 'mine', name: 't' }] };
const MAKE: Partial<Effects> = { changes: [{ kind: 'created', schema: 'mine', name: 'u', as: 'table', columns: ['a'], untilCommit: false }] };

/** The names of t and u that are there after these effects. */
function found(...effects: readonly Partial<Effects>[]): string[] {
  const open = new OpenChanges();
  for (const effect of effects) open.apply({ createsOrAltersCatalog: false, ...effect });
  return ['t', 'u'].filter((name) => open.over(BASE).relation('mine', name) !== undefined);
}

describe('what an open transaction has changed', () => {
  it.each<[string, Partial<Effects>[], string[]]>([
    ['is seen by what follows', [{ transaction: 'begin' }, DROP, MAKE], ['u']],
    ['is kept by a savepoint', [DROP, { transaction: 'savepoint', savepoint: 'a' }, MAKE, { transaction: 'release', savepoint: 'a' }], ['u']],
    ['is undone to the last savepoint of the name', [{ transaction: 'savepoint', savepoint: 'a' }, DROP, { transaction: 'savepoint', savepoint: 'a' }, MAKE, { transaction: 'rollback_to', savepoint: 'a' }], []],
    ['is undone twice to one savepoint', [{ transaction: 'savepoint', savepoint: 'a' }, DROP, { transaction: 'rollback_to', savepoint: 'a' }, MAKE, { transaction: 'rollback_to', savepoint: 'a' }], ['t']],
    ['is undone to the savepoint before a released one', [{ transaction: 'savepoint', savepoint: 'a' }, { transaction: 'savepoint', savepoint: 'b' }, DROP, { transaction: 'release', savepoint: 'b' }, { transaction: 'rollback_to', savepoint: 'a' }], ['t']],
    ['is over with it', [DROP, { transaction: 'rollback' }], ['t']],
    ['is over with it, though another begins at once', [DROP, { transaction: 'commit', chain: true }, MAKE], ['t', 'u']],
  ])('%s', (_, effects, names) => {
    expect(found(...effects)).toEqual(names);
  });

  it('leaves what cannot be followed as it was', () => {
    const lost: CatalogChange = { kind: 'lost', schema: 'mine', name: 't' };
    const open = new OpenChanges();
    open.apply({ changes: [lost], createsOrAltersCatalog: true });
    expect(open.over(BASE)).toBe(BASE);
  });

  it('tells of no value where it comes from after an operator or code, until it ends', () => {
    const open = new OpenChanges();
    open.apply({ changes: [{ kind: 'untold' }], createsOrAltersCatalog: true });
    expect(open.over(BASE)).toMatchObject({ unfollowed: true });
    expect(open.over(BASE).relation('mine', 't')).toBe(BASE.relation('mine', 't'));
    open.apply({ transaction: 'rollback', createsOrAltersCatalog: false });
    expect(open.over(BASE)).toBe(BASE);
  });

  it('is one catalog while nothing changes', () => {
    const open = new OpenChanges();
    open.apply({ ...DROP, createsOrAltersCatalog: true });
    expect(open.over(BASE)).toBe(open.over(BASE));
  });
});
