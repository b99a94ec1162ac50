import { describe, expect, it } from 'vitest';
import { setUp } from './setting.js';

const ELEVATED = { user: 'elevated', password: 'elevated-4' };
const ASSERTION = { authenticator: 'aWQ', clientData: 'e30', authenticatorData: 'AA', signature: 'AA' };

const asks = (table: string, more = ''): string => `
@id("${table}-signed") @reason("Changes of ${table} are signed.") @approvers("dba") @signed("webauthn") ${more}
forbid (principal, action, resource == Table::"sandbox/public/${table}") when { [Action::"update", Action::"delete"].contains(action) };`;

/** The role that commands run under may only read these; the elevated one has a schema of its own name, which the session's path must not lead to. */
const SCHEMA = [
  "create role elevated login password 'elevated-4'", 'create schema elevated authorization elevated', 'create table elevated.kept (id int primary key)', 'insert into elevated.kept select generate_series(1, 9)',
  ...['kept', 'capped'].flatMap((table) => [`create table public.${table} (id int primary key, by text)`, `insert into public.${table} (id) select generate_series(1, 40)`, `grant select on public.${table} to public`, `grant update, delete on public.${table} to elevated`]),
  'create table public.copied (text text)', 'grant select, insert on public.copied to public',
  'grant connect on database sandbox to elevated', 'grant usage on schema public to elevated', 'alter table elevated.kept owner to elevated',
  'create schema theirs authorization elevated', 'create table theirs.kept (id int primary key, by text)', 'insert into theirs.kept select generate_series(1, 9)', 'alter table theirs.kept owner to elevated',
  'create schema ours', 'revoke all on schema ours from public', 'create table ours.kept (id int primary key, by text)',
];

const ACTS = '@id("acts-signed") @reason("What changes a session is signed.") @approvers("dba") @signed("webauthn") forbid (principal, action, resource) when { [Action::"set", Action::"reset", Action::"discard", Action::"listen"].contains(action) };';
const COPIES = '@id("copies-signed") @reason("Copies are signed.") @approvers("dba") @signed("webauthn") forbid (principal, action, resource == Table::"sandbox/public/copied");';

const setting = setUp({ policies: [asks('kept'), asks('capped', '@max_rows("3")'), ACTS, COPIES].join('\n') }, (target) => target.bare('sandbox', async (client) => { for (const statement of SCHEMA) await client.query(statement); }));

/** Sends a command that has to be signed, and answers what came of it once people have decided. */
async function signed(query: string | { text: string; values: unknown[] }, { isReleased = true, isSigned = true, path = '"$user", public' } = {}) {
  const { world } = setting;
  await setting.target.bare('sandbox', (client) => client.query(`alter role interlock_standing set search_path = ${path}`));
  world.elevated = isReleased ? ELEVATED : undefined;
  return setting.as('agent-etl', 'sandbox', async (client) => {
    const before = (await world.grants.list()).length;
    const answer = client.query(query as string).then(({ command, rowCount }) => `${command} ${rowCount}`, (fault: Error & { detail?: string }) => `${fault.message} ${fault.detail ?? ''}`);
    const { request } = await world.until('a request', () => world.newestApproval(before));
    const voted = await world.vote(request.id, 'dba', 'approve', isSigned ? { assertion: ASSERTION } : {});
    if (!voted.ok) return { request, said: voted.refusal.reason, after: '' };
    const said = await answer;
    const after = (await client.query("select current_user || ' ' || current_setting('search_path') as who")).rows[0] as { who: string };
    return { request, said, after: after.who };
  });
}

const count = async (from: string): Promise<number> => (await setting.target.bare('sandbox', (client) => client.query<{ n: number }>(`select count(*)::int as n from ${from}`))).rows[0]!.n;

describe('a command that people have signed', () => {
  it('runs under the elevated credential of its grant, by the names of its session, which goes on as it was', async () => {
    const { request, said, after } = await signed({ text: 'update kept set by = current_user where id <= $1', values: [2] });
    expect(said).toBe('UPDATE 2');
    expect(await count("public.kept where by = 'elevated'")).toBe(2);
    expect(setting.world.elevatedFor.at(-1)).toBe(request.id);
    expect(after).toMatch(/^(?!elevated)\S+ "\$user", public$/);
    expect((await setting.world.grants.get(request.id))?.value.status).toBe('consumed');
  });

  it('does not run where the vault lets nothing go, and its grant is not used', async () => {
    const { request, said } = await signed('delete from kept where id = 5', { isReleased: false });
    expect(said).toContain('The grant does not hold.');
    expect(await count('public.kept')).toBe(40);
    expect((await setting.world.grants.get(request.id))?.value.status).toBe('withdrawn');
  });

  it('is kept within its bound as any other', async () => {
    expect((await signed('delete from capped where id <= 4')).said).toContain('people agreed to 3 at most');
    expect((await signed('delete from capped where id <= 3')).said).toBe('DELETE 3');
    expect(await count('public.capped')).toBe(37);
  });

  it('means by its names what its session meant, whatever schemas its own role may use', async () => {
    expect((await signed("update kept set by = 'named' where id = 8", { path: 'theirs, public' })).said).toBe('UPDATE 1');
    expect([await count("theirs.kept where by = 'named'"), await count("public.kept where by = 'named'")]).toEqual([0, 1]);
  });

  it('does not run where its own role would find another by its names', async () => {
    await setting.target.bare('sandbox', (client) => client.query('grant usage on schema ours to interlock_standing'));
    expect((await signed("update public.kept set by = 'named' where id = 9", { path: 'ours, public' })).said).toContain('does not mean the same by names');
  });

  it('waits on where nobody signed', async () => {
    expect((await signed('delete from kept where id = 6', { isSigned: false })).said).toBe('signature_required');
    expect(await count('public.kept')).toBe(40);
  });

  it('is refused inside a transaction of its requester', async () => {
    await setting.as('agent-etl', 'sandbox', async (client) => {
      await client.query('begin');
      await expect(client.query('delete from kept where id = 7')).rejects.toMatchObject({ hint: expect.stringMatching(/its own message|outside/) as string });
    });
  });

  it.each(['set search_path to elevated', "set datestyle to 'German'", 'reset search_path', 'discard all', 'listen news', 'copy copied from stdin'])('is refused before anyone is asked where only its session could do it: %s', async (text) => {
    const before = (await setting.world.grants.list()).length;
    await setting.as('agent-etl', 'sandbox', (client) => expect(client.query(text)).rejects.toMatchObject({ message: expect.stringContaining('cannot be run on a connection of its own') as string }));
    expect((await setting.world.grants.list()).length).toBe(before);
  });

  it('is refused where the gateway no longer has its whole text', async () => {
    const client = await setting.wire('agent-etl', 'sandbox');
    client.send({ kind: 'parse', statement: 'long', text: `update kept set by = '${'x'.repeat(300_000)}' where id = 9`, parameterTypes: [] }, { kind: 'sync' });
    await client.until('readyForQuery');
    client.send({ kind: 'bind', portal: '', statement: 'long', parameterFormats: [], parameters: [], resultFormats: [] }, { kind: 'execute', portal: '', maxRows: 0 }, { kind: 'sync' });
    expect((await client.until('readyForQuery')).find(({ kind }) => kind === 'errorResponse')).toMatchObject({ fields: { message: expect.stringContaining('cannot be run on a connection of its own') as string } });
    client.close();
  });
});
