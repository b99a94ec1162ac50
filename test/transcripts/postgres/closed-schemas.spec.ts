import { describe, expect, it } from 'vitest';
import { setUp } from './setting.js';

const POLICIES = '@id("no-secret-rows") @reason("Rows of hidden are not read.") forbid (principal, action == Action::"select", resource == Table::"sandbox/public/hidden");';

/** Schema `closed` belongs to another role, and the one that commands run under may not use it. */
const setting = setUp({ policies: POLICIES }, async (target) => {
  await target.bare('sandbox', (client) => client.query("create table hidden as select 'secret' as word"), 'standing');
  await target.bare('sandbox', (client) => client.query("create schema closed; create table closed.hidden as select 'harmless' as word; create schema open; create table open.hidden as select 'harmless' as word; grant usage on schema open to public; grant select on open.hidden to public"));
});

const PATHS = ['set search_path = closed, public', 'set search_path = closed; set search_path = closed, public', "select set_config('search_path', 'closed, public', false)"];

describe('a schema that a role may not use', () => {
  it('is passed over by the target when it looks a name up', async () => {
    const words = (schema: string): Promise<unknown[]> => setting.target.bare('sandbox', async (client) => {
      await client.query(`set search_path = ${schema}, public`);
      return (await client.query('select word from hidden')).rows as unknown[];
    }, 'standing');
    expect([await words('closed'), await words('open')]).toEqual([[{ word: 'secret' }], [{ word: 'harmless' }]]);
  });

  it.each(PATHS)('does not stand in for one that rules speak of: %s', (path) => setting.as('agent-etl', 'sandbox', async (client) => {
    await client.query(path);
    await expect(client.query('select word from hidden')).rejects.toMatchObject({ message: expect.stringContaining('Rows of hidden are not read') as string });
    await expect(client.query(`${path}; select word from hidden`)).rejects.toMatchObject({ message: expect.stringContaining('Rows of hidden are not read') as string });
  }));

  it('is another matter than one that it may use', () => setting.as('agent-etl', 'sandbox', async (client) => {
    await client.query('set search_path = open, public');
    expect((await client.query('select word from hidden')).rows).toEqual([{ word: 'harmless' }]);
  }));
});
