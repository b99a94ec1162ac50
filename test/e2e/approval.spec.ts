import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvalById, pendingFor, statusBecomes, vote, type Approval } from './system/approvals.js';
import { interlock } from './system/cli.js';
import { nodePg } from './system/clients.js';
import { eventually } from './system/eventually.js';
import type { Place } from './system/installation.js';
import { gatewayLogin, startPsql, type RunningPsql } from './system/psql.js';
import { bareLogin, withClient } from './system/server.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

const DELETE = 'delete from orders where id = 7';

let place: Place;
beforeAll(async () => { place = await sharedInstallation(); }, SHARED_START_MS);
beforeEach(() => bare(async (client) => {
  await client.query("insert into orders (id, customer_id, status) values (7, 1, 'cancelled') on conflict do nothing");
}));

function bare<T>(work: Parameters<typeof withClient<T>>[2]): Promise<T> {
  return withClient(bareLogin(place, 'superuser'), 'shop', work);
}

async function orders(): Promise<{ readonly all: number; readonly seventh: number }> {
  return bare(async (client) => (await client.query<{ all: number; seventh: number }>('select count(*)::int as all, count(*) filter (where id = 7)::int as seventh from orders')).rows[0]!);
}

async function parked(statement = DELETE): Promise<RunningPsql> {
  return startPsql(await gatewayLogin(place, 'agent-etl'), 'shop', { script: `${statement};\nselect 'and on it goes';\n` });
}

describe('a command that waits for people', () => {
  it('is refused to its owner, runs once for an independent DBA, and parks again the next time', async () => {
    const before = await orders();
    const first = await parked();
    const approval = await pendingFor(place, DELETE);
    expect(approval.request).toMatchObject({ target: 'shop', requester: { name: 'agent-etl' }, action: { text: expect.stringContaining(DELETE) as string } });
    expect(approval.request.reasons.join(' ')).toContain('agreement of a DBA');

    const owner = await vote(place, 'owner-etl', approval, 'approve');
    expect(owner.status).toBe(403);
    expect(JSON.stringify(owner.body)).toMatch(/owner-etl/);
    expect(JSON.stringify(owner.body)).toMatch(/share|same human|behind/i);
    expect((await approvalById(place, approval.request.id)).status).toBe('pending');
    expect(await orders()).toEqual(before);

    expect((await vote(place, 'dba', approval, 'approve')).status).toBeLessThan(300);
    const { said, code } = await first.result;
    expect(said).toMatch(/^DELETE 1$/m);
    expect(said).toContain('and on it goes');
    expect(code).toBe(0);
    expect(await orders()).toEqual({ all: before.all - 1, seventh: 0 });
    expect((await statusBecomes(place, approval.request.id, 'consumed')).votes.map(({ approver }) => approver.name)).toEqual(['dba']);

    const second = await parked();
    const again = await pendingFor(place, DELETE);
    expect(again.request.id).not.toBe(approval.request.id);
    expect((await vote(place, 'dba', again, 'deny')).status).toBeLessThan(300);
    const denied = await second.result;
    expect(denied.said).toMatch(/denied/i);
    expect(denied.said).toContain('and on it goes');
  }, 90_000);

  it('shows its psql at once whom it waits for, unless that was told to be quiet', async () => {
    const waiting = await parked();
    let said = '';
    waiting.child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const approval = await pendingFor(place, DELETE);
    await eventually('psql has shown the notice', () => said.includes('NOTICE:'));
    expect(said).toMatch(/^NOTICE: {2}the command waits for approval by rule "shop-delete-needs-dba": .*$/m);
    const detail = JSON.parse(/^DETAIL: {2}(.*)$/m.exec(said)![1]!) as unknown;
    expect(detail).toMatchObject({ interlock: { decision: 'ask', rule: 'shop-delete-needs-dba', grant: approval.request.id, quorum: [{ role: 'dba', count: 1 }], withdraw: 'cancel', event: expect.any(String) as string } });
    expect(said).toMatch(/^HINT: .*until \d{4}-.*cancel the statement or disconnect\.$/m);
    expect((await approvalById(place, approval.request.id)).status).toBe('pending');
    expect((await vote(place, 'dba', approval, 'deny')).status).toBeLessThan(300);
    expect((await waiting.result).said.match(/NOTICE:/g)).toHaveLength(1);

    const quiet = await startPsql(await gatewayLogin(place, 'agent-etl'), 'shop', { script: `${DELETE};\n`, env: { PGOPTIONS: '-c client_min_messages=warning' } });
    expect((await vote(place, 'dba', await pendingFor(place, DELETE), 'deny')).status).toBeLessThan(300);
    const { said: all } = await quiet.result;
    expect(all).toMatch(/denied/);
    expect(all).not.toMatch(/NOTICE|waits for approval/);
  }, 60_000);

  it('cannot be approved by its agent, by people without the role, or for another digest', async () => {
    const waiting = await parked();
    const approval = await pendingFor(place, DELETE);
    for (const name of ['agent-etl', 'security', 'auditor', 'owner-support'] as const) expect((await vote(place, name, approval, 'approve')).status, name).toBe(403);
    expect((await vote(place, 'dba', approval, 'approve', 'f'.repeat(64))).status).toBeGreaterThanOrEqual(400);
    expect((await approvalById(place, approval.request.id)).status).toBe('pending');
    expect((await orders()).seventh).toBe(1);
    waiting.child.kill('SIGINT');
    await waiting.result;
  }, 60_000);

  it('is withdrawn when its client cancels it, and cannot be approved afterwards', async () => {
    const waiting = await parked();
    const approval = await pendingFor(place, DELETE);
    waiting.child.kill('SIGINT');
    const { said } = await waiting.result;
    expect(said).toMatch(/cancel/i);
    await statusBecomes(place, approval.request.id, 'withdrawn');
    expect((await vote(place, 'dba', approval, 'approve')).status).toBeGreaterThanOrEqual(400);
    expect((await orders()).seventh).toBe(1);
  }, 60_000);

  it('is withdrawn when its client goes away', async () => {
    const waiting = await parked();
    const approval = await pendingFor(place, DELETE);
    waiting.child.kill('SIGKILL');
    await statusBecomes(place, approval.request.id, 'withdrawn');
    expect((await orders()).seventh).toBe(1);
  }, 60_000);

  it('expires after its window, with words for the client', async () => {
    const statement = 'delete from slips where id = 1';
    const client = await nodePg(place, 'agent-etl', 'lab');
    const answer = client.query(statement).then(() => undefined, (fault: unknown) => fault as { code?: string; message: string });
    const approval = await pendingFor(place, statement);
    await statusBecomes(place, approval.request.id, 'expired');
    expect((await answer)?.message).toMatch(/expire|in time|nobody/i);
    expect((await client.query('select count(*)::int as n from slips where id = 1')).rows).toEqual([{ n: 1 }]);
    expect((await vote(place, 'dba', approval, 'approve')).status).toBeGreaterThanOrEqual(400);
    await client.end();
  }, 60_000);

  it('carries its parameters, and runs with exactly those', async () => {
    const client = await nodePg(place, 'agent-etl', 'lab');
    const answer = client.query('delete from orders where id = $1 and item <> $2', [17, "it's"]);
    const approval = await pendingFor(place, 'delete from orders where id = $1 and item <> $2');
    expect(approval.request.action.parameters.map(({ value }) => value)).toEqual(['17', "it's"]);
    expect((await vote(place, 'dba', approval, 'approve')).status).toBeLessThan(300);
    expect((await answer).rowCount).toBe(1);
    expect((await client.query('select count(*)::int as n from orders where id = 17')).rows).toEqual([{ n: 0 }]);
    await client.end();
  }, 60_000);

  it('inside an open transaction is refused with a hint instead of parked', async () => {
    const client = await nodePg(place, 'agent-etl', 'lab');
    await client.query('begin');
    const fault = await client.query('delete from orders where id = 18').then(() => undefined, (refusal: unknown) => refusal as { message: string; hint?: string });
    expect(`${fault?.message} ${fault?.hint}`).toMatch(/transaction/i);
    await client.query('rollback');
    await client.end();
  }, 30_000);
});

describe('a plan', () => {
  it('is proposed by the owner of an agent, agreed to as one, and its commands run at once, in their order, once', async () => {
    const file = join(place.folder, 'tonight.yaml');
    writeFileSync(file, 'target: lab\ninOrder: true\nreason: "clear out"\ncommands:\n  - delete from orders where id = 41\n  - { text: delete from orders where id = $1, parameters: ["42"] }\n');
    expect((await interlock(place, 'owner-support', ['plans', 'propose', file, '--as', 'agent-etl'])).said).toContain('may not plan for another principal');
    const { said, code } = await interlock(place, 'owner-etl', ['plans', 'propose', file, '--as', 'agent-etl', '--json']);
    expect(code, said).toBe(0);
    const plan = JSON.parse(said) as Approval;
    expect(plan.request.action.text).toBe('2 commands, each once, in this order:\n1. delete from orders where id = 41\n2. delete from orders where id = $1\n   | with $1 = "42"');
    expect((await vote(place, 'owner-etl', plan, 'approve')).status).toBe(403);
    expect((await vote(place, 'dba', plan, 'approve')).status).toBeLessThan(300);
    const client = await nodePg(place, 'agent-etl', 'lab');
    const refusalOf = (query: Promise<unknown>): Promise<string> => query.then(() => 'ran', (fault: Error) => fault.message);
    const early = refusalOf(client.query('delete from orders where id = $1', ['42']));
    expect((await vote(place, 'dba', await pendingFor(place, 'delete from orders where id = $1'), 'deny')).status).toBeLessThan(300);
    expect(await early).toContain('denied');
    expect((await client.query('delete from orders where id = 41')).rowCount).toBe(1);
    expect((await client.query('delete from orders where id = $1', ['42'])).rowCount).toBe(1);
    const again = refusalOf(client.query('delete from orders where id = 41'));
    const asked = await pendingFor(place, 'delete from orders where id = 41');
    expect((await vote(place, 'dba', asked, 'deny')).status).toBeLessThan(300);
    expect(await again).toContain('denied');
    await client.end();
  }, 90_000);
});
