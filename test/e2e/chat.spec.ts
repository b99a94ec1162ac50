import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyWebhook, webhookKey, type WebhookHeaders } from '@interlock/protocol-chat';
import { approvalById, pendingFor, statusBecomes, vote } from './system/approvals.js';
import { changeConfiguration, type File } from './system/configuration.js';
import { eventually } from './system/eventually.js';
import { freePorts } from './system/free-ports.js';
import { makeFolder, startInstallation, stopInstallation, type Place } from './system/installation.js';
import { apiOk } from './system/people.js';
import { gatewayLogin, startPsql, type RunningPsql } from './system/psql.js';
import { bareLogin, withClient } from './system/server.js';
import { SHARED_START_MS } from './system/shared.js';
import { knock, startSlack, type Posted, type Slack } from './system/slack.js';

const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

let place: Place;
let slack: Slack;
let door: number;
beforeAll(async () => {
  [slack, [door]] = await Promise.all([startSlack(), freePorts(1) as Promise<[number]>]);
  place = await startInstallation(makeFolder('chat'), process.pid, { env: { INTERLOCK_CHATOPS_PORT: String(door) } });
  const secret = (file: string, text: string): void => writeFileSync(join(place.state, 'secrets', 'chat', file), `${text}\n`, { mode: 0o600 });
  secret('approval/slack-signing-secret', SIGNING_SECRET);
  secret('chatops/slack-token', 'xoxb-test');
  secret('chatops/webhook-pager', WEBHOOK_SECRET);
  const { files } = await apiOk<{ files: File[] }>(place, 'security', 'GET', '/configuration');
  const accepting = files.filter(({ text }) => text.includes('@approvers("dba")')).map(({ file, text }) => ({ file, text: text.replace('@approvers("dba")', '@approvers("dba")\n@accepts("slack")') }));
  await changeConfiguration(place, (settings) => Object.assign(settings, { chat: {
    page: `http://localhost:${place.ports.api}/#/approvals`,
    slack: { team: 'T012AB3CD', app: 'A012AB3CD', channel: 'C012AB3CD', api: `${slack.url}/api`, users: [{ id: 'U0DBA', principal: 'dba' }, { id: 'U0OWNER', principal: 'owner-etl' }] },
    webhooks: [{ name: 'pager', url: `${slack.url}/in`, network: 'private' }],
  } }), accepting);
  await withClient(bareLogin(place, 'superuser'), 'shop', (client) => client.query("insert into orders (id, customer_id, status) select id, 1, 'cancelled' from generate_series(7001, 7003) id"));
}, SHARED_START_MS);
afterAll(async () => {
  await stopInstallation(place);
  await Promise.all([slack.close(), rm(place.folder, { recursive: true, force: true })]);
}, 120_000);

async function parked(id: number): Promise<RunningPsql> {
  return startPsql(await gatewayLogin(place, 'agent-etl'), 'shop', { script: `delete from orders where id = ${id};\n` });
}

function messageAbout(approval: string, standing: string): Promise<Posted> {
  return eventually(`Slack shows ${approval} as: ${standing}`, () => [...slack.channel.values()].find(({ blocks }) => {
    const said = JSON.stringify(blocks);
    return said.includes(approval) && said.includes(standing);
  }));
}

describe('an approval in Slack', () => {
  it('counts for an independent DBA alone, and runs the command', async () => {
    const psql = await parked(7001);
    const { request: { id } } = await pendingFor(place, 'delete from orders where id = 7001');
    const message = await messageAbout(id, 'Waits for a decision');
    expect(message.blocks[0]?.text?.text).toContain('agent-etl asks to delete at shop: public.orders\n\ndelete from orders where id = …');
    expect(JSON.stringify(message)).not.toContain('7001');

    expect(await knock(door, 'forged', slack.press(message, 'approve', 'U0DBA'))).toBe(401);
    expect(await knock(door, SIGNING_SECRET, slack.press(message, 'approve', 'U0DBA'), Math.floor(Date.now() / 1_000) - 400)).toBe(401);
    expect(await knock(door, SIGNING_SECRET, slack.press(message, 'approve', 'U0OWNER'))).toBe(200);
    expect(await eventually('the owner is told', () => slack.whispers.find((words) => words.startsWith('U0OWNER')))).toMatch(/did not count: .*share/);
    expect((await approvalById(place, id)).status).toBe('pending');

    const pressed = slack.press(message, 'approve', 'U0DBA');
    const seconds = Math.floor(Date.now() / 1_000);
    expect(await knock(door, SIGNING_SECRET, pressed, seconds)).toBe(200);
    expect((await psql.result).said).toMatch(/^DELETE 1$/m);
    const { votes } = await statusBecomes(place, id, 'consumed');
    expect(votes).toMatchObject([{ verdict: 'approve', via: 'slack', approver: { name: 'dba' } }]);
    expect(await knock(door, SIGNING_SECRET, pressed, seconds)).toBe(200);
    expect((await approvalById(place, id)).votes).toHaveLength(1);
    await messageAbout(id, 'Approved and run (dba approved)');
    expect([...slack.channel.values()].filter((one) => JSON.stringify(one).includes(id))).toHaveLength(1);
  }, 60_000);

  it('is told to a webhook, signed, and without values', async () => {
    const psql = await parked(7002);
    const { request: { id } } = await pendingFor(place, 'delete from orders where id = 7002');
    await knock(door, SIGNING_SECRET, slack.press(await messageAbout(id, 'Waits for a decision'), 'deny', 'U0DBA'));
    expect((await psql.result).said).toMatch(/denied/i);
    const [asked, denied] = await Promise.all(['requested', 'denied'].map((type) => eventually(`the webhook hears approval.${type}`, () => slack.webhooks.find(({ body }) => body.includes(`"approval.${type}"`) && body.includes(id)))));
    const key = webhookKey(WEBHOOK_SECRET);
    for (const { headers, body } of [asked!, denied!]) expect(key.ok && verifyWebhook(key.value, headers as unknown as WebhookHeaders, body, Date.now())).toMatchObject({ ok: true });
    expect(JSON.stringify(slack.webhooks)).not.toContain('7002');
  }, 60_000);

  it('is not waited for: with every chat away, people decide on the page', async () => {
    await slack.close();
    const psql = await parked(7003);
    const approval = await pendingFor(place, 'delete from orders where id = 7003');
    expect((await vote(place, 'dba', approval, 'approve')).status).toBe(200);
    expect((await psql.result).said).toMatch(/^DELETE 1$/m);
  }, 60_000);
});
