import { describe, expect, it } from 'vitest';
import { accepted, refused } from '@interlock/kernel';
import type { SealedBox } from '@interlock/contracts';
import { survey, type SurveyPorts } from '@interlock/connector-postgres';
import { setUp } from './setting.js';

const MANY = Array.from({ length: 12 }, (_, index) => `create table many.t${String(index).padStart(2, '0')} (id int, v text);`).join(' ');
const setting = setUp({}, (target) => target.bare('shop', async (client) => {
  await client.query(`create schema many; ${MANY} create table many."odd ""name""" ("a column" text, raw bytea, amount numeric)`);
  await client.query(`insert into many."odd ""name""" select 'write to someone' || n || '@example.com', '\\x00', n from generate_series(1, 150) n; insert into many."odd ""name""" values (null, null, null)`);
  await client.query('grant usage on schema many to public; grant select on all tables in schema many to public');
  await client.query('create table many.shut (secret text); revoke all on many.shut from public');
}));

const TOKEN = {} as SealedBox;

/** As the connector asks itself, with somebody who may. */
function portsOf(more: Partial<SurveyPorts> = {}): SurveyPorts {
  const { world } = setting;
  return {
    ...world.connector.ports, openToken: () => accepted(world.token('security')),
    recognition: { recogniseAdministrator: async () => accepted({ principal: {} as never, configuration: {} as never, expiresAtMs: 0 }) }, ...more,
  };
}

async function pages(isSampled: boolean) {
  const target = setting.world.control.state.bundle!.configuration.targets.find(({ name }) => name === 'shop')!;
  const found = [];
  for (let after: string | undefined; ;) {
    const page = await survey(portsOf(), target, { token: TOKEN, isSampled, ...(after !== undefined && { after }) });
    if (!page.ok) throw new Error(page.refusal.detail);
    found.push(page.value.columns);
    if (page.value.next === null) return found;
    after = page.value.next;
  }
}

describe('a survey of a target', () => {
  it('finds what its columns hold, a page at a time, and every table once', async () => {
    const found = await pages(true);
    const columns = found.flat();
    expect(found.length).toBeGreaterThan(1);
    const tables = columns.map(({ schema, table }) => `${schema}.${table}`);
    expect(tables).toEqual(tables.toSorted());
    expect(columns.find(({ column }) => column === 'card_number')).toMatchObject({ schema: 'public', table: 'customers', type: 'text', values: 100, found: { card: 100 } });
    expect(columns.filter(({ table }) => table === 'odd "name"')).toEqual([
      { schema: 'many', table: 'odd "name"', column: 'a column', type: 'text', values: 100, found: { email: 100 } },
      { schema: 'many', table: 'odd "name"', column: 'raw', type: 'bytea', values: 0, found: {} },
      { schema: 'many', table: 'odd "name"', column: 'amount', type: 'numeric', values: 100, found: {} },
    ]);
    expect(columns.some(({ schema }) => schema.startsWith('pg_'))).toBe(false);
  });

  it('records every query before, says what it may not read, and goes on', async () => {
    setting.world.forget();
    const columns = (await pages(true)).flat();
    expect(columns.find(({ table }) => table === 'shut')).toMatchObject({ values: 0, unread: expect.stringContaining('42501') });
    const texts = setting.world.events('probe.ran.v1').filter(({ purpose }) => purpose === 'survey').map(({ text }) => text);
    expect(texts.filter((text) => text.includes('FROM "public"."customers"'))).toHaveLength(1);
  });

  it('names columns alone where no values are wanted, and asks none', async () => {
    setting.world.forget();
    const columns = (await pages(false)).flat();
    expect(columns.find(({ column }) => column === 'card_number')).toMatchObject({ values: 0, found: {} });
    expect(setting.world.events('probe.ran.v1').filter(({ purpose }) => purpose === 'survey')).toEqual([]);
  });

  it('is not for whoever may not change the configuration', async () => {
    const target = setting.world.control.state.bundle!.configuration.targets[0]!;
    const ports = portsOf({ recognition: { recogniseAdministrator: async () => refused('not_allowed', 'no') } });
    expect(await survey(ports, target, { token: TOKEN, isSampled: true })).toMatchObject({ ok: false, refusal: { reason: 'not_allowed' } });
  });
});
