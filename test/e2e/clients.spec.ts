import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { DataSource, EntitySchema } from 'typeorm';
import { requestCancel } from './system/cancel.js';
import { nodePg } from './system/clients.js';
import { eventually } from './system/eventually.js';
import type { Place } from './system/installation.js';
import { gatewayLogin } from './system/psql.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

let place: Place;
beforeAll(async () => { place = await sharedInstallation(); }, SHARED_START_MS);

describe('node-postgres, as an application uses it', () => {
  it('queries, parameters of every kind, types, errors', async () => {
    const client = await nodePg(place, 'agent-etl', 'sandbox');
    const when = new Date('2026-03-04T05:06:07.089Z');
    const { rows } = await client.query('select $1::int as i, $2::text as t, $3::timestamptz as w, $4::jsonb as j, $5::bytea as b, $6::text[] as a, $7::text as n, $8::bool as y', [42, "it's", when, { deep: [1] }, Buffer.from([0, 255, 1]), ['x', 'y "z"'], null, true]);
    expect(rows).toEqual([{ i: 42, t: "it's", w: when, j: { deep: [1] }, b: Buffer.from([0, 255, 1]), a: ['x', 'y "z"'], n: null, y: true }]);
    await expect(client.query('select 1/0')).rejects.toMatchObject({ code: '22012' });
    await expect(client.query('select * from nowhere')).rejects.toMatchObject({ code: '42P01' });
    expect((await client.query({ text: 'select $1::int + 1 as n', values: [1], rowMode: 'array' })).rows).toEqual([[2]]);
    await client.end();
  });

  it('named statements, again and again', async () => {
    const client = await nodePg(place, 'agent-etl', 'shop');
    for (let id = 1; id <= 20; id += 1) {
      expect((await client.query({ name: 'order-by-id', text: 'select id from orders where id = $1', values: [id] })).rows).toEqual([{ id }]);
    }
    await client.end();
  });

  it('a pool of connections with transactions side by side', async () => {
    const login = await gatewayLogin(place, 'agent-etl');
    const pool = new pg.Pool({ ...login, database: 'sandbox', ssl: { rejectUnauthorized: false }, max: 6 });
    await pool.query('create table if not exists pooled (n int primary key)');
    await pool.query('truncate pooled');
    await Promise.all(Array.from({ length: 30 }, async (_, n) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query('insert into pooled values ($1)', [n]);
        await client.query(n % 3 === 0 ? 'rollback' : 'commit');
      } finally {
        client.release();
      }
    }));
    expect((await pool.query('select count(*)::int as n from pooled')).rows).toEqual([{ n: 20 }]);
    await pool.query('drop table pooled');
    await pool.end();
  }, 60_000);

  it('LISTEN and NOTIFY', async () => {
    const [hears, says] = await Promise.all([nodePg(place, 'agent-etl', 'sandbox'), nodePg(place, 'agent-etl', 'sandbox')]);
    const heard: string[] = [];
    const from: number[] = [];
    hears.on('notification', ({ channel, payload, processId }) => {
      heard.push(`${channel} ${payload}`);
      from.push(processId);
    });
    await hears.query('listen news');
    await says.query("notify news, 'first'");
    await says.query("select pg_notify('news', $1)", ['second']);
    await eventually('both notifications arrive', () => heard.length === 2);
    expect(heard).toEqual(['news first', 'news second']);
    const { processID } = says as unknown as { processID: number };
    expect(from).toEqual([processID, processID]);
    expect((await says.query('select pg_backend_pid() as pid')).rows).toEqual([{ pid: processID }]);
    await Promise.all([hears.end(), says.end()]);
  });

  it('messages of a thousand statements, and values by the ten thousand', async () => {
    const client = await nodePg(place, 'agent-etl', 'sandbox');
    await client.query('create temp table batch (n int, note text)');
    await client.query(Array.from({ length: 1_000 }, (_, n) => `insert into batch values (${n}, 'it''s ${n}')`).join(';\n'));
    const values = Array.from({ length: 20_000 }, (_, n) => n);
    await client.query(`insert into batch (n) values ${values.map((n) => `($${n + 1})`).join(', ')}`, values);
    expect((await client.query('select count(*)::int as rows, count(note)::int as noted, sum(n)::int as sum from batch')).rows).toEqual([{ rows: 21_000, noted: 1_000, sum: 499_500 + 199_990_000 }]);
    await expect(client.query(`${'insert into batch values (0);'.repeat(500)} select 1/0`)).rejects.toMatchObject({ code: '22012' });
    expect((await client.query('select count(*)::int as rows from batch')).rows).toEqual([{ rows: 21_000 }]);
    await client.end();
  }, 60_000);

  it('a literal of millions of bytes', async () => {
    const client = await nodePg(place, 'agent-etl', 'sandbox');
    const text = 'x'.repeat(5_000_000);
    expect((await client.query(`select length('${text}') as n, '${text}' as t`)).rows).toEqual([{ n: 5_000_000, t: text }]);
    await client.query(`create temp table long (t text); insert into long values ('short')`);
    await client.query(`insert into long values ('${text}')`);
    await expect(client.query(`do '${text}'`)).rejects.toMatchObject({ code: '54000' });
    expect((await client.query('select sum(length(t))::int as n from long')).rows).toEqual([{ n: 5_000_005 }]);
    await client.end();
  }, 60_000);

  it('a running query is cancelled', async () => {
    const client = await nodePg(place, 'agent-etl', 'sandbox');
    const running = client.query('select pg_sleep(30)').then(() => undefined, (fault: unknown) => fault as { code?: string });
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    // A cancel that comes before the query changes nothing, so it is repeated until the query has ended.
    await eventually('the cancel takes effect', async () => {
      await requestCancel(place.ports.connector, processID, secretKey);
      return Promise.race([running.then((fault) => fault?.code === '57014'), sleep(300, false)]);
    });
    expect((await client.query('select 1 as alive')).rows).toEqual([{ alive: 1 }]);
    await client.end();
  }, 30_000);
});

const Lamp = new EntitySchema<{ id: number; name: string; watts: number; made: Date }>({
  name: 'lamp', tableName: 'orm_lamps',
  columns: { id: { type: 'int', primary: true, generated: 'increment' }, name: { type: 'text', unique: true }, watts: { type: 'int', default: 5 }, made: { type: 'timestamptz', createDate: true } },
});

describe('TypeORM, as an application uses it', () => {
  it('makes its schema, saves, finds, pages, streams and rolls back', async () => {
    const login = await gatewayLogin(place, 'agent-etl');
    const source = new DataSource({ type: 'postgres', host: login.host, port: login.port, username: login.user, password: login.password, database: 'sandbox', ssl: { rejectUnauthorized: false }, entities: [Lamp], synchronize: true });
    await source.initialize();
    const lamps = source.getRepository(Lamp);
    await lamps.clear();
    await lamps.save(Array.from({ length: 25 }, (_, at) => ({ name: `lamp ${at}`, watts: at })));
    const [page, count] = await lamps.findAndCount({ where: { watts: 7 }, order: { id: 'ASC' } });
    expect([page.map(({ name }) => name), count]).toEqual([['lamp 7'], 1]);
    await expect(source.transaction(async (manager) => {
      await manager.update(Lamp, { name: 'lamp 1' }, { watts: 100 });
      throw new Error('no');
    })).rejects.toThrow('no');
    expect((await lamps.findOneByOrFail({ name: 'lamp 1' })).watts).toBe(1);
    expect(await lamps.createQueryBuilder('l').select('sum(l.watts)', 'sum').where('l.watts between :a and :b', { a: 1, b: 3 }).getRawOne()).toEqual({ sum: '6' });
    await expect(lamps.insert({ name: 'lamp 1' })).rejects.toMatchObject({ code: '23505' });
    await source.synchronize();
    await source.dropDatabase();
    await source.destroy();
  }, 60_000);
});
