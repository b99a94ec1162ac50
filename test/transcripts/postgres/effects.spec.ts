import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '@interlock/contracts';
import { grantDigest } from '@interlock/domain-session';
import { requestCancel } from '../../e2e/system/cancel.js';
import { setUp } from './setting.js';

const asks = (table: string, more: string): string => `
@id("${table}-asks") @reason("Changes of ${table} take a DBA.") @approvers("dba") ${more}
forbid (principal, action, resource == Table::"sandbox/public/${table}") when { [Action::"update", Action::"delete", Action::"insert", Action::"truncate", Action::"merge"].contains(action) };`;

const POLICIES = [
  asks('bounded', '@max_rows("12")'), asks('counted', '@preview("exact")'), asks('capped', '@preview("exact") @max_rows("12")'), asks('parents', '@preview("exact")'), asks('watched', '@preview("exact") @max_rows("12")'), asks('plain', ''),
  asks('inside', '@max_rows("12") @wait_in_transaction("30s") @preview("exact")'), asks('twice', '@max_rows("12") @wait("1s") @wait_in_transaction("1s")'),
  asks('inside', '').replace('@id("inside-asks") @reason("Changes of inside take a DBA.")', '@id("zz-late") @reason("Late changes take a DBA.")').replace(' when {', ' when { context.command == "delete" &&'),
  '@id("no-secret-rows") @reason("Rows of hidden are not read.") forbid (principal, action == Action::"select", resource == Table::"sandbox/public/hidden");', asks('hidden', '@preview("exact") @max_rows("12")'),
].join('\n');

const TABLES = ['bounded', 'counted', 'capped', 'watched', 'plain', 'hidden', 'inside', 'twice'];
const SCHEMA = [
  ...TABLES.flatMap((table) => [`create table ${table} (id int primary key, status text not null default 'new', email text)`, `insert into ${table} (id, email) select n, 'person' || n || '@example.org' from generate_series(1, 40) n`]),
  'create table parents (id int primary key)', 'insert into parents select generate_series(1, 5)',
  'create table children (id int primary key, parent int not null references parents on delete cascade)', 'insert into children select n, 1 + n % 5 from generate_series(0, 19) n',
  'create table audit (note text)',
  "create function noted() returns trigger language plpgsql as $$ begin insert into audit values (new.id::text); return new; end $$",
  'create trigger watched_noted after update on watched for each row execute function noted()',
  'create table late (id int primary key, bounded int references bounded deferrable initially deferred)',
  'create schema other', "create table other.bounded (id int primary key, status text not null default 'other')", 'insert into other.bounded select generate_series(1, 40)',
];

const setting = setUp({
  policies: POLICIES,
  configure: (configuration) => { configuration.masking.columns.push({ id: 'counted-email', target: 'sandbox', column: 'public.counted.email', transform: 'redact', except: [] }, { id: 'counted-status', target: 'sandbox', column: 'public.counted.status', transform: 'redact', except: ['etl'] }); },
}, (target) => target.bare('sandbox', async (client) => { for (const statement of SCHEMA) await client.query(statement); }, 'standing'));

const bare = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => setting.target.bare('sandbox', work);
const count = async (from: string): Promise<number> => (await bare((client) => client.query<{ n: number }>(`select count(*)::int as n from ${from}`))).rows[0]!.n;

/** How the command ended, once that is recorded. */
const outcome = () => setting.world.until('an outcome', () => setting.world.events('command.outcome.v1').findLast(({ effect, errorCode }) => effect ?? errorCode));

interface Asked {
  readonly request: ApprovalRequest;
  /** Rows, or the fault. */
  readonly answer: Promise<pg.QueryResult | (Error & { code: string; detail?: string; hint?: string })>;
  readonly client: pg.Client;
  agree(): Promise<pg.QueryResult & Error & { code: string; detail: string; hint: string }>;
}

/** Sends a command that asks, and hands over what people are shown. */
async function asked(query: string | pg.QueryConfig, { first = [], work }: { readonly first?: readonly string[]; readonly work: (asked: Asked) => Promise<void> }): Promise<void> {
  const { world } = setting;
  await setting.as('agent-etl', 'sandbox', async (client) => {
    for (const text of first) await client.query(text);
    const before = (await world.grants.list()).length;
    const answer = client.query(query as string).catch((fault: unknown) => fault as never);
    const state = await Promise.race([world.until('a request', () => world.newestApproval(before)), answer.then((fault) => { throw fault as unknown as Error; })]);
    const agree = async () => {
      expect(await world.vote(state.request.id, 'dba', 'approve')).toMatchObject({ ok: true });
      return answer as never;
    };
    await work({ request: state.request, answer, client, agree });
  });
}

describe('what people are shown of a command before they are asked', () => {
  it('is its plan and what the target expects, and nothing of it was run', () => asked("update plain set status = 'x' where id between 1 and 10", {
    work: async ({ request, agree }) => {
      expect(request.preview).toMatchObject({ kind: 'estimate', estimatedRows: expect.any(Number) as number, plan: expect.arrayContaining(['Update on plain', expect.stringMatching(/^ {2}\w.* on plain \(\d+ rows\)$/)]) as string[] });
      expect(request.bound).toBeUndefined();
      expect(await count("plain where status = 'x'")).toBe(0);
      expect(setting.world.events('probe.ran.v1').filter(({ purpose }) => purpose === 'preview').map(({ text }) => text)).toContain("EXPLAIN (FORMAT JSON, VERBOSE false, COSTS true) update plain set status = 'x' where id between 1 and 10");
      expect((await agree()).rowCount).toBe(10);
    },
  }));

  it('is the exact number and a sample, where the rule wants that, with values bound: masked for everyone, though the requester is spared', () => asked({ text: 'delete from counted where id <= $1', values: [7] }, {
    work: async ({ request, agree }) => {
      expect(await setting.as('agent-etl', 'sandbox', async (other) => (await other.query('select status, email from counted where id = 1')).rows)).toEqual([{ status: 'new', email: '[redacted]' }]);
      expect(request.preview!.sample!.rows[0]).toEqual(['1', '[redacted]', '[redacted]']);
      expect(request.preview).toMatchObject({ kind: 'exact', rows: 7, changes: [{ object: 'public.counted', inserted: 0, updated: 0, deleted: 7 }] });
      expect(request.preview!.sample!.columns).toEqual(['id', 'status', 'email']);
      expect(request.preview!.sample!.rows).toHaveLength(5);
      expect(JSON.stringify(request)).not.toContain('@example.org');
      expect(request.bound).toEqual({ maxRows: 7 });
      expect(request.state).toMatch(/^[0-9a-f]{64}$/);
      expect(request.grantDigest).toBe(grantDigest(request));
      expect(await count('counted where id <= 7')).toBe(7);
      expect((await agree()).rowCount).toBe(7);
      expect(await count('counted where id <= 7')).toBe(0);
    },
  }));
});

describe('a command within a bound', () => {
  it('commits at the bound, and is recorded with what it did', () => asked("update bounded set status = 'twelve' where id between 1 and 12", {
    work: async ({ request, agree }) => {
      expect(request.bound).toEqual({ maxRows: 12 });
      expect(await agree()).toMatchObject({ command: 'UPDATE', rowCount: 12 });
      expect(await count("bounded where status = 'twelve'")).toBe(12);
      expect(await outcome()).toMatchObject({ status: 'completed', summary: 'UPDATE 12', effect: { rows: 12, maxRows: 12, kept: true, changes: [{ object: 'public.bounded', updated: 12 }] } });
    },
  }));

  it('is rolled back one row beyond, and says so', () => asked("update bounded set status = 'thirteen' where id between 1 and 13", {
    work: async ({ agree, client }) => {
      const fault = await agree();
      expect(fault).toMatchObject({ code: 'IL001', message: 'refused by rule "bounded-asks": rolled back: it changed 13 rows (13 updated in public.bounded), and people agreed to 12 at most', hint: expect.stringContaining('Nothing of it stands') as string });
      expect(JSON.parse(fault.detail)).toMatchObject({ interlock: { reason: 'effect_bound_exceeded', grant: expect.any(String) as string, event: expect.any(String) as string } });
      expect(await count("bounded where status = 'thirteen'")).toBe(0);
      expect(await outcome()).toMatchObject({ status: 'failed', errorCode: 'IL001', effect: { rows: 13, maxRows: 12, kept: false } });
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    },
  }));

  it('counts what a trigger changes, too', () => asked("update watched set status = 'x' where id <= 7", {
    work: async ({ request, agree }) => {
      expect(request.preview).toMatchObject({ kind: 'estimate', reason: expect.stringContaining('the trigger watched_noted of public.watched would run') as string });
      expect(request.bound).toEqual({ maxRows: 12, beside: [expect.stringContaining('The trigger watched_noted of public.watched comes with it') as string] });
      expect(await agree()).toMatchObject({ code: 'IL001', message: expect.stringContaining('14 rows (7 inserted in public.audit, 7 updated in public.watched)') as string });
      expect(await count('audit')).toBe(0);
    },
  }));

  it('counts what a cascade deletes, in the preview as in the run', () => asked('delete from parents where id = 2', {
    work: async ({ request, agree }) => {
      expect(request.preview).toMatchObject({ kind: 'exact', rows: 5, changes: [{ object: 'public.children', deleted: 4 }, { object: 'public.parents', deleted: 1 }] });
      expect(await agree()).toMatchObject({ command: 'DELETE', rowCount: 1 });
      expect(await count('children')).toBe(16);
    },
  }));

  it('is rolled back where a deferred constraint fails', async () => {
    await bare((client) => client.query('insert into late values (1, 40)'));
    await asked('delete from bounded where id = 40', {
      work: async ({ agree }) => {
        expect(await agree()).toMatchObject({ code: '23503', message: expect.stringContaining('rolled back') as string });
        expect(await count('bounded where id = 40')).toBe(1);
      },
    });
  });

  it('fails as the target says, and changes nothing', () => asked('update bounded set id = 1 where id = 2', {
    work: async ({ agree }) => {
      expect(await agree()).toMatchObject({ code: '23505' });
      expect(await count('bounded where id in (1, 2)')).toBe(2);
    },
  }));

  it('answers as any other: rows masked, values bound, statements prepared under a name and used again', async () => {
    const text = 'delete from counted where id = $1 returning id, email';
    await asked({ name: 'gone', text, values: [20] }, {
      work: async ({ client, agree }) => {
        expect(await agree()).toMatchObject({ rowCount: 1, rows: [{ id: 20, email: '[redacted]' }] });
        await again(client, { name: 'gone', text, values: [21] }, async (answer) => expect(await answer).toMatchObject({ rowCount: 1, rows: [{ id: 21, email: '[redacted]' }] }));
        await again(client, { name: 'gone', text, values: [22] }, async (answer) => expect(await answer).toMatchObject({ rowCount: 1, rows: [{ id: 22 }] }));
      },
    });
    expect(await count('counted where id in (20, 21, 22)')).toBe(0);
  });

  it('runs as its session is set', () => asked("update bounded set status = current_setting('DateStyle') where id = 3", {
    first: ["set datestyle = 'German'", "set statement_timeout = '20s'"],
    work: async ({ agree }) => {
      expect(await agree()).toMatchObject({ rowCount: 1 });
      expect(await count("bounded where status = 'German, DMY'")).toBe(1);
    },
  }));

  it.each([["set default_transaction_isolation = 'serializable'", 'serializable'], ["set default_transaction_isolation = 'read committed'", 'repeatable read']])('runs by one snapshot, and no weaker than its session is set to: %s', (set, level) => asked(`delete from counted where id = ${level === 'serializable' ? 38 : 39}`, {
    first: [set, 'select 1'],
    work: async ({ request, agree }) => {
      expect(request.preview).toMatchObject({ kind: 'exact' });
      await agree();
      expect(setting.world.events('probe.ran.v1').map(({ text }) => text)).toContain(`BEGIN ISOLATION LEVEL ${level.toUpperCase()}`);
    },
  }));

  it('does not write where its session is set to read only', () => asked("update bounded set status = 'written' where id = 4", {
    first: ['set default_transaction_read_only = on'],
    work: async ({ agree }) => {
      expect(await agree()).toMatchObject({ code: '25006' });
      expect(await count("bounded where status = 'written'")).toBe(0);
    },
  }));

  it('hears that the target noticed something, once it is committed: where columns are masked, code may say what it read', async () => {
    await bare((client) => client.query("create or replace function told() returns trigger language plpgsql as $$ begin raise notice 'row % is told', new.id; return new; end $$; create trigger twice_told before update on twice for each row execute function told()"));
    const heard: (string | undefined)[] = [];
    await asked("update twice set status = 'told' where id = 20", {
      work: async ({ client, agree }) => {
        client.on('notice', ({ message }) => heard.push(message));
        expect(await agree()).toMatchObject({ rowCount: 1 });
        expect(heard).toContain('a notice of a statement on masked data was withheld');
      },
    });
    await bare((client) => client.query('drop trigger twice_told on twice'));
  });

  it('means the same by its names as its session does', () => asked('delete from bounded where id = 1', {
    first: ['set search_path = other, public'],
    work: () => { throw new Error('no rule asks about other.bounded'); },
  }).catch((fault: unknown) => fault).then(async () => {
    expect(await count('other.bounded where id = 1')).toBe(0);
    expect(await count('public.bounded where id = 1')).toBe(1);
  }));

  it('is cancelled where it runs', () => asked('update bounded set status = pg_sleep(60)::text where id = 5', {
    work: async ({ request, client, answer }) => {
      expect(request.bound).toMatchObject({ maxRows: 12, beside: [expect.stringContaining('pg_sleep') as string] });
      await setting.world.vote(request.id, 'dba', 'approve');
      await bare(async (other) => { while ((await other.query("select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()")).rowCount === 0); });
      await cancel(client);
      expect(await answer).toMatchObject({ code: '57014' });
      expect(await outcome()).toMatchObject({ status: 'cancelled' });
    },
  }));
});

describe('an effect that people may not agree to, or that cannot be held', () => {
  it('is asked of nobody where more was counted than the rule lets them agree to', async () => {
    const { world } = setting;
    const before = (await world.grants.list()).length;
    await setting.as('agent-etl', 'sandbox', async (client) => {
      await expect(client.query("update capped set status = 'x' where id <= 13")).rejects.toMatchObject({ code: 'IL003', message: expect.stringContaining('would change 13 rows (13 updated in public.capped), and people may agree to 12 at most') as string });
    });
    expect((await world.grants.list()).length).toBe(before);
  });

  it('says so to the approver, and runs where they agree all the same', () => asked('truncate bounded, late', {
    work: async ({ request, agree }) => {
      expect(request.preview).toMatchObject({ kind: 'none', reason: expect.stringContaining('no plan of truncate') as string });
      expect(request.bound).toEqual({ unbounded: expect.stringContaining('truncate') as string });
      expect(await agree()).toMatchObject({ command: 'TRUNCATE' });
      await bare((client) => client.query("insert into bounded (id) select generate_series(1, 40)"));
    },
  }));

  it.each([
    ["update capped set status = default where id = 1", /draw numbers from sequences/],
    ["insert into capped values (100, 'x')", /draw numbers from sequences/],
    ["update capped set status = random()::text where id = 1", /code whose effects a rollback/],
  ])('is not tried where that could leave something: %s', (text, why) => asked(text, {
    work: async ({ request, client }) => {
      expect(request.preview).toMatchObject({ kind: 'estimate', reason: expect.stringMatching(why) as string });
      expect(request.bound).toMatchObject({ maxRows: 12 });
      await cancel(client);
    },
  }));

  it('gives no sample of what the requester may not read, and by no refusal tells it how many those are', () => asked("update hidden set status = 'x' where true or id = 0", {
    work: async ({ request, client }) => {
      expect(request.preview).toMatchObject({ kind: 'exact', rows: 40, sampleWithheld: expect.stringContaining('Rows of hidden are not read') as string });
      expect(request.preview).not.toHaveProperty('sample');
      expect(request.bound).toEqual({ maxRows: 12 });
      await cancel(client);
    },
  }));
});

describe('rows that people agreed to', () => {
  it.each([
    ['one of them was changed', "update counted set status = 'changed' where id = 30"],
    ['one took the place of another', 'begin; delete from counted where id = 30; update counted set id = 30 where id = 35; commit'],
    ['one more has come', 'insert into counted (id) values (50)'],
    ['one is gone', 'delete from counted where id = 50'],
  ])('are others where %s: it is not run, and the grant is not used', (_, change) => asked("update counted set status = 'agreed' where id between 30 and 33 or id > 45", {
    work: async ({ request, agree }) => {
      expect(request.state).toMatch(/^[0-9a-f]{64}$/);
      await bare((client) => client.query(change));
      expect(await agree()).toMatchObject({ code: 'IL002', message: expect.stringContaining('are not those that it would change now') as string });
      expect(await count("counted where status = 'agreed'")).toBe(0);
      expect((await setting.world.grants.get(request.id))!.value.status).toBe('withdrawn');
    },
  }));
});

describe('a command that waits inside a transaction of its client, where its rule lets it', () => {
  it('runs there within its bound, and COMMIT stays the client\'s', () => asked({ name: 'inside', text: "update inside set status = 'x' where id <= $1 returning id", values: [12] }, {
    first: ['begin', "insert into audit values ('with it')"],
    work: async ({ request, client, agree }) => {
      expect(request.bound).toEqual({ maxRows: 12, openTransaction: true });
      expect(request.preview).toMatchObject({ kind: 'estimate', reason: expect.stringContaining('inside a transaction of its requester') as string });
      expect(request.ask.waitSeconds).toBe(30);
      expect(await agree()).toMatchObject({ command: 'UPDATE', rowCount: 12 });
      expect(await outcome()).toMatchObject({ status: 'completed', effect: { rows: 12, kept: true } });
      const there = async (): Promise<number[]> => [await count("inside where status = 'x'"), await count("audit where note = 'with it'")];
      expect(await there()).toEqual([0, 0]);
      await client.query('commit');
      expect(await there()).toEqual([12, 1]);
    },
  }));

  it('is taken back beyond its bound, and the transaction goes on without it', () => asked("update inside set status = 'thirteen' where id <= 13", {
    first: ['begin', "insert into audit values ('without it')", 'savepoint interlock'],
    work: async ({ client, agree }) => {
      expect(await agree()).toMatchObject({ code: 'IL001', message: expect.stringContaining('it changed 13 rows') as string });
      expect(await outcome()).toMatchObject({ status: 'failed', effect: { kept: false } });
      await client.query('release savepoint interlock');
      await client.query('commit');
      expect([await count("inside where status = 'thirteen'"), await count("audit where note = 'without it'")]).toEqual([0, 1]);
    },
  }));

  it('fails the transaction where the target fails it', () => asked('update inside set id = 1 where id = 2', {
    first: ['begin'],
    work: async ({ client, agree }) => {
      expect(await agree()).toMatchObject({ code: '23505' });
      await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
      await client.query('rollback');
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    },
  }));

  it('fails the transaction where people deny it', () => asked('update inside set id = 200 where id = 2', {
    first: ['begin'],
    work: async ({ request, client, answer }) => {
      await setting.world.vote(request.id, 'dba', 'deny');
      expect(await answer).toMatchObject({ code: '42501', message: expect.stringContaining('dba denied') as string });
      await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
      await client.query('rollback');
    },
  }));

  it('is refused by the rule that does not let it wait there, whichever else asks', () => setting.as('agent-etl', 'sandbox', async (client) => {
    await client.query('begin');
    await expect(client.query('delete from inside where id = 4')).rejects.toMatchObject({
      message: expect.stringMatching(/^refused by rule "zz-late": Late changes take a DBA/) as string, hint: expect.stringContaining('Rule zz-late does not let it wait inside one.') as string,
    });
    await client.query('rollback');
  }));

  it('is refused with a hint where the target would not let its transaction wait that long, and where a rule says nothing of it', () => setting.as('agent-etl', 'sandbox', async (client) => {
    await client.query("set idle_in_transaction_session_timeout = '30s'");
    for (const text of ["update inside set status = 'y' where id = 3", "update bounded set status = 'y' where id = 3"]) {
      await client.query('begin');
      await expect(client.query(text)).rejects.toMatchObject({ code: '42501', hint: expect.stringMatching(/outside (of )?a transaction/) as string });
      await client.query('rollback');
    }
    expect(setting.world.events('command.decided.v1').filter(({ phase }) => phase === 'forward')).toEqual([]);
  }));

  it('does not come back inside one for what people agreed to outside of any', () => asked("update twice set status = 'x' where id = 1", {
    work: async ({ request, client, answer }) => {
      expect(await answer).toMatchObject({ message: expect.stringContaining(request.id) as string });
      await setting.world.vote(request.id, 'dba', 'approve');
      await client.query('begin');
      await expect(client.query("update twice set status = 'x' where id = 1")).rejects.toMatchObject({ message: expect.stringContaining('agreed to it in a transaction of its own') as string });
      await client.query('rollback');
      expect(await count("twice where status = 'x'")).toBe(0);
    },
  }));

  it('comes back outside of one, and runs as agreed', () => asked("update twice set status = 'x' where id <= 13", {
    work: async ({ request, client, answer }) => {
      await answer;
      await setting.world.vote(request.id, 'dba', 'approve');
      await expect(client.query("update twice set status = 'x' where id <= 13")).rejects.toMatchObject({ code: 'IL001' });
    },
  }));
});

/** Sends one more command that asks, on the same session, and agrees to it. */
async function again(client: pg.Client, query: pg.QueryConfig, look: (answer: Promise<pg.QueryResult>) => Promise<unknown>): Promise<void> {
  const before = (await setting.world.grants.list()).length;
  const answer = client.query(query);
  answer.catch(() => undefined);
  const { request } = await setting.world.until('a request', () => setting.world.newestApproval(before));
  await setting.world.vote(request.id, 'dba', 'approve');
  await look(answer);
}

async function cancel(client: pg.Client): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number | Buffer };
  await requestCancel(setting.world.port, processID, secretKey);
}
