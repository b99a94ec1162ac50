import type { ClientConfig } from 'pg';
import { describe, expect, it } from 'vitest';
import { actionDigest } from '@interlock/domain-session';
import { setUp } from './setting.js';

const setting = setUp({
  policies: `
@id("items-for-a-reason") @reason("Items are deleted with the agreement of a DBA.") @approvers("dba") @window("5m") @requires("reason") @preview("exact")
forbid (principal, action == Action::"delete", resource == Table::"shop/public/order_items");
`,
});
const DELETE = 'delete from order_items where order_id = 901 and product_id = 0';
const COMMENTED = `/* interlock: reason="end of \u202emonth" ticket="OPS-1" */ ${DELETE}`;

interface Fault { readonly code: string; readonly message: string; readonly hint: string }

function connected<T>(more: ClientConfig, work: (query: (text: string, values?: unknown[]) => Promise<Fault | undefined>) => Promise<T>): Promise<T> {
  const client = setting.client('agent-etl', 'shop', more);
  const query = (text: string, values?: unknown[]): Promise<Fault | undefined> => client.query(text, values).then(() => undefined, (fault: unknown) => fault as Fault);
  return client.connect().then(() => work(query)).finally(() => client.end());
}

describe('a command that states its reason', () => {
  it.each<[string, string, ClientConfig, object]>([
    ['in a comment', COMMENTED, {}, { reason: 'end of \u202emonth', ticket: 'OPS-1' }],
    ['when it connects', DELETE, { options: String.raw`-c interlock.reason=end\ of\ month` }, { reason: 'end of month' }],
    ['in both, and the comment counts', COMMENTED, { options: '-c interlock.reason=another' }, { reason: 'end of \u202emonth', ticket: 'OPS-1' }],
  ])('%s has it in the request and in its digest, and runs as it was sent', async (_what, text, more, stated) => {
    const { world } = setting;
    await connected(more, async (query) => {
      const sent = query(text);
      const { request } = (await world.grants.get(await world.waitingApproval()))!.value;
      expect(request.action).toMatchObject({ text, stated });
      expect(request.preview).toMatchObject({ kind: 'exact', sample: expect.anything() });
      expect(request.actionDigest).toBe(actionDigest(request.requester, 'shop', request.action));
      const { stated: _unstated, ...without } = request.action;
      expect(request.actionDigest).not.toBe(actionDigest(request.requester, 'shop', without));
      await world.vote(request.id, 'dba', 'approve');
      expect(await sent).toBeUndefined();
    });
  });

  it('is not asked about where it states none, and hears how to', async () => {
    const before = (await setting.world.grants.list()).length;
    const fault = await connected({}, (query) => query(DELETE));
    expect(fault).toMatchObject({ code: '42501', message: expect.stringContaining('states its reason, and it does not'), hint: expect.stringContaining('/* interlock: reason="..." */') });
    expect((await setting.world.grants.list()).length).toBe(before);
  });

  it('states it with its values, too', async () => {
    const { world } = setting;
    await connected({}, async (query) => {
      const sent = query('delete from order_items where order_id = $1 /* interlock: reason="by id" */', [902]);
      const id = await world.waitingApproval();
      expect((await world.grants.get(id))!.value.request.action.stated).toEqual({ reason: 'by id' });
      await world.vote(id, 'dba', 'deny');
      expect((await sent)?.message).toContain('denied');
    });
  });

  it('keeps it from its target', async () => {
    await connected({ options: '-c interlock.reason=secret' }, async (query) => {
      expect(await query("select current_setting('interlock.reason')")).toMatchObject({ code: '42704' });
    });
  });
});
