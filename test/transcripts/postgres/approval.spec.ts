import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { grantDigest, actionDigest } from '@interlock/domain-session';
import { setUp } from './setting.js';

const setting = setUp();
const DELETE = 'delete from order_items where order_id = 7 and product_id = 0';

const settled = (work: Promise<unknown>): Promise<'done' | 'waits'> => Promise.race([work.then(() => 'done' as const, () => 'done' as const), sleep(300).then(() => 'waits' as const)]);

describe('a command that asks', () => {
  it('waits, is refused to those behind the requester, and runs once when an independent DBA agrees', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'shop', async (client) => {
      const deletion = client.query(DELETE);
      deletion.catch(() => undefined);
      const { request } = await world.pendingApproval();
      expect(request).toMatchObject({ requester: { name: 'agent-etl' }, target: 'shop', connector: 'connector-postgres', instance: expect.any(String), action: { text: DELETE, verb: 'delete' }, ask: { quorum: [{ role: 'dba', count: 1 }], windowSeconds: 900 } });
      expect(request.actionDigest).toBe(actionDigest(request.requester, 'shop', request.action));
      expect(request.grantDigest).toBe(grantDigest(request));
      expect(await world.vote(request.id, 'owner-etl', 'approve')).toMatchObject({ ok: false, refusal: { reason: 'not_independent' } });
      expect(await settled(deletion)).toBe('waits');
      expect(await world.vote(request.id, 'dba', 'approve')).toMatchObject({ ok: true, value: { status: 'approved' } });
      expect((await deletion).command).toBe('DELETE');
      expect((await world.grants.get(request.id))!.value).toMatchObject({ status: 'consumed' });
      const decided = world.events('command.decided.v1');
      expect(decided.map(({ phase, decision }) => [phase, decision.outcome])).toEqual([['request', 'ask'], ['forward', 'allow']]);
      expect(decided[1]).toMatchObject({ grant: { id: request.id, approvers: ['dba'] }, actionDigest: request.actionDigest });
      const types = world.ledger.events.map(({ type }) => type).filter((type) => /^(command|grant)/.test(type));
      expect(types.slice(0, 3)).toEqual(['command.decided.v1', 'grant.consumed.v1', 'command.decided.v1']);
    });
  });

  it('tells its client at once, for people and for programs, whom it waits for, until when, and how it is taken back', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'shop', async (client) => {
      const heard: { severity?: string | undefined; code?: string | undefined; message?: string | undefined; detail?: string | undefined; hint?: string | undefined }[] = [];
      client.on('notice', (notice) => heard.push(notice));
      const deletion = client.query(DELETE);
      deletion.catch(() => undefined);
      const id = await world.waitingApproval();
      const { expiresAt } = (await world.grants.get(id))!.value.request;
      await world.until('a notice', () => heard.length > 0);
      expect(heard).toMatchObject([{ severity: 'NOTICE', code: '00000', message: expect.stringContaining('by rule "shop-delete-needs-dba": ') }]);
      const told = JSON.parse(heard[0]!.detail!) as { interlock: { event: string; waitsUntil: string } };
      expect(told).toEqual({ interlock: {
        reason: 'waiting_for_approval', rule: 'shop-delete-needs-dba', decision: 'ask', event: expect.stringMatching(/^memory-/), grant: id, rules: ['shop-delete-needs-dba'], quorum: [{ role: 'dba', count: 1 }], expiresAt, waitsUntil: expect.any(String), withdraw: 'cancel',
      } });
      expect(heard[0]!.hint).toBe(`Approval ${id} is open to 1 of role "dba" until ${expiresAt}, and the command runs once it is given. It waits here until ${told.interlock.waitsUntil}; after that, come back with the same command. To withdraw it, cancel the statement or disconnect.`);
      await world.vote(id, 'dba', 'deny');
      const refusal = await deletion.then(() => undefined, (fault: unknown) => fault as { detail: string });
      expect(JSON.parse(refusal!.detail)).toMatchObject({ interlock: { decision: 'ask', event: told.interlock.event, grant: id } });
      expect(heard).toHaveLength(1);
    });
  });

  it('says nothing of waiting where approval cannot be asked for', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'shop', async (client) => {
      const heard: unknown[] = [];
      client.on('notice', (notice) => heard.push(notice));
      await expect(client.query(`${DELETE} -- ${'x'.repeat(70_000)}`)).rejects.toMatchObject({ code: '54000' });
      expect(heard).toEqual([]);
    });
    expect(world.events('command.outcome.v1')).toEqual([]);
  });

  it('parks again when it is sent again, and is refused when denied', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'shop', async (client) => {
      const deletion = client.query(DELETE);
      deletion.catch(() => undefined);
      const { request } = await world.pendingApproval();
      await world.until('a new request', () => world.events('command.decided.v1').length === 1);
      await world.vote((await latest(request.id)), 'dba', 'deny');
      await expect(deletion).rejects.toMatchObject({ code: '42501', message: expect.stringContaining('dba denied approval') });
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    });
  });

  it('is withdrawn when the client cancels', async () => {
    const { world } = setting;
    const client = setting.client('agent-etl', 'shop');
    await client.connect();
    const before = (await world.grants.list()).length;
    const deletion = client.query(DELETE);
    deletion.catch(() => undefined);
    await world.until('a request', () => world.events('command.decided.v1').length === 1);
    await untilGrants(before + 1);
    const key = client as unknown as { processID: number; secretKey: number };
    const canceller = await import('pg').then(({ default: pg }) => new pg.Client({ host: '127.0.0.1', port: world.port }));
    (canceller as unknown as { cancel(other: unknown, query: unknown): void }).cancel({ ...key, activeQuery: deletion, processID: key.processID, secretKey: key.secretKey }, deletion);
    await expect(deletion).rejects.toMatchObject({ code: '57014' });
    expect((await world.grants.list()).at(-1)!.value.status).toBe('withdrawn');
    await client.end();
  });

  it('is withdrawn when the client leaves, and cannot be used any more', async () => {
    const { world } = setting;
    const client = setting.client('agent-etl', 'shop');
    await client.connect();
    const before = (await world.grants.list()).length;
    client.query(DELETE).catch(() => undefined);
    await untilGrants(before + 1);
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await world.until('the end', () => world.events('session.closed.v1')[0]);
    const { key } = (await world.grants.list()).at(-1)!;
    await sleep(100);
    expect((await world.grants.get(key))!.value.status).toBe('withdrawn');
    expect(await world.vote(key, 'dba', 'approve')).toMatchObject({ ok: false });
    expect(world.events('command.outcome.v1')).toEqual([]);
  });

  it('is refused with a hint inside a transaction, a pipeline or a message with others', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'shop', async (client) => {
      await expect(client.query(`select 1; ${DELETE}`)).rejects.toMatchObject({ code: '42501', hint: expect.stringContaining('send it alone') });
      await client.query('begin');
      await expect(client.query(DELETE)).rejects.toMatchObject({ code: '42501', hint: expect.stringContaining('outside a transaction') });
      await client.query('rollback');
    });
    expect(world.events('command.outcome.v1').filter(({ summary }) => summary?.startsWith('DELETE'))).toEqual([]);
  });

  it('does not run when its rule changed while people decided', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'shop', async (client) => {
      const before = (await world.grants.list()).length;
      const deletion = client.query(DELETE);
      deletion.catch(() => undefined);
      await untilGrants(before + 1);
      const { key } = (await world.grants.list()).at(-1)!;
      world.publish((bundle) => ({ ...bundle, policies: bundle.policies.map(({ file, text }) => ({ file, text: text.replace('@window("15m")', '@window("14m")') })) }));
      await world.vote(key, 'dba', 'approve');
      await expect(deletion).rejects.toMatchObject({ code: '42501', message: expect.stringContaining('no longer allowed') });
      expect((await world.grants.get(key))!.value.status).toBe('withdrawn');
      expect(world.events('command.outcome.v1')).toEqual([]);
    });
  });

  it('does not run when a lock came while people decided', async () => {
    const { world } = setting;
    const client = setting.client('agent-support', 'shop');
    await client.connect();
    const ended = new Promise((resolve) => client.on('end', () => resolve(undefined)));
    world.lock({ scope: 'principal', subject: 'agent-support' });
    await ended;
    expect(await world.until('the end', () => world.events('session.closed.v1')[0])).toMatchObject({ reason: 'locked' });
    await expect(setting.as('agent-support', 'shop', (one) => one.query('select 1'))).rejects.toThrow();
  });
});

async function latest(other: string): Promise<string> {
  for (;;) {
    const last = (await setting.world.grants.list()).at(-1)!;
    if (last.key !== other || last.value.status === 'pending') return last.key;
    await sleep(10);
  }
}

async function untilGrants(count: number): Promise<void> {
  while ((await setting.world.grants.list()).length < count) await sleep(10);
}
