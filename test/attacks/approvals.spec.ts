import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalById, pendingFor, statusBecomes, vote, type Approval } from '../e2e/system/approvals.js';
import { nodePg } from '../e2e/system/clients.js';
import { changeConfiguration, type Settings } from '../e2e/system/configuration.js';
import { eventually } from '../e2e/system/eventually.js';
import { layLab } from '../e2e/system/fixture.js';
import { makeFolder, startInstallation, stopInstallation, type Place } from '../e2e/system/installation.js';
import { eventAfter, lastSequence, readLedger } from '../e2e/system/ledger.js';
import { api, apiOk, type Answer, type Name } from '../e2e/system/people.js';
import { openPage, signIn } from '../e2e/system/page.js';
import { gatewayLogin, psql, startPsql } from '../e2e/system/psql.js';
import { bareLogin, withClient } from '../e2e/system/server.js';
import { SHARED_START_MS } from '../e2e/system/shared.js';

/** An installation of its own: roles and rules are changed here while commands wait. */
let place: Place;
beforeAll(async () => {
  place = await startInstallation(makeFolder('sod'), process.ppid);
  await layLab(place);
}, SHARED_START_MS);
afterAll(() => place && stopInstallation(place), 120_000);

interface Waiting {
  readonly approval: Approval;
  /** `ran`, or the words of the refusal. */
  readonly outcome: Promise<string>;
  end(): Promise<void>;
}

/** A delete of one row of the lab's orders that waits for a DBA. */
async function waiting(id: number): Promise<Waiting> {
  const client = await nodePg(place, 'agent-etl', 'lab');
  const text = `delete from orders where id = ${id}`;
  const outcome = client.query(text).then(({ rowCount }) => (rowCount === 1 ? 'ran' : `${rowCount} rows`), (fault: unknown) => (fault as Error).message);
  return { approval: await pendingFor(place, text), outcome, end: () => client.end() };
}

async function isThere(id: number): Promise<boolean> {
  const client = await nodePg(place, 'agent-etl', 'lab');
  const { rows } = await client.query('select 1 from orders where id = $1', [id]);
  await client.end();
  return rows.length === 1;
}

function rolesOf(settings: Settings, name: Name): { roles?: string[]; human?: string } {
  return settings.principals.find((principal) => principal['name'] === name) as { roles?: string[]; human?: string };
}

describe('SOD-01: nobody agrees to their own work', () => {
  it('two-sided: an independent DBA can, so the others are refused for who they are', async () => {
    const { approval, outcome, end } = await waiting(1);
    const after = await lastSequence(place);
    for (const name of ['agent-etl', 'agent-support', 'owner-etl'] as const) expect((await vote(place, name, approval, 'approve')).status, name).toBe(403);
    expect(await eventAfter(place, after, 'approval.rejected.v1', ({ approver }) => approver === 'owner-etl')).toMatchObject({
      data: { reason: 'not_independent', detail: expect.stringContaining('owner-etl owns agent-etl') as string },
    });
    expect((await vote(place, 'dba', approval, 'approve')).status).toBeLessThan(300);
    expect(await outcome).toBe('ran');
    await end();
  }, 60_000);

  it('nor under a second account of the same human', async () => {
    await changeConfiguration(place, (settings) => { rolesOf(settings, 'dba').human = 'owner-etl'; }, []);
    const { approval, outcome, end } = await waiting(2);
    expect(await vote(place, 'dba', approval, 'approve')).toMatchObject({ status: 403, body: { reason: 'not_independent', detail: expect.stringContaining('dba is another account of the human owner-etl') as string } });
    expect((await approvalById(place, approval.request.id)).status).toBe('pending');
    await changeConfiguration(place, (settings) => { delete rolesOf(settings, 'dba').human; }, []).catch(() => undefined);
    await end();
    expect(await outcome).not.toBe('ran');
    expect(await isThere(2)).toBe(true);
  }, 60_000);

  it('only the requester’s own take a request back, and what was taken back runs no more', async () => {
    const { approval, outcome, end } = await waiting(5);
    const path = `/approvals/${approval.request.id}`;
    for (const name of ['dba', 'agent-support'] as const) expect(await api(place, name, 'DELETE', path), name).toMatchObject({ status: 403, body: { reason: 'not_yours' } });
    expect(await api(place, 'owner-etl', 'DELETE', path)).toMatchObject({ status: 200, body: { state: { status: 'withdrawn' } } });
    expect(await outcome).toMatch(/was withdrawn; the command was not sent/);
    expect((await vote(place, 'dba', approval, 'approve')).body['reason']).toBe('approval_closed');
    await end();
    expect(await isThere(5)).toBe(true);
  }, 60_000);

  it('another votes in the stead of a DBA while that stands, no owner does, and the two count once', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const lend = (as: Name, to: string) => api(place, as, 'POST', '/delegations', { to, roles: ['dba'], until, reason: 'a test' });
    expect(await lend('dba', 'agent-support')).toMatchObject({ status: 403, body: { reason: 'delegate_not_human' } });
    expect(await lend('dba', 'owner-etl')).toMatchObject({ status: 201 });
    expect(await lend('security', 'auditor')).toMatchObject({ status: 403, body: { reason: 'role_missing' } });
    const made = await lend('dba', 'auditor');
    expect(made).toMatchObject({ status: 201, body: { delegation: { delegator: { name: 'dba' }, delegate: { name: 'auditor' } } } });
    const { approval, outcome, end } = await waiting(6);
    const path = `/approvals/${approval.request.id}/votes`;
    const cast = { verdict: 'approve', grantDigest: approval.request.grantDigest };
    expect(await api(place, 'auditor', 'POST', path, cast)).toMatchObject({ status: 403, body: { reason: 'approver_role' } });
    expect(await api(place, 'security', 'POST', path, { ...cast, inSteadOf: 'dba' })).toMatchObject({ status: 403, body: { reason: 'not_delegated' } });
    expect(await api(place, 'owner-etl', 'POST', path, { ...cast, inSteadOf: 'dba' })).toMatchObject({ status: 403, body: { reason: 'not_independent' } });
    expect(await api(place, 'auditor', 'POST', path, { ...cast, inSteadOf: 'dba' })).toMatchObject({ status: 200, body: { state: { status: 'approved' } } });
    expect(await outcome).toBe('ran');
    await end();
    const used = await eventually('the use is recorded', async () => (await readLedger(place)).find(({ metadata, data }) => metadata.type === 'grant.consumed.v1' && data['grant'] === approval.request.id));
    expect(used.data['approvers']).toEqual(['auditor in stead of dba']);

    const { id } = made.body['delegation'] as { id: string };
    const next = await waiting(7);
    expect(await api(place, 'security', 'DELETE', `/delegations/${id}`)).toMatchObject({ status: 200, body: { by: 'security' } });
    expect(await api(place, 'auditor', 'POST', `/approvals/${next.approval.request.id}/votes`, { verdict: 'approve', grantDigest: next.approval.request.grantDigest, inSteadOf: 'dba' })).toMatchObject({ status: 403, body: { reason: 'not_delegated' } });
    await next.end();
    expect(await next.outcome).not.toBe('ran');
    expect(await isThere(7)).toBe(true);
  }, 60_000);

  it('a vote cannot be replayed for another command, nor cast twice', async () => {
    const [one, other] = [await waiting(3), await waiting(4)];
    expect((await vote(place, 'dba', other.approval, 'approve', one.approval.request.grantDigest)).status).toBeGreaterThanOrEqual(400);
    expect((await vote(place, 'dba', one.approval, 'approve')).status).toBeLessThan(300);
    expect(await one.outcome).toBe('ran');
    await statusBecomes(place, one.approval.request.id, 'consumed');
    expect((await vote(place, 'dba', one.approval, 'approve')).status).toBeGreaterThanOrEqual(400);
    await Promise.all([one.end(), other.end()]);
    expect(await other.outcome).not.toBe('ran');
    expect(await isThere(4)).toBe(true);
  }, 60_000);

  it('the author of a change does not approve it, and an owner does not approve what gives their agent more', async () => {
    const { files } = await apiOk<{ files: { file: string; text: string }[] }>(place, 'security', 'GET', '/configuration');
    const wider = [...files.map(({ file, text }) => ({ file, text })), { file: 'policies/wider.cedar', text: '@id("wider")\npermit (principal == Agent::"agent-etl", action, resource in Target::"lab");\n' }];
    const { body } = await api(place, 'security', 'POST', '/changes', { files: wider });
    expect(body['status']).toBe('pending');
    expect((await api(place, 'security', 'POST', `/changes/${String(body['change'])}/decision`, { verdict: 'approve' })).status).toBe(403);
    expect((await api(place, 'agent-etl', 'POST', `/changes/${String(body['change'])}/decision`, { verdict: 'approve' })).status).toBe(403);
    expect((await api(place, 'dba', 'POST', `/changes/${String(body['change'])}/decision`, { verdict: 'deny' })).status).toBeLessThan(300);
  }, 60_000);
});

describe('SOD-06: a role for a time gives what it says, a masked column in clear as well, while it says', () => {
  const FIXES = { file: 'policies/fixes.cedar', text: '@id("fixers-read")\npermit (principal in Role::"fixer", action in Action::"read", resource == Table::"lab/public/secrets");\n' };
  const reads = async (): Promise<string> => {
    const client = await nodePg(place, 'agent-etl', 'lab');
    return client.query('select v from secrets').then(({ rows }) => String((rows[0] as { v: string }).v), (fault: unknown) => (fault as Error).message).finally(() => client.end());
  };
  /** A masked column, as an agent reads it. */
  const ssnFor = async (name: Name): Promise<string> => {
    const client = await nodePg(place, name, 'lab');
    return client.query('select ssn from customers where id = 5').then(({ rows }) => (rows[0] as { ssn: string }).ssn).finally(() => client.end());
  };
  const ask = (as: Name, body: object) => api(place, as, 'POST', '/access', { role: 'fixer', for: 'agent-etl', seconds: 3_600, reason: 'Incident 17.', ...body });
  const vote = (as: Name, { id, request: { digest } }: Access) => api(place, as, 'POST', `/access/${id}/votes`, { verdict: 'approve', digest });
  interface Access { readonly id: string; readonly status: string; readonly until?: string; readonly request: { readonly digest: string } }
  const accessIn = ({ body }: Answer): Access => body['access'] as Access;

  beforeAll(async () => {
    await changeConfiguration(place, (settings) => {
      settings.roles = [...['etl', 'support', 'dba', 'security', 'auditor'].map((name) => ({ name })), { name: 'fixer', onRequest: { for: ['agent-etl'], approvers: [{ role: 'security', count: 1 }, { role: 'dba', count: 1 }], hoursMax: 8 } }];
      settings.masking.columns = settings.masking.columns.map((rule) => (rule['column'] === 'public.customers.ssn' ? { ...rule, except: ['fixer'] } : rule));
    }, [FIXES]);
  }, 60_000);

  it('is granted by independent people, acts at the connector, and is gone when it is revoked', async () => {
    expect(await reads()).not.toContain('S3CRET');
    expect(await ssnFor('agent-etl')).toBe('[redacted]');
    expect((await ask('dba', {})).body['reason']).toBe('not_yours');
    expect((await ask('owner-etl', { seconds: 9 * 3_600 })).body['reason']).toBe('access_too_long');
    expect((await ask('owner-etl', { role: 'dba' })).body['reason']).toBe('role_not_obtainable');
    const asked = await ask('owner-etl', {});
    expect(asked).toMatchObject({ status: 201, body: { access: { status: 'pending' } } });
    const waits = accessIn(asked);
    expect((await vote('owner-etl', waits)).body['reason']).toBe('not_independent');
    expect((await vote('agent-support', waits)).body['reason']).toBe('approver_not_human');
    expect((await vote('auditor', waits)).body['reason']).toBe('approver_role');
    expect(accessIn(await vote('dba', waits)).status).toBe('pending');
    expect(await reads()).not.toContain('S3CRET');
    expect(accessIn(await vote('security', waits))).toMatchObject({ status: 'granted', until: expect.any(String) as string });
    await eventually('the role acts at the connector', async () => (await reads()).includes('S3CRET'));
    expect((await apiOk<{ principal: { roles: string[] } }>(place, 'agent-etl', 'GET', '/whoami')).principal.roles).toEqual(['etl', 'fixer']);
    expect(await ssnFor('agent-etl')).toMatch(/^\d{3}-\d\d-\d{4}$/);

    const open = await nodePg(place, 'agent-etl', 'lab');
    open.on('error', () => undefined);
    expect(accessIn(await api(place, 'owner-etl', 'DELETE', `/access/${waits.id}`)).status).toBe('revoked');
    expect(await eventually('the session that had it is over', () => open.query('select v from secrets').then(() => undefined, (fault: unknown) => (fault as Error).message))).not.toContain('S3CRET');
    await open.end().catch(() => undefined);
    await eventually('it acts no more', async () => !(await reads()).includes('S3CRET'));
    expect(await ssnFor('agent-etl')).toBe('[redacted]');
  }, 60_000);

  it('is over when its time is, with nobody doing anything', async () => {
    const waits = accessIn(await ask('agent-etl', { seconds: 5 }));
    await vote('dba', waits);
    const granted = accessIn(await vote('security', waits));
    expect(granted.status).toBe('granted');
    const sought = async (): Promise<boolean> => (await apiOk<{ principal: { roles: string[] } }>(place, 'agent-etl', 'GET', '/whoami')).principal.roles.includes('fixer');
    await eventually('its time is over', async () => Date.now() >= Date.parse(granted.until!) + 250);
    expect([await sought(), (await reads()).includes('S3CRET')]).toEqual([false, false]);
    await eventually('the ledger says so', async () => (await readLedger(place)).find(({ metadata, data }) => metadata.type === 'access.ended.v1' && data['access'] === waits.id && data['status'] === 'expired'));
  }, 60_000);
});

describe('SOD-07: people are asked as often as a rule says, and one answer runs each command once', () => {
  it('answers two of one kind at once, and refuses the third before anyone is asked', async () => {
    await changeConfiguration(place, () => undefined, [{
      file: 'policies/limited.cedar',
      text: '@id("limited") @reason("Customers are deleted with the agreement of a DBA.") @approvers("dba") @limit("2/1h")\nforbid (principal, action == Action::"delete", resource == Table::"lab/public/customers");\n',
    }]);
    const client = await Promise.all([1, 2, 3].map(() => nodePg(place, 'agent-etl', 'lab')));
    const texts = [1, 2, 3].map((id) => `delete from customers where id = ${id}`);
    const ran = (index: number): Promise<string> => client[index]!.query(texts[index]!).then(({ rowCount }) => `${rowCount} rows`, (fault: unknown) => (fault as Error).message);
    const outcomes = [ran(0), ran(1)];
    const waits = [await pendingFor(place, texts[0]!), await pendingFor(place, texts[1]!)];
    expect(await ran(2)).toContain('Rule limited lets people be asked 2 times within 3600 s');
    const votes = waits.map(({ request: { id, grantDigest } }) => ({ id, grantDigest }));
    const answer = await apiOk<{ results: { id: string; status?: string; refusal?: { reason: string } }[] }>(place, 'dba', 'POST', '/approvals/votes', { verdict: 'approve', votes });
    expect(answer.results).toEqual(votes.map(({ id }) => ({ id, status: 'approved' })));
    expect(await Promise.all(outcomes)).toEqual(['1 rows', '1 rows']);
    const again = await apiOk<{ results: { refusal?: { reason: string } }[] }>(place, 'dba', 'POST', '/approvals/votes', { verdict: 'approve', votes });
    expect(again.results.map(({ refusal }) => refusal?.reason)).toEqual(['approval_closed', 'approval_closed']);
    await Promise.all(client.map((one) => one.end()));
  }, 60_000);
});

/** Approves, changes something before the command can run, and answers what became of it. */
async function approvedThen(id: number, change: () => Promise<unknown>): Promise<string> {
  const { approval, outcome, end } = await waiting(id);
  await change();
  await vote(place, 'dba', approval, 'approve');
  const result = await Promise.race([outcome, eventually('the approval ends', async () => {
    const { status } = await approvalById(place, approval.request.id);
    return status !== 'pending' && status !== 'approved' && status;
  }, { withinMs: 20_000 }).catch(() => 'still waiting')]);
  await end();
  return result;
}

describe('SOD-08: the glass is broken by people alone, loudly, and reviewed by two', () => {
  const glass = (id: string, what: string, within: string): string => `@id("${id}") @reason("It takes a DBA.") @approvers("dba") @window("10m") @break_glass("oncall") @reviewers("dba,security") @review_within("${within}")\nforbid (principal, ${what});\n`;
  const RULES = { file: 'policies/glass.cedar', text: [
    '@id("oncall-writes")\npermit (principal in Role::"oncall", action, resource in Target::"lab")\nwhen { [Action::"insert", Action::"update", Action::"select"].contains(action) && resource != Table::"lab/public/secrets" };\n',
    '@id("oncall-connects")\npermit (principal in Role::"oncall", action in Action::"read", resource in Target::"lab");\n',
    glass('orders-need-dba', 'action == Action::"update", resource == Table::"lab/public/orders"', '1h'), glass('slips-need-dba', 'action == Action::"update", resource == Table::"lab/public/slips"', '1s'),
  ].join('\n') };
  const UPDATE = "update orders set item = 'mended' where id = 40";
  const why = (reason: string, text = UPDATE): string => `/* interlock: break_glass="${reason}" ticket="INC-7" */ ${text};\n`;
  const as = async (name: Name, script: string, env: Readonly<Record<string, string>> = {}) => psql(await gatewayLogin(place, name), 'lab', { script, env, args: ['-v', 'ON_ERROR_STOP=1'] });
  const item = async (): Promise<string> => withClient(bareLogin(place, 'superuser'), 'lab', async (client) => (await client.query<{ item: string }>('select item from orders where id = 40')).rows[0]!.item);
  const review = (name: Name, { request }: Approval, verdict: 'accept' | 'object') => api(place, name, 'POST', `/approvals/${request.id}/reviews`, { verdict, grantDigest: request.grantDigest, note: 'seen' });
  /** As a person does who reads it first. */
  const acceptOnPage = async (name: Name, { request }: Approval): Promise<void> => {
    const person = await openPage(place);
    try {
      await signIn(place, person, name);
      await person.page.getByRole('heading', { name: '1 broken glass to review' }).waitFor();
      await person.page.locator(`a[href="#/approvals/${request.id}"]`).click();
      const card = person.page.locator('article');
      await card.getByRole('heading', { name: /^owner-support broke the glass to / }).waitFor();
      for (const said of ['with nobody asked. The command was let through at once.', 'the shop is down', UPDATE, 'Two people of dba or security review it until']) expect(await card.textContent()).toContain(said);
      expect(await card.getByRole('button', { name: 'Accept' }).isDisabled()).toBe(true);
      await card.getByLabel(/^Note/).fill('called the owner');
      await card.getByRole('button', { name: 'Accept' }).click();
      await person.page.getByText('One more person has to review it.').waitFor();
      expect(person.complaints).toEqual([]);
    } finally {
      await person.close();
    }
  };
  const brokenOf = (rule: string): Promise<Approval> => eventually('security finds the broken glass first', async () => {
    const [first] = (await apiOk<{ approvals: (Approval & { glass?: object; request: { ask: { rules: string[] } } })[] }>(place, 'security', 'GET', '/approvals?status=pending')).approvals;
    return first?.glass && first.request.ask.rules.includes(rule) && first;
  });

  beforeAll(async () => {
    await changeConfiguration(place, (settings) => {
      for (const name of ['owner-support', 'agent-etl'] as const) rolesOf(settings, name).roles = [...(rolesOf(settings, name).roles ?? []), 'oncall'];
      settings.roles?.push({ name: 'oncall' });
    }, [RULES]);
  }, 60_000);

  it('an agent, and who states no reason, do not get past its rule', async () => {
    const agent = await as('agent-etl', why('the shop is down'));
    expect(agent).toMatchObject({ code: 3, said: expect.stringContaining('Only people break its glass, in their own name, and agent-etl is no person.') as string });
    const silent = await startPsql(await gatewayLogin(place, 'owner-support'), 'lab', { script: why('').replace(' ticket="INC-7"', '') });
    const asked = await pendingFor(place, why('').replace(' ticket="INC-7"', '').trim().replace(/;$/, ''));
    expect((await vote(place, 'dba', asked, 'deny')).status).toBeLessThan(300);
    expect((await silent.result).said).toContain('denied');
    expect(await item()).toBe('item 40');
  }, 60_000);

  it('two-sided: a person of its role does, at once, in the open, and two others say what they think of it', async () => {
    const after = await lastSequence(place);
    const done = await as('owner-support', `begin;\n${why('the shop is down')}commit;\n`, { PGOPTIONS: '-c client_min_messages=error' });
    expect(done).toMatchObject({ code: 0, said: expect.stringMatching(/WARNING: {2}the glass of rule "orders-need-dba" is broken.*UPDATE 1/s) as string });
    expect(await item()).toBe('mended');
    const broken = await brokenOf('orders-need-dba');
    const told = (await readLedger(place, after + 1)).filter(({ data }) => data['grant'] === broken.request.id || (data['request'] as { id?: string } | undefined)?.id === broken.request.id || (data['grant'] as { id?: string } | undefined)?.id === broken.request.id);
    expect(told.map(({ metadata }) => metadata.type)).toEqual(['glass.broken.v1', 'grant.consumed.v1', 'command.decided.v1']);
    expect((await review('owner-support', broken, 'accept')).body['reason']).toBe('not_independent');
    expect((await review('agent-etl', broken, 'accept')).body['reason']).toBe('reviewer_not_human');
    expect((await review('auditor', broken, 'accept')).body['reason']).toBe('reviewer_role');
    await acceptOnPage('dba', broken);
    expect((await review('dba', broken, 'accept')).body['reason']).toBe('already_reviewed');
    expect((await review('security', broken, 'object')).status).toBeLessThan(300);
    expect(await eventAfter(place, after, 'glass.objected.v1')).toMatchObject({ data: { grant: broken.request.id, principal: 'owner-support', by: 'security' } });
  }, 120_000);

  it('who is not reviewed in time is locked until two have reviewed it', async () => {
    const after = await lastSequence(place);
    const done = await as('owner-support', "update slips set note = 'mended' where id = 40;\n", { PGOPTIONS: String.raw`-c interlock.break_glass=the\ shop\ is\ down` });
    expect(done).toMatchObject({ code: 0, said: expect.stringContaining('UPDATE 1') as string });
    const broken = await brokenOf('slips-need-dba');
    expect(await eventAfter(place, after, 'glass.overdue.v1')).toMatchObject({ data: { grant: broken.request.id, principal: 'owner-support' } });
    const refused = await eventually('it can connect no more', async () => { const { code, said } = await as('owner-support', 'select 1;\n'); return code === 2 && said; });
    expect(refused).toContain(`Glass ${broken.request.id}, which owner-support broke, was to be reviewed by two people`);
    for (const name of ['dba', 'security'] as const) expect((await review(name, broken, 'accept')).status, name).toBeLessThan(300);
    await eventAfter(place, after, 'glass.settled.v1');
    await eventually('it can connect again', async () => (await as('owner-support', 'select 1;\n')).code === 0);
  }, 90_000);
});

describe('SOD-05: what changed in between counts', () => {
  const RULE = 'policies/lab.cedar';
  let original: string;
  beforeAll(async () => {
    const { files } = await apiOk<{ files: { file: string; text: string }[] }>(place, 'security', 'GET', '/configuration');
    original = files.find(({ file }) => file === RULE)!.text;
  });

  it('the rule was changed: the grant is void', async () => {
    expect(await approvedThen(11, () => changeConfiguration(place, () => undefined, [{ file: RULE, text: original.replace('Orders are deleted with the agreement of a DBA.', 'Orders are deleted with the agreement of two.') }]))).not.toBe('ran');
    expect(await isThere(11)).toBe(true);
  }, 60_000);

  it('the permission was taken away', async () => {
    expect(await approvedThen(12, () => changeConfiguration(place, () => undefined, [{ file: RULE, text: original.replace('Action::"update", Action::"delete"].contains(action) && resource', 'Action::"update"].contains(action) && resource') }]))).not.toBe('ran');
    await changeConfiguration(place, () => undefined, [{ file: RULE, text: original }]);
    expect(await isThere(12)).toBe(true);
  }, 60_000);

  it('the agent was locked', async () => {
    let lock = '';
    expect(await approvedThen(13, async () => {
      lock = String((await apiOk<{ lock: { id: string } }>(place, 'security', 'POST', '/locks', { scope: 'principal', subject: 'agent-etl', reason: 'a test' })).lock.id);
    })).not.toBe('ran');
    expect((await api(place, 'security', 'DELETE', `/locks/${lock}`)).body['lifted']).toBe(false);
    expect((await api(place, 'dba', 'DELETE', `/locks/${lock}`)).body['lifted']).toBe(true);
    expect(await eventually('the agent is let in again', async () => ({ row: await isThere(13) }))).toEqual({ row: true });
  }, 60_000);

  it('the approver lost the role before the vote', async () => {
    const { approval, outcome, end } = await waiting(14);
    await changeConfiguration(place, (settings) => { rolesOf(settings, 'dba').roles = []; }, []);
    expect((await apiOk<{ principal: { roles: string[] } }>(place, 'dba', 'GET', '/whoami')).principal.roles).toEqual([]);
    expect((await vote(place, 'dba', approval, 'approve')).status).toBe(403);
    await end();
    expect(await outcome).not.toBe('ran');
  }, 60_000);
});
