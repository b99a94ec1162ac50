import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEDGER_START, type LedgerPosition } from '@interlock/kernel';
import { chunk, closed, decided, event, opened, outcome, requested, started, voted } from '../../../services/audit/spec/events.js';
import { rowsAfter } from '../../../services/audit/spec/memory-view.js';
import type { KnownEvent } from '../../../services/audit/src/ledger/ledger-event.js';
import { STORED_VIEWS, VIEW_NAMES } from '../../../services/audit/src/views/stored-views.js';
import { PositionMoved, ViewStore, type StoredView } from '../../../services/audit/src/views/view-store.js';
import { startViewsDatabase, type ViewsDatabase } from './views-database.js';

let database: ViewsDatabase;
beforeAll(async () => { database = await startViewsDatabase(); }, 60_000);
afterAll(() => database?.close());

let schemas = 0;
const places = (sequence: number): LedgerPosition => ({ epoch: '1', sequence, hash: `hash-${sequence}` });
const name = fc.constantFrom('s1', 's2', 's3');
const someEvent: fc.Arbitrary<() => KnownEvent> = fc.oneof(
  name.map((session) => () => opened(session)),
  name.map((session) => () => closed(session)),
  fc.constantFrom('a', 'b').map((run) => () => started(`connector-postgres/1-${run}`)),
  fc.tuple(name, fc.constantFrom('allow', 'deny', 'ask'), fc.string({ unit: 'binary' }), fc.boolean()).map(([command, verdict, text, erased]) => () => decided(command, verdict as 'allow', { text, erased })),
  fc.tuple(name, fc.constantFrom('completed', 'failed', 'unknown')).map(([command, status]) => () => outcome(command, status as 'failed')),
  fc.tuple(name, name).map(([grant, command]) => () => requested(grant, command)),
  fc.tuple(name, fc.constantFrom('approve', 'deny')).map(([grant, verdict]) => () => voted(grant, verdict as 'deny', verdict === 'deny' ? 'denied' : 'approved')),
  name.map((grant) => () => event('approval.rejected.v1', { grant, approver: 'owner-etl', reason: 'not_independent', detail: 'they share owner-etl' })),
  name.map((grant) => () => event('approval.ended.v1', { grant, status: 'expired' })),
  fc.tuple(name, name).map(([grant, command]) => () => event('grant.consumed.v1', { grant, grantDigest: 'd', approvers: ['dba'] }, { session: 's1', command })),
  fc.tuple(name, fc.nat(3)).map(([exchange, index]) => () => chunk(exchange, index)),
);

async function openStore(view: (typeof VIEW_NAMES)[number]): Promise<ViewStore<object>> {
  return ViewStore.open(database.url, `try_${(schemas += 1)}`, STORED_VIEWS[view] as unknown as StoredView);
}

/** What PostgreSQL cannot hold stands in the table as it was made storable. */
function asStored(row: object): unknown {
  return JSON.parse(JSON.stringify(row, (_key, value: unknown) => (typeof value === 'string' ? value.replaceAll('\u0000', '\u2400').toWellFormed() : value)));
}

describe.each(VIEW_NAMES)('the table of %s', (viewName) => {
  const { view } = STORED_VIEWS[viewName] as unknown as StoredView;

  it('holds what a fold in memory gives, however the events were cut into slices', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.array(someEvent, { maxLength: 8 }), { maxLength: 6 }), async (slices) => {
      const store = await openStore(viewName);
      const events = slices.map((slice) => slice.map((make) => make()));
      for (const [at, slice] of events.entries()) {
        await store.apply(at === 0 ? LEDGER_START : places(at), places(at + 1), slice.filter(({ type }) => (view.handled as readonly string[]).includes(type)));
      }
      const rows = await store.repository.find();
      const expected = rowsAfter(view, events.flat());
      const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      expect(rows.map((row) => ({ ...row })).sort(byText)).toEqual([...expected.values()].map(asStored).sort(byText));
      await store.drop();
    }), { numRuns: 12 });
  }, 60_000);
});

describe('a view of an earlier version', () => {
  it.each(['sessions', 'commands', 'approvals'] as const)('of %s begins anew, since its rows lack what it now holds', async (viewName) => {
    const { view, row, migrations } = STORED_VIEWS[viewName] as unknown as StoredView;
    const schema = `try_${(schemas += 1)}`;
    const before = await ViewStore.open(database.url, schema, { view, row, migrations: migrations.slice(0, 1) });
    await before.apply(LEDGER_START, places(3), []);
    await before.close();
    const after = await ViewStore.open(database.url, schema, { view, row, migrations });
    expect(await after.position()).toEqual(LEDGER_START);
    const events = [opened('s1'), decided('c1', 'ask'), requested('g1', 'c1')].filter(({ type }) => (view.handled as readonly string[]).includes(type));
    await after.apply(LEDGER_START, places(1), events);
    expect(await after.repository.find()).toHaveLength(1);
    await after.drop();
  });
});

describe('the position', () => {
  it('moves with the rows, once; a second projector is noticed, an answer that was lost is not', async () => {
    const store = await openStore('sessions');
    await store.apply(LEDGER_START, places(1), [opened('s1')] as never);
    await store.apply(LEDGER_START, places(1), [opened('s1'), closed('s1')] as never);
    expect(await store.repository.find()).toMatchObject([{ session: 's1', status: 'open' }]);
    expect(await store.position()).toEqual(places(1));
    await expect(store.apply(LEDGER_START, places(2), [])).rejects.toThrow(PositionMoved);
    await expect(store.apply({ ...places(1), hash: 'other' }, places(2), [])).rejects.toThrow(PositionMoved);
    await store.drop();
  });

  it('stays where it was when the rows were not written', async () => {
    const store = await openStore('sessions');
    const broken = opened('s1');
    await expect(store.apply(LEDGER_START, places(1), [{ ...broken, metadata: { ...broken.metadata, tenant: null } }] as never)).rejects.toThrow('null value');
    expect(await store.position()).toEqual(LEDGER_START);
    await store.drop();
  });

  it('has the same digest over the same rows, and another over others', async () => {
    const [first, second] = [await openStore('sessions'), await openStore('sessions')];
    const events = [opened('s1'), opened('s2')];
    await first.apply(LEDGER_START, places(1), events as never);
    await second.apply(LEDGER_START, places(1), [...events].reverse() as never);
    expect(await first.digest()).toEqual(await second.digest());
    await database.query(`update ${second.schema}.session set target = 'sh0p' where session = 's2'`);
    expect((await first.digest()).hash).not.toBe((await second.digest()).hash);
    expect((await first.digest()).rows).toBe(2);
    await Promise.all([first.drop(), second.drop()]);
  });
});
