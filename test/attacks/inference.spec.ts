import { beforeAll, describe, expect, it } from 'vitest';
import { nodePg } from '../e2e/system/clients.js';
import { LAB, LAB_SCHEMA, makeDatabase } from '../e2e/system/fixture.js';
import type { Place } from '../e2e/system/installation.js';
import { bareLogin, withClient } from '../e2e/system/server.js';
import { SHARED_START_MS, sharedInstallation } from '../e2e/system/shared.js';
import { leaksIn } from './leaks.js';
import { ORACLES, reconstruct, SHAPING, type Ask } from './oracles.js';

const BARE = 'lab_inference';
let place: Place;
let secret: string;

beforeAll(async () => {
  place = await sharedInstallation();
  await makeDatabase(place, BARE, LAB_SCHEMA);
  secret = await withClient(bareLogin(place, 'superuser'), LAB, async (client) => (await client.query<{ ssn: string }>('select ssn from customers where id = 1')).rows[0]!.ssn);
}, SHARED_START_MS);

describe('PGM-09: nobody guesses a masked value by asking', () => {
  it.each(ORACLES)('%s', async (_name, question) => {
    const guessed = await withClient(bareLogin(place, 'standing'), BARE, (client) => reconstruct((text) => client.query(text), question));
    expect(guessed, 'the bare target gives it away').toBe(secret);
    const client = await nodePg(place, 'agent-etl', LAB);
    expect(await reconstruct((text) => client.query(text), question)).toBe('');
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
  }, 60_000);

  it.each(SHAPING)('refused: %s', async (text) => {
    await withClient(bareLogin(place, 'standing'), BARE, (client) => client.query(text));
    const client = await nodePg(place, 'agent-etl', LAB);
    await expect(client.query(text)).rejects.toMatchObject({ code: '42501' });
    await client.end();
  }, 30_000);
});

describe('PGM-21: nor by the clock', () => {
  it.each([
    "select case when substr(ssn, 1, 1) = '9' then pg_sleep(1) end from customers where id = 1", "select pg_sleep(substr(ssn, 1, 1)::int / 9) from customers where id = 1",
    "select id from customers where id = 1 and (ssn not like '9%' or pg_sleep(1) is not null)",
  ])('%s', async (text) => {
    const timed = async (ask: Ask): Promise<number> => {
      const begun = performance.now();
      await ask(text).catch(() => undefined);
      return performance.now() - begun;
    };
    expect(await withClient(bareLogin(place, 'standing'), BARE, (client) => timed((question) => client.query(question)))).toBeGreaterThan(900);
    const client = await nodePg(place, 'agent-etl', LAB);
    await expect(client.query(text)).rejects.toMatchObject({ code: '42501' });
    expect(await timed((question) => client.query(question))).toBeLessThan(900);
    await client.end();
  }, 30_000);
});

describe('PGM-25: masking does not stop at some size', () => {
  it('an export of 5,000 rows, 100 at a time', async () => {
    const values = await withClient(bareLogin(place, 'superuser'), LAB, async (client) => (await client.query<{ ssn: string }>('select distinct ssn from customers')).rows.map(({ ssn }) => ssn));
    const client = await nodePg(place, 'agent-etl', LAB);
    await client.query('begin');
    await client.query('declare export cursor for select id, name, ssn from customers order by id');
    const rows: unknown[] = [];
    for (let page = await client.query('fetch 100 from export'); page.rows.length > 0; page = await client.query('fetch 100 from export')) rows.push(...page.rows);
    await client.query('commit');
    await client.end();
    expect(rows).toHaveLength(5_000);
    const text = JSON.stringify(rows);
    expect(values.filter((value) => text.includes(value))).toEqual([]);
    expect(leaksIn(Buffer.from(text), values.slice(0, 50))).toEqual([]);
  }, 60_000);
});
