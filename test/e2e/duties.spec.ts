import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { pendingFor, vote } from './system/approvals.js';
import { interlock } from './system/cli.js';
import { nodePg } from './system/clients.js';
import { changeConfiguration } from './system/configuration.js';
import { eventually } from './system/eventually.js';
import { makeDatabase, protect } from './system/fixture.js';
import { Forgery } from './system/forged-tokens.js';
import type { Place } from './system/installation.js';
import { eventAfter, lastSequence } from './system/ledger.js';
import { apiOk, type Name } from './system/people.js';
import { gatewayLogin, psql, startPsql, type PsqlResult } from './system/psql.js';
import { bareLogin, withClient, type Login } from './system/server.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

/** A database where every agent may make and unmake, until its makers are kept from the latter. */
const DUTIES = 'duties';

const WORK = `
@id("duties-read") permit (principal is Agent, action in Action::"read", resource in Target::"duties");

@id("duties-work") permit (principal is Agent, action, resource in Target::"duties")
when { [Action::"create", Action::"drop", Action::"truncate"].contains(action) };

@id("duties-emptying-asks")
@reason("Emptying a table takes the word of a DBA.")
@approvers("dba")
@window("60s")
forbid (principal, action == Action::"truncate", resource in Target::"duties");
`;

const MAKERS = `
@id("duties-makers-do-not-unmake")
@reason("Whoever made a table does not drop it.")
@hint("Ask an agent of another owner.")
forbid (principal, action == Action::"drop", resource in Target::"duties")
when { context.ownCreation };
`;

const PAYOUTS = `
@id("duties-payouts") permit (principal is Agent, action in [Action::"insert", Action::"update"], resource == Table::"duties/public/payouts");
`;
const APART = { name: 'duties-enter-or-pay', kind: 'window', windowSeconds: 86_400, reason: 'Whoever enters a payout does not pay it within a day.', between: ['insert', 'update'].map((verb) => ({ verb, resource: 'Table::"duties/public/payouts"' })) };

let place: Place;
let forgery: Forgery;
beforeAll(async () => {
  place = await sharedInstallation();
  forgery = new Forgery(place);
  await makeDatabase(place, DUTIES, ['grant create, usage on schema public to public', 'create table old (id int)', 'create table payouts (id int, paid boolean default false)', 'grant insert, update, select on payouts to public']);
  await protect(place, DUTIES, { policy: WORK, masked: [] });
}, SHARED_START_MS);

type Agent = 'agent-etl' | 'agent-support' | 'agent-twin';

/** `agent-twin` is an agent of owner-etl, too; the issuer signs for it by the same key. */
async function login(as: Agent): Promise<Login> {
  if (as !== 'agent-twin') return gatewayLogin(place, as);
  return { host: '127.0.0.1', port: place.ports.connector, user: as, password: forgery.signed(forgery.claims({ sub: as, client_id: as })) };
}

/** A session of its own for each text. */
async function send(as: Agent, command: string): Promise<PsqlResult> {
  return psql(await login(as), DUTIES, { args: ['--command', command] });
}

async function version(): Promise<unknown> {
  return (await apiOk(place, 'security', 'GET', '/configuration'))['version'];
}

function eventOf({ said }: PsqlResult): string {
  return (JSON.parse(/^DETAIL: {2}(.*)$/m.exec(said)![1]!) as { interlock: { event: string } }).interlock.event;
}

async function explained(id: string, as: Name = 'auditor'): Promise<string> {
  return eventually(`${id} is in the views`, async () => {
    const { said, code } = await interlock(place, as, ['explain', id]);
    return code === 0 && said;
  });
}

describe('a configuration with a hidden conflict', () => {
  it('is refused with its counterexample, and the running bundle stays', async () => {
    const folder = join(place.folder, 'hidden');
    const before = await version();
    expect((await interlock(place, 'security', ['pull', folder])).code).toBe(0);
    const yaml = readFileSync(join(folder, 'interlock.yaml'), 'utf8');
    writeFileSync(join(folder, 'interlock.yaml'), hidden(yaml));
    appendFileSync(join(folder, 'policies', `${DUTIES}.cedar`), `
@id("duties-enter") permit (principal == Agent::"agent-etl", action == Action::"insert", resource == Table::"duties/public/payouts");
@id("duties-release") permit (principal == Agent::"agent-support", action == Action::"update", resource == Table::"duties/public/payouts");
`);
    const { said, code } = await interlock(place, 'security', ['apply', folder]);
    expect(code).toBe(1);
    expect(said).toContain('one person alone: owner-etl owns agent-etl, which may insert on table duties/public/payouts, and has the account owner-support, which owns agent-support, which may update on table duties/public/payouts: that completes task pay-out, which takes 2 independent parties');
    expect(said).toMatch(/interlock\.yaml:\d+/);
    expect(await version()).toBe(before);
    expect((await send('agent-etl', 'select 1')).code).toBe(0);
  }, 60_000);
});

/** owner-support turns out to be an account of owner-etl, beside a task that takes two. */
function hidden(yaml: string): string {
  const settings = parse(yaml) as { principals: Record<string, unknown>[]; separation: Record<string, unknown> };
  settings.principals.find(({ name }) => name === 'owner-support')!['human'] = 'owner-etl';
  const payouts = 'Table::"duties/public/payouts"';
  settings.separation['tasks'] = [{ name: 'pay-out', steps: [{ verb: 'insert', resource: payouts }, { verb: 'update', resource: payouts }] }];
  return stringify(settings, { lineWidth: 0 });
}

describe('whoever made a table', () => {
  beforeAll(async () => {
    await changeConfiguration(place, (settings) => {
      settings.principals.push({ name: 'agent-twin', kind: 'agent', issuer: 'demo', subject: 'agent-twin', owners: ['owner-etl'] });
      settings.separation['dynamic'] = [APART];
      settings.budgets = [...(settings.budgets ?? []), { name: 'duties-rows', of: { principal: 'agent-twin' }, target: DUTIES, what: 'rowsWritten', most: 3, windowSeconds: 3_600, rolling: true }];
    }, [{ file: `policies/${DUTIES}.cedar`, text: WORK + MAKERS + PAYOUTS }]);
  }, 60_000);

  it('does not drop it: not in a new session, not by another agent of its owner; an agent of another owner may', async () => {
    expect(await send('agent-etl', 'create table made (id int)')).toMatchObject({ code: 0, said: expect.stringContaining('CREATE TABLE') as string });
    const own = await send('agent-etl', 'drop table made');
    expect(own.said).toContain('refused by rule "duties-makers-do-not-unmake": Whoever made a table does not drop it.');
    const twin = await send('agent-twin', 'drop table made');
    expect(twin.said).toContain('refused by rule "duties-makers-do-not-unmake"');
    // Nobody made it through Interlock, so it may be anybody's.
    expect((await send('agent-support', 'drop table old')).said).toContain('refused by rule "duties-makers-do-not-unmake"');

    const ofTwin = await explained(eventOf(twin));
    expect(ofTwin).toMatch(/^ {2}history of table duties\/public\/made: made by agent-etl at \S+ \(agent-twin and agent-etl share the human owner-etl behind them\); counts as the requester's own$/m);
    expect(ofTwin).toContain('forbid duties-makers-do-not-unmake: Whoever made a table does not drop it.');

    const after = await lastSequence(place);
    expect(await send('agent-support', 'drop table made')).toMatchObject({ code: 0, said: expect.stringContaining('DROP TABLE') as string });
    const { metadata } = await eventAfter(place, after, 'command.decided.v1', ({ action }) => (action as { text: string }).text.startsWith('drop table made'));
    const allowed = await explained(metadata.id);
    expect(allowed).toMatch(/^decision {3}allow at \S+ by bundle version \d+, event /m);
    expect(allowed).toContain('permit duties-work: ');
    expect(allowed).toMatch(/^ {2}history of table duties\/public\/made: made by agent-etl at \S+, who is independent; counts as made by others/m);
  }, 60_000);

  it('is not looked up for what is only asked, and that is said', async () => {
    const { said, code } = await interlock(place, 'security', ['explain', '--as', 'agent-etl', '--target', DUTIES, '--command', 'drop table public.made']);
    expect(code).toBe(0);
    expect(said).toContain("Who made table duties/public/made is not looked up here; a connector does, at the target. It is taken to be the principal's own. Made by someone independent of agent-etl, it would be: allow by duties-work.");
  }, 60_000);
});

describe('whoever entered a payout', () => {
  it('does not pay it within a day: not in a new session, not by another agent of its owner; an agent of another owner may', async () => {
    expect(await send('agent-etl', 'insert into payouts values (1)')).toMatchObject({ code: 0, said: expect.stringContaining('INSERT') as string });
    const twin = await send('agent-twin', 'update payouts set paid = true where id = 1');
    expect(twin.said).toMatch(/refused by rule "duties-enter-or-pay": Whoever enters a payout does not pay it within a day\. The other was done: insert on table duties\/public\/payouts by agent-etl \(command \S+\), and human owner-etl stands behind both; now agent-twin asks for update/);
    expect(await explained(eventOf(twin))).toContain('forbid duties-enter-or-pay: Whoever enters a payout does not pay it within a day. The other was done: insert on table duties/public/payouts by agent-etl');
    expect(await send('agent-support', 'update payouts set paid = true where id = 1')).toMatchObject({ code: 0, said: expect.stringContaining('UPDATE 1') as string });
  }, 60_000);
});

describe('a budget of rows written in any hour', () => {
  it('keeps of a change that goes beyond nothing, and of one that does not all', async () => {
    const beyond = await send('agent-twin', 'insert into payouts values (11), (12), (13), (14)');
    expect(beyond.said).toContain('Budget duties-rows limits the rowsWritten of principal agent-twin in any 3600 s. Of 3, ');
    expect((await send('agent-twin', 'insert into payouts values (11), (12)')).said).toContain('INSERT 0 2');
    expect((await send('agent-support', 'select count(*) from payouts where id > 10')).said).toMatch(/^ +2$/m);
  }, 60_000);
});

describe('what people are asked', () => {
  it('is explained while it waits: whose word it takes, until when, and how', async () => {
    expect((await send('agent-etl', 'create table asked (id int)')).code).toBe(0);
    const waiting = await startPsql(await login('agent-etl'), DUTIES, { args: ['--command', 'truncate asked'] });
    const approval = await pendingFor(place, 'truncate asked');
    const said = await explained(approval.request.id);
    expect(said).toMatch(/^decision {3}ask at \S+ by bundle version \d+, event /m);
    expect(said).toContain('forbid duties-emptying-asks: Emptying a table takes the word of a DBA.');
    expect(said).toMatch(new RegExp(`^lifted by  It waits: 1 of role dba may agree until \\S+ with: interlock approvals approve ${approval.request.id}$`, 'm'));
    await vote(place, 'dba', approval, 'deny');
    expect((await waiting.result).said).toContain('denied');
  }, 60_000);
});

describe('a lock', () => {
  const asleep = (): Promise<number> => withClient(bareLogin(place, 'superuser'), DUTIES, async (client) =>
    (await client.query<{ n: number }>("select count(*)::int as n from pg_stat_activity where datname = $1 and state = 'active' and query like 'select pg_sleep(30)%'", [DUTIES])).rows[0]!.n);

  it('cuts a query that is under way within a second or so, and two people lift it', async () => {
    const sleeper = await startPsql(await login('agent-etl'), DUTIES, { args: ['--command', 'select pg_sleep(30)'] });
    const cut = sleeper.result.then((result) => ({ ...result, at: Date.now() }));
    await eventually('the query is under way', async () => (await asleep()) === 1);
    const locked = await interlock(place, 'security', ['lock', 'target', DUTIES, '--reason', 'an exercise', '--json']);
    const lock = JSON.parse(locked.said) as { readonly id: string; readonly at: string };
    const { said, code, at } = await cut;
    expect(code).toBe(2);
    expect(said).toContain('The target duties is locked by security');
    expect(said).toContain('an exercise');
    expect(at - Date.parse(lock.at)).toBeLessThan(2_500);
    await eventually('the target has nothing of it left', async () => (await asleep()) === 0);
    expect((await send('agent-etl', 'select 1')).said).toContain('The target duties is locked by security');

    expect((await interlock(place, 'security', ['unlock', lock.id])).said).toContain('one more independent person is needed');
    expect((await interlock(place, 'security', ['unlock', lock.id])).said).not.toContain('Lifted');
    expect((await send('agent-etl', 'select 1')).code).toBe(2);
    expect((await interlock(place, 'dba', ['unlock', lock.id])).said).toMatch(/^Lifted by (security and dba|dba and security)\.$/m);
    await eventually('the lock is lifted at the connector', async () => (await send('agent-etl', 'select 1')).code === 0);
  }, 60_000);
});

describe('an agent that acts for another', () => {
  const holding = (act: object) => ({ password: forgery.signed(forgery.claims({ act })) });
  const enter = (act: object): Promise<string> => nodePg(place, 'agent-etl', DUTIES, holding(act)).then(async (client) => {
    await client.end();
    return 'let in';
  }, (fault: Error) => fault.message);

  it('is let in as far as that is declared, with the humans behind both, until it is taken back', async () => {
    const before = await lastSequence(place);
    expect(await enter({ sub: 'agent-support' })).toContain('The configuration does not say that agent-support may act for agent-etl');
    await changeConfiguration(place, (settings) => { settings.delegation = { allowed: [{ actor: 'agent-support', for: ['agent-etl'] }] }; }, []);
    const client = await eventually('the delegation holds everywhere', () => nodePg(place, 'agent-etl', DUTIES, holding({ sub: 'agent-support' })));
    const opened = await eventAfter(place, before, 'session.opened.v1', ({ principal }) => (principal as { actors?: unknown }).actors !== undefined);
    expect(opened.data).toMatchObject({ principal: { name: 'agent-etl', kind: 'agent', actors: ['agent-support'], party: ['owner-etl', 'owner-support'] } });
    expect(await enter({ sub: 'nobody-knows' })).toContain('is no principal of the configuration');
    expect(await enter({ sub: 'agent-etl' })).toContain('nobody acts for themselves through others');
    expect(await enter({ sub: 'agent-support', act: { sub: 'owner-etl' } })).toContain('The configuration does not say that agent-support may act for owner-etl');

    const end = new Promise<string>((resolve) => client.on('error', (fault: Error) => resolve(fault.message)));
    await changeConfiguration(place, (settings) => { delete settings.delegation; }, []);
    expect(await end).toMatch(/configuration/);
    await eventually('nobody is let in by it any more', async () => (await enter({ sub: 'agent-support' })).includes('does not say that agent-support may act for agent-etl'));
  }, 120_000);
});
