import { beforeAll, describe, expect, it } from 'vitest';
import type { MaskingRule } from '@interlock/contracts';
import { setUp } from './setting.js';

const SCHEMA = `
  create table staff (id integer primary key, mail text, card varchar(19), pay numeric(12,2), badge integer, born date, seen timestamptz, zip char(5), facts jsonb, phone text, extension integer);
  insert into staff values
    (1, 'ada@needle.example', '4111-1111-1111-1111', 97411.55, 73514682, '1985-10-26', '1999-12-31 23:59:59.5+00', '90210', '{"needle": 1}', '+1 555 0100', 123456),
    (2, 'bo@needle.example', '5286914470312268', -0.50, 12, 'infinity', '2026-03-29 01:30:00+00', '10115', null, null, null),
    (3, 'ada@needle.example', null, 0, 1234567890, '0044-03-15 BC', 'infinity', '1', '{}', null, null);
  create table letters (writer text, body text);
  insert into letters values ('ada@needle.example', 'first'), ('bo@needle.example', 'second');
  grant select on staff, letters to public;
  grant update, insert on letters to public;`;

const rule = (column: string, how: Partial<MaskingRule>, table = 'staff'): MaskingRule => ({ id: `${table}-${column}`, target: 'shop', column: `public.${table}.${column}`, transform: 'redact', except: [], ...how });
const setting = setUp({
  policies: '@id("writes-letters")\npermit (principal == Agent::"agent-etl", action, resource == Table::"shop/public/letters");\n',
  configure: (configuration) => {
    configuration.masking = {
      columns: [
        rule('mail', { transform: 'token', kind: 'email' }), rule('writer', { transform: 'token', kind: 'email' }, 'letters'), rule('card', { transform: 'format-preserving', kind: 'card' }), rule('badge', { transform: 'format-preserving', kind: 'badge' }),
        rule('pay', { transform: 'generalise', generalise: { bucket: 1_000 } }), rule('born', { transform: 'generalise', generalise: { to: 'year' } }), rule('seen', { transform: 'generalise', generalise: { to: 'month' } }),
        rule('zip', { transform: 'generalise', generalise: { first: 3 } }), rule('facts', { transform: 'token', kind: 'facts' }),
        rule('phone', { transform: 'token', kind: 'lost' }), rule('extension', { transform: 'format-preserving', kind: 'lost' }),
      ],
      content: [],
    };
  },
}, (target) => target.bare('shop', (client) => client.query(SCHEMA)));
beforeAll(() => void setting.world.kindsWithoutKey.add('lost'));

type Row = Record<string, string | number | null>;
const rows = (text: string, more: object = {}): Promise<Row[]> => setting.as('agent-etl', 'shop', async (client) => (await client.query<Row>({ text, ...more })).rows);
const TOKEN = /^email_t1_[a-z2-7]+$/;

describe('masked values', () => {
  it('are of the type of their column, as text', async () => {
    const [first, second, third] = await rows('select id, mail, card, zip, facts from staff order by id');
    expect(first).toMatchObject({ id: 1, mail: expect.stringMatching(TOKEN), card: expect.stringMatching(/^\d{4}-\d{4}-\d{4}-\d{4}$/), zip: '902*', facts: '[redacted]' });
    expect(second).toMatchObject({ mail: expect.stringMatching(TOKEN), card: expect.stringMatching(/^\d{16}$/), zip: '101*', facts: null });
    expect(third).toMatchObject({ mail: first!['mail'], card: null, zip: '1  *' });
    expect(first!['mail']).not.toBe(second!['mail']);
  });

  it.each([
    ['a UNION', "select mail from staff union all select 'ada@needle.example'"],
    ['VALUES', "values ((select card from staff where id = 1)), ('4111-1111-1111-1111')"],
    ['another column', 'select mail from staff union all select body from letters'],
    ['a cursor', "begin; declare c cursor for select writer from letters union all select 'ada@needle.example'; fetch all from c"],
  ])('are not made of what a reader brings by %s', async (_what, text) => {
    await setting.as('agent-etl', 'shop', async (client) => {
      const said = text.split('; ');
      for (const before of said.slice(0, -1)) await client.query(before);
      await expect(client.query(said.at(-1)!)).rejects.toThrow('has other values beside those of');
    });
  });

  it('are so as numbers and times, too', async () => {
    const raw = { types: { getTypeParser: () => (value: string) => value } };
    expect(await rows('select pay, badge, born, seen from staff order by id', raw)).toEqual([
      { pay: '97000', badge: expect.stringMatching(/^[1-9]\d{7}$/), born: '1985-01-01', seen: '1999-12-01 00:00:00+00' },
      { pay: '-1000', badge: null, born: null, seen: '2026-03-01 00:00:00+00' },
      { pay: '0', badge: expect.stringMatching(/^[1-9]\d{9}$/), born: null, seen: null },
    ]);
  });

  it('are the same in binary, and to a driver', async () => {
    const text = 'select id, mail, card, pay, badge, seen from staff order by id';
    const told = async (binary: boolean) => setting.as('agent-etl', 'shop', async (client) => (await client.query({ text, values: [], binary } as never) as unknown as { rows: Row[] }).rows.map((row) => ({ ...row, pay: Number(row['pay']) })));
    const [inText, inBinary] = [await told(false), await told(true)];
    expect(inBinary).toEqual(inText);
    expect(inText[0]).toMatchObject({ pay: 97_000, badge: expect.any(Number), seen: new Date('1999-12-01T00:00:00Z') });
  });

  it('do not give a moment away by the time zone of the session', async () => {
    const seen = (zone: string) => setting.as('agent-etl', 'shop', async (client) => {
      await client.query(`set timezone = '${zone}'`);
      return (await client.query<{ seen: Date | null }>('select seen from staff order by id')).rows.map((row) => row.seen?.toISOString());
    });
    const zones = ['UTC', 'Pacific/Kiritimati', 'Etc/GMT+12', '<far>-167:59'];
    const told = await Promise.all(zones.map((zone) => seen(zone).catch(() => 'refused')));
    expect(new Set(told.filter((one) => one !== 'refused').map(String)).size).toBe(1);
    expect(told[0]).toEqual(['1999-12-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z', undefined]);
  });

  it('join across tables by their tokens', async () => {
    const [staff, letters] = [await rows('select id, mail from staff order by id'), await rows('select writer, body from letters order by body')];
    expect(letters.map(({ writer, body }) => [body, staff.filter(({ mail }) => mail === writer).map(({ id }) => id)])).toEqual([['first', [1, 3]], ['second', [2]]]);
  });
});

it('without a key nothing is left of a value', async () => {
  expect(await rows('select phone, extension from staff where id = 1')).toEqual([{ phone: '[redacted]', extension: null }]);
});

describe('tokens that come back', () => {
  const tokenOf = async (id: number): Promise<string> => String((await rows(`select mail from staff where id = ${id}`))[0]!['mail']);
  const asked = (text: string, ...values: unknown[]): Promise<Row[]> => rows(text, { values });

  it('find the rows of their value, in any table of their kind, prepared or not', async () => {
    const ada = await tokenOf(1);
    expect(await asked('select id from staff where mail = $1 order by id', ada)).toEqual([{ id: 1 }, { id: 3 }]);
    expect(await asked('select body from letters where writer = $1::text', ada)).toEqual([{ body: 'first' }]);
    expect(await asked('select id from staff where mail in ($1, $2) and id < $3 order by id', ada, await tokenOf(2), 3)).toEqual([{ id: 1 }, { id: 2 }]);
    const again = await setting.as('agent-etl', 'shop', async (client) => {
      const named = { name: 'by-mail', text: 'select id from staff where mail = $1 order by id' };
      return [(await client.query({ ...named, values: [ada] })).rows, (await client.query({ ...named, values: [await tokenOf(2)] })).rows];
    });
    expect(again).toEqual([[{ id: 1 }, { id: 3 }], [{ id: 2 }]]);
  });

  it('stand in the ledger, and their values nowhere', async () => {
    const ada = await tokenOf(1);
    setting.world.forget();
    await asked('select id, mail from staff where mail = $1 order by id', ada);
    const [decided] = setting.world.events('command.decided.v1');
    expect(decided!.action.parameters).toEqual([{ type: '0', format: 'text', value: ada }]);
    expect(JSON.stringify(setting.world.ledger.events)).not.toContain('needle');
  });

  it('are not stored in place of a value', async () => {
    const ada = await tokenOf(1);
    await expect(asked('update letters set writer = $1 where body = $2', ada, 'second')).rejects.toThrow('would be stored in place of the value');
    await expect(asked(`update letters set writer = '${ada}' where body = 'second'`)).rejects.toThrow('would be stored in place of the value');
    await expect(asked('insert into letters values ($1, $2)', ada, 'third')).rejects.toThrow('would be stored in place of the value');
    await expect(asked('update letters set writer = $2 where writer = $1', ada, await tokenOf(2))).rejects.toThrow('would be stored in place of the value');
    expect(await setting.target.bare('shop', async (client) => (await client.query('select writer, body from letters order by body')).rows)).toEqual([{ writer: 'ada@needle.example', body: 'first' }, { writer: 'bo@needle.example', body: 'second' }]);
  });

  it('are refused in the text with how they are compared', async () => {
    await expect(asked(`select id from staff where mail = '${await tokenOf(1)}'`)).rejects.toMatchObject({ hint: expect.stringContaining('bound as parameters') });
    await expect(asked("select id from staff where card = '4'")).rejects.toMatchObject({ hint: 'Do not filter, join, sort, group or compute on it.' });
  });

  it.each<[string, (token: string) => [text: string, ...values: unknown[]], string]>([
    ['a guess', () => ['select id from staff where mail = $1', 'ada@needle.example'], 'may be compared with tokens alone'],
    ['NULL', () => ['select id from staff where mail = $1', null], 'may be compared with tokens alone'],
    ['a forged token', (token) => ['select id from staff where mail = $1', `${token.slice(0, -4)}${token.at(-4) === 'a' ? 'b' : 'a'}${token.slice(-3)}`], 'was not issued here'],
    ['a token of a key that there is not', (token) => ['select id from staff where mail = $1', token.replace('_t1_', '_t2_')], 'There is no key 2'],
    ['a token of another kind', (token) => ['select id from staff where mail = $1', token.replace('email', 'badge')], 'none of kind email'],
    ['a token and a guess', (token) => ['select id from staff where mail in ($1, $2)', token, 'bo@needle.example'], 'may be compared with tokens alone'],
    ['a token in the text', (token) => [`select id from staff where mail = '${token}'`], 'would decide which rows come back'],
    ['a token that is shown, too', (token) => ['select $1::text from staff where mail = $1', token], 'would decide which rows come back'],
    ['a token against a column of anybody', (token) => ['select id from staff, letters where mail = $1 and body = $1', token], 'would decide which rows come back'],
    ['a token in a plan', (token) => ['explain (verbose) select id from staff where mail = $1', token], 'would decide which rows come back'],
    ['a column with other digits', () => ['select id from staff where card = $1', '4111-1111-1111-1111'], 'would decide which rows come back'],
  ])('are nothing else: %s is refused', async (_, made, detail) => {
    const [text, ...values] = made(await tokenOf(1));
    const error = await asked(text, ...values).then(() => undefined, (fault: Error) => fault);
    expect(error?.message).toContain(detail);
    expect(JSON.stringify(error) + error!.message).not.toContain('needle');
  });
});
