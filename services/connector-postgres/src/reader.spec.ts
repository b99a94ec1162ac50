import { describe, expect, it } from 'vitest';
import type { InForce } from '@interlock/gateway';
import type { Catalog, Interpretation } from '@interlock/language-postgres';
import { Reader } from './reader.js';

const columns = [{ id: 'hide-mail', target: 'books', column: 'public.readers.email', transform: 'redact', except: [] }];
const inForce = { bundle: { configuration: { masking: { columns, content: [] } } } } as unknown as InForce;

function catalogWith(...names: string[]): Catalog {
  const relation = (schema: string, name: string) => (schema === 'public' && name === 'readers' ? { columns: names.map((column) => ({ name: column })) } : undefined);
  return { relation } as unknown as Catalog;
}

function reading(...path: string[]): Interpretation {
  const lineage = { ok: true, value: { columns: [], shaping: [], evaluated: [], writes: [], altered: [] } };
  return { accesses: [{ verb: 'select', duty: 'read', object: { kind: 'table', path } }], facts: {}, lineage } as unknown as Interpretation;
}

it('finds the rule on a column that had another name when the rule was bound to it', () => {
  const columns = [{ name: 'id', attnum: 1 }, { name: 'note', attnum: 2, formerly: [{ schema: 'public', table: 'readers', column: 'email' }] }];
  const catalog = { relationByOid: (oid: number) => (oid === 7 ? { schema: 'public', name: 'readers', columns } : undefined) } as unknown as Catalog;
  const reader = new Reader(inForce, 'books', { roles: [] });
  expect([1, 2].map((attnum) => reader.ruleAt(catalog, 7, attnum)?.rule)).toEqual([undefined, 'hide-mail']);
});

it.each<[string, object, object]>([
  ['a constant', { withConstants: true }, { ok: false, refusal: { reason: 'masking_unsafe', rule: 'hide-mail' } }],
  ['another column', { origins: [{ column: 'email' }, { column: 'id' }] }, { ok: false, refusal: { reason: 'masking_unsafe', rule: 'hide-mail' } }],
  ['nothing else', {}, { ok: true }],
])('lets no key make a token of what the client chose: beside the column stands %s', (_what, more, expected) => {
  const named = (column: object) => ({ schema: 'public', table: 'readers', alike: [], oid: 7, attnum: 1, ...column });
  const { origins = [{ column: 'email' }], ...rest } = more as { origins?: object[] };
  const meaning = { ...reading('books', 'public', 'readers'), lineage: { ok: true, value: { columns: [{ derivation: 'direct', total: true, ...rest, origins: origins.map(named) }], shaping: [], evaluated: [], writes: [], altered: [] } } } as unknown as Interpretation;
  const tokens = { bundle: { configuration: { masking: { columns: [{ ...columns[0], transform: 'token', kind: 'email' }], content: [] } } } } as unknown as InForce;
  expect(new Reader(tokens, 'books', { roles: [] }).look(meaning, catalogWith('id', 'email'))).toMatchObject(expected);
  expect(new Reader(inForce, 'books', { roles: [] }).look(meaning, catalogWith('id', 'email')).ok).toBe(true);
});

describe('a reader whose rule names a column that the target does not have', () => {
  const reader = new Reader(inForce, 'books', { roles: [] });

  it.each([
    ['is shown nothing of the table', catalogWith('id', 'mail'), ['books', 'public', 'readers']],
    ['is shown nothing of any other table', catalogWith('id', 'mail'), ['books', 'public', 'orders']],
  ])('%s', (_what, catalog, path) => {
    expect(reader.look(reading(...path), catalog)).toMatchObject({ ok: false, refusal: { reason: 'masking_rule_unmet', rule: 'hide-mail' } });
  });

  it('may still look around in the catalog', () => {
    expect(reader.look(reading('books', 'pg_catalog', 'pg_class'), catalogWith('id')).ok).toBe(true);
  });

  it('reads again once the rule and the target agree', () => {
    expect(reader.look(reading('books', 'public', 'readers'), catalogWith('id', 'email')).ok).toBe(true);
  });
});
