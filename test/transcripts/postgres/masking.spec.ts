import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { setUp } from './setting.js';

const run = promisify(execFile);
const setting = setUp();

interface Customer { readonly id: number; readonly card_number: string; readonly email: string; readonly national_id: string }
const bareCustomers = (): Promise<Customer[]> => setting.target.bare('shop', async (client) => (await client.query<Customer>('select id, card_number, email, national_id from customers order by id')).rows);

/** No masked value in clear, reversed, upper case, in hexadecimal or base64, or without its dashes. */
function expectNothingOf(customers: readonly Customer[], text: string): void {
  for (const { card_number, email, national_id } of customers) {
    for (const value of [card_number, email, national_id]) {
      for (const form of [value, value.toUpperCase(), [...value].reverse().join(''), Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64').replace(/=+$/, ''), value.replaceAll(/[-\s]/g, '')]) {
        expect(text.includes(form), `${form} was seen`).toBe(false);
      }
    }
  }
}

describe('masked columns', () => {
  it.each([
    'select id, card_number, email, national_id from customers order by id',
    'select * from customers order by id',
    'select c.card_number as x, c.email as y, c.national_id as z from customers c order by id',
    'table customers',
    'with t as (select card_number n from customers) select n from t',
    'select (select email from customers where id = 1) as e',
    'select card_number from customers union all select national_id from customers',
  ])('%s', async (text) => {
    const customers = await bareCustomers();
    const bare = await setting.target.bare('shop', async (client) => JSON.stringify((await client.query(text)).rows));
    expect(customers.some(({ card_number, email, national_id }) => bare.includes(card_number) || bare.includes(email) || bare.includes(national_id))).toBe(true);
    const { rows } = await setting.as('agent-etl', 'shop', (client) => client.query(text).catch((fault: Error) => ({ rows: [fault.message] })));
    expectNothingOf(customers, JSON.stringify(rows));
  });

  it('keep what is not masked as it is, and say how many cells were', async () => {
    const [first] = await bareCustomers();
    const { rows } = await setting.as('agent-etl', 'shop', (client) => client.query('select id, card_number, national_id from customers where id = 1'));
    expect(rows).toEqual([{ id: 1, card_number: `${'*'.repeat(first!.card_number.length - 4)}${first!.card_number.slice(-4)}`, national_id: '[redacted]' }]);
    expect(setting.world.events('command.outcome.v1')[0]).toMatchObject({ rows: 1, masked: 2 });
  });

  it.each([
    ["select id from customers where card_number like '4%'", 'card-number'],
    ['select id from customers order by email', 'email'],
    ['select upper(national_id) from customers', 'national-id'],
    ['select length(email) from customers', 'email'],
    ["select case when email like 'a%' then pg_sleep(0) end from customers", 'email'],
    ['select count(*) from customers group by national_id', 'national-id'],
    ['select 1 / (length(email) - 20) from customers', 'email'],
    ["select most_common_vals from pg_stats where attname = 'email'", undefined],
    ["select table_to_xml('customers', true, false, '')", 'shop-no-ddl'],
    ["select query_to_xml('select email from customers', true, false, '')", 'shop-no-ddl'],
  ])('are refused where they would show otherwise: %s', async (text, rule) => {
    const outcome = await setting.as('agent-etl', 'shop', (client) => client.query(text).then(() => undefined, (fault: pg.DatabaseError) => fault));
    expect(outcome).toMatchObject({ code: '42501' });
    if (rule) expect(outcome!.message).toContain(`refused by rule "${rule}"`);
    else expect(outcome!.message).not.toContain('rule');
    const isDenied = rule === 'shop-no-ddl';
    expect(setting.world.events('command.refused.v1')).toMatchObject(isDenied ? [] : [{ reason: 'masking_unsafe', text, hint: expect.any(String), bundleVersion: setting.world.control.state.bundle!.version, ...(rule && { rule }) }]);
    expect(setting.world.events('command.decided.v1')).toMatchObject(isDenied ? [{ action: { text }, decision: { outcome: 'deny' } }] : []);
    expect(JSON.parse(outcome!.detail!)).toMatchObject({ interlock: { decision: 'deny', event: expect.any(String) } });
  });

  it.each([
    ['a statement', (client: pg.Client, text: string) => client.query(text)],
    ['one that is prepared', (client: pg.Client, text: string) => client.query({ name: 's', text })],
  ])('are told of only where rules would let it pass: %s', async (_what, send) => {
    const text = "do $$ begin raise notice 'x'; end $$";
    const fault = await setting.as('agent-etl', 'shop', (client) => send(client, text).then(() => undefined, (error: pg.DatabaseError) => error));
    expect(fault).toMatchObject({ code: '42501', message: expect.stringMatching(/^refused by rule "shop-no-ddl": /) });
    const [decided] = setting.world.events('command.decided.v1');
    expect(decided).toMatchObject({ action: { verb: 'do', text }, decision: { outcome: 'deny', reasons: [{ rule: 'shop-no-ddl' }] } });
    expect(JSON.parse(fault!.detail!).interlock).toEqual({ reason: 'refused_by_rule', rule: 'shop-no-ddl', decision: 'deny', event: expect.any(String) });
    expect(setting.world.events('command.refused.v1')).toEqual([]);
  });

  it('are refused in one sentence that says what cannot be told, where that is all there is to say', async () => {
    const fault = await setting.as('agent-etl', 'shop', (client) => client.query('select * from pg_stat_activity limit 0').then(() => undefined, (error: pg.DatabaseError) => error));
    expect(fault!.message).toBe('the statement cannot be masked safely, because pg_catalog.pg_stat_activity holds samples of data, statements or credentials of others.');
  });

  it('are masked in binary, by values, in cursors and in COPY', async () => {
    const customers = await bareCustomers();
    const { stdout } = await run('psql', [
      '-h', '127.0.0.1', '-p', String(setting.world.port), '-U', 'agent-etl', '-XAt', 'shop',
      '-c', 'copy customers to stdout', '-c', '\\copy (select id, email from customers) to stdout csv header', '-c', 'copy (select email, id from customers) to stdout with (format binary)',
      '-c', 'begin; declare c cursor for select email, card_number from customers; fetch all from c; commit',
    ], { env: { ...process.env, PGPASSWORD: setting.world.token('agent-etl'), PGSSLMODE: 'require' }, maxBuffer: 64 * 1024 * 1024 });
    expectNothingOf(customers, stdout);
    expect(stdout).toContain('id,email\n');
    const wire = await setting.wire('agent-etl', 'shop');
    wire.send(
      { kind: 'parse', statement: 's', text: 'select email, id from customers where id = $1', parameterTypes: [23] }, { kind: 'sync' },
    );
    await wire.until('readyForQuery');
    wire.send({ kind: 'bind', portal: '', statement: 's', parameterFormats: [], parameters: [Buffer.from('1')], resultFormats: ['binary'] }, { kind: 'execute', portal: '', maxRows: 0 }, { kind: 'sync' });
    const answer = await wire.until('readyForQuery');
    expect(answer.map(({ kind }) => kind)).toEqual(['bindComplete', 'dataRow', 'commandComplete', 'readyForQuery']);
    const row = answer.find((message) => message.kind === 'dataRow');
    expectNothingOf(customers, row!.cells[0]!.toString('utf8'));
    expect(row!.cells[1]!.readInt32BE(0)).toBe(1);
    wire.close();
  });

  it('tell nothing in errors and notices', async () => {
    await setting.as('agent-etl', 'shop', async (client) => {
      const notices: string[] = [];
      client.on('notice', (notice) => notices.push(JSON.stringify(notice)));
      const error = await client.query("select email::int from customers").then(() => undefined, (fault: pg.DatabaseError) => fault);
      expect(error?.code).toMatch(/^(42501|22000)$/);
      expectNothingOf(await bareCustomers(), JSON.stringify(error) + notices.join());
    });
  });

  it('spare those whom the rule spares', async () => {
    const { world } = setting;
    const customers = await bareCustomers();
    const { rows } = await setting.as('agent-support', 'shop', (client) => client.query('select email from customers where id = 1'));
    expect(rows[0].email).not.toBe(customers[0]!.email);
    world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, masking: { columns: bundle.configuration.masking.columns.map((rule) => ({ ...rule, except: ['support'] })), content: [] } } }));
    const { rows: clear } = await setting.as('agent-support', 'shop', (client) => client.query('select email from customers where id = 1'));
    expect(clear[0].email).toBe(customers[0]!.email);
  });
});

describe('content that no rule names', () => {
  it('is found in texts, JSON, errors, notifications and COPY of every statement', async () => {
    const { world } = setting;
    world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, masking: { columns: [], content: [{ target: 'sandbox', kinds: ['card', 'email', 'national-id'] }] } } }));
    const card = '4012888888881881';
    const mail = 'ada.quill@zephyrmail.test';
    await setting.as('agent-etl', 'sandbox', async (client) => {
      const notifications: (string | undefined)[] = [];
      client.on('notification', ({ payload }) => notifications.push(payload));
      const notices: (string | undefined)[] = [];
      client.on('notice', ({ message }) => notices.push(message));
      const { rows } = await client.query(`select '${card} and ${mail}' as t, '{"card": "${card}", "n": 1}'::jsonb as j, 4012888888881881 as n, '${mail}'::bytea as b, array['${mail}', 'x'] as a`);
      expect(rows[0]).toMatchObject({ t: '[card] and [email]', j: { card: '[card]', n: 1 }, n: card, a: ['[email]', 'x'] });
      expect(rows[0].b.toString()).toBe('[email]');
      await client.query('listen hints');
      await client.query(`notify hints, '${mail}'`);
      await client.query(`do $$ begin raise notice 'who: %', '${mail}'; end $$`);
      await expect(client.query(`select '${mail}'::int`)).rejects.toMatchObject({ message: expect.stringContaining('[email]') });
      expect(notifications).toEqual(['[email]']);
      expect(notices).toEqual(['who: [email]']);
    });
    const recorded = world.ledger.events.find(({ type }) => type === 'session.opened.v1')!.session!;
    await world.until('the end', () => world.events('session.closed.v1')[0]);
    expect(world.recording(recorded).includes(mail)).toBe(false);
  });
});

describe('what masking put in place of a value', () => {
  const failing = (asked: Promise<unknown>): Promise<pg.DatabaseError | undefined> => asked.then(() => undefined, (fault: pg.DatabaseError) => fault);
  /** What becomes of data for COPY, in two messages cut anywhere. */
  const copied = async (text: string, cut: number): Promise<readonly (string | undefined)[]> => {
    const wire = await setting.wire('agent-etl', 'sandbox');
    wire.send({ kind: 'query', text: 'copy kept from stdin' });
    await wire.next('copyInResponse');
    const [one, other] = [text.slice(0, cut), text.slice(cut)].map((part) => ({ kind: 'copyData', data: Buffer.from(part) }) as const);
    wire.send(one!, other!, { kind: 'copyDone' });
    const answers = await wire.until('readyForQuery');
    wire.close();
    return answers.map((answer) => (answer.kind === 'errorResponse' ? answer.fields.detail : answer.kind === 'commandComplete' ? answer.tag : undefined)).filter((said) => said !== undefined);
  };

  it('is not written back, by text, value or COPY; what people write is', async () => {
    await setting.as('agent-etl', 'sandbox', (client) => client.query('create table kept (id int primary key, note text, kind text)'));
    setting.world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, masking: { columns: [{ id: 'secret-notes', target: 'sandbox', column: 'public.kept.note', transform: 'redact', except: [] }], content: [] } } }));
    await setting.as('agent-etl', 'sandbox', async (client) => {
      await client.query("insert into kept values (1, 'the note', 'a')");
      const [{ note }] = (await client.query<{ note: string }>('select note from kept')).rows as [{ note: string }];
      const refused = { code: '42501', detail: expect.stringContaining('placeholder_written') };
      expect(await failing(client.query(`update kept set kind = 'b', note = '${note}' where id = 1`))).toMatchObject(refused);
      expect(await failing(client.query("insert into kept values (2, E'\\x5bredacted]', 'a')"))).toMatchObject(refused);
      expect(await failing(client.query('update kept set note = $1 where id = 1', [note]))).toMatchObject(refused);
      expect(await failing(client.query("insert into kept values (3, '************1111', 'a')"))).toMatchObject(refused);
      expect((await client.query("update kept set kind = '[redacted] by hand' where id = 1")).rowCount).toBe(1);
      expect((await client.query('insert into kept values (4, $1, $2)', ['plain', '****'])).rowCount).toBe(1);
    });
    for (const cut of [3, 16, 23]) expect(await copied('5\tplain\tx\n6\t[redacted]\tx\n', cut)).toEqual([expect.stringContaining('placeholder_written')]);
    expect(await copied('7\tplain\t[redacted] by hand\n', 4)).toEqual(['COPY 1']);
    const { rows } = await setting.target.bare('sandbox', (client) => client.query('select id, note from kept order by id'));
    expect(rows).toEqual([{ id: 1, note: 'the note' }, { id: 4, note: 'plain' }, { id: 7, note: 'plain' }]);
  });
});
