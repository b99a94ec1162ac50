import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { Budget } from '@interlock/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { setUp } from './setting.js';

const asks = (id: string, table: string, more: string): string => `
@id("${id}") @reason("Changes take a DBA.") @approvers("dba") ${more}
forbid (principal, action, resource == Table::"sandbox/public/${table}") when { [Action::"update", Action::"delete"].contains(action) };`;
const POLICIES = [
  '@id("agents-work-in-the-sandbox") permit (principal is Agent, action, resource in Target::"sandbox");',
  asks('bounded-asks', 'bounded', '@max_rows("12")'), asks('inside-asks', 'inside', '@max_rows("12") @wait_in_transaction("30s")'), asks('plain-asks', 'plain', ''),
].join('\n');
const TABLES = ['bounded', 'inside', 'plain'];

const setting = setUp({ policies: POLICIES }, (target) => target.bare('sandbox', async (client) => { for (const table of TABLES) await client.query(`create table ${table} (id int primary key)`); }, 'standing'));
const bare = <T>(text: string): Promise<T[]> => setting.target.bare('sandbox', async (client) => (await client.query(text)).rows as T[], 'standing');
const left = async (table: string): Promise<number> => Number((await bare<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n);
const reasonOf = (detail: string | undefined): string => (JSON.parse(detail ?? '{}') as { interlock?: { reason: string } }).interlock?.reason ?? 'no refusal';

/** A budget of its own, of that many rows. */
function given(most: number): void {
  const budget = Budget.parse({ name: `b-${randomBytes(4).toString('hex')}`, of: { principal: 'agent-etl' }, what: 'rowsWritten', most, windowSeconds: 31 * 86_400 });
  setting.world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, budgets: [budget] } }));
}

/** Whoever sent something that asks; people agree, after `meanwhile`. */
async function agree(before: number, meanwhile: () => unknown = () => undefined): Promise<void> {
  const { request } = await setting.world.until('a request', () => setting.world.newestApproval(before));
  await meanwhile();
  expect(await setting.world.vote(request.id, 'dba', 'approve')).toMatchObject({ ok: true });
}

async function agreed(client: pg.Client, text: string, meanwhile?: () => unknown): Promise<string> {
  const before = (await setting.world.grants.list()).length;
  const answer = client.query(text).then(({ command, rowCount }) => `${command} ${rowCount}`, ({ detail }: pg.DatabaseError) => reasonOf(detail));
  await agree(before, meanwhile);
  return answer;
}

const as = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => setting.as('agent-etl', 'sandbox', work);

describe('what people agreed to within a bound, under a budget of rows written', () => {
  beforeEach(async () => {
    for (const table of TABLES) await bare(`truncate ${table}`).then(() => bare(`insert into ${table} select generate_series(1, 20)`));
  });

  it('is paid for before it is committed, and taken back where the budget ends', async () => {
    given(5);
    await as(async (client) => {
      expect(await agreed(client, 'delete from bounded where id <= 6')).toBe('budget_used_up');
      expect(await left('bounded')).toBe(20);
      expect(await agreed(client, 'delete from bounded where id <= 5')).toBe('DELETE 5');
      expect(await left('bounded')).toBe(15);
      await expect(client.query('insert into plain values (21)')).rejects.toMatchObject({ detail: expect.stringContaining('budget_used_up') as string });
    });
  });

  it('is paid for inside a transaction, which goes on where the budget ends', () => as(async (client) => {
    given(5);
    await client.query('begin');
    expect(await agreed(client, 'delete from inside where id <= 6')).toBe('budget_used_up');
    expect(await agreed(client, 'delete from inside where id <= 5')).toBe('DELETE 5');
    await client.query('commit');
    expect(await left('inside')).toBe(15);
  }));

  it.each(['bounded', 'inside'])('is not uncounted where its rows are fetched by and by: %s', async (table) => {
    given(5);
    const client = await setting.wire('agent-etl', 'sandbox');
    if (table === 'inside') await client.query('begin');
    const before = (await setting.world.grants.list()).length;
    client.send(
      { kind: 'parse', statement: '', text: `delete from ${table} where id <= 12 returning id`, parameterTypes: [] },
      { kind: 'bind', portal: '', statement: '', parameterFormats: [], parameters: [], resultFormats: [] },
      { kind: 'execute', portal: '', maxRows: 1 }, { kind: 'sync' },
    );
    await agree(before);
    const said = await client.until('readyForQuery');
    if (table === 'inside') await client.query('commit');
    client.close();
    expect(await left(table)).toBe(20);
    expect(said).toContainEqual(expect.objectContaining({ kind: 'errorResponse' }));
    expect(reasonOf((said.find(({ kind }) => kind === 'errorResponse') as { fields: { detail?: string } }).fields.detail)).toBe('rows_not_counted');
  });
});

describe('what waits for people without a bound', () => {
  it('is counted by a budget that came while it waited', () => as(async (client) => {
    setting.world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, budgets: [] } }));
    expect(await agreed(client, 'delete from plain where id <= 6', () => given(5))).toBe('budget_used_up');
    expect(await left('plain')).toBe(20);
  }));
});
