import { afterEach, describe, expect, it } from 'vitest';
import type { Chat, ChatDelivery, ChatNotice } from '@interlock/contracts';
import { verifyWebhook, webhookKey, type WebhookHeaders } from '@interlock/protocol-chat';
import { chatWith, destination, notice, type Heard, type Said } from '../../spec/given.js';
import { Outbound } from '../sending/outbound.js';
import { Channels } from './channels.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.alloc(32, 4).toString('base64')}`;
const SECRETS: Record<string, string> = { 'slack-token': 'xoxb-test', 'webhook-pager': SECRET };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => { await Promise.all(open.splice(0).map((one) => one.close())); });

async function place(answer: (heard: Heard, count: number) => Said) {
  const one = await destination(answer);
  open.push(one);
  return one;
}

const delivery = (of: ChatNotice, more: Partial<Omit<ChatDelivery, 'notice'>> = {}) => ({
  grant: of.id, channel: 'x', notice: of, revision: of.revision, state: 'sending' as const, attempts: 1, dueAt: '2026-01-01T00:01:00.000Z', since: '2026-01-01T00:00:00.000Z', ...more,
});
const channelsWith = (secrets: Record<string, string> = SECRETS): Channels => new Channels({ send: new Outbound().send, secret: async (name) => secrets[name], nowMs: () => NOW_MS });

it('a broken glass is told once for each thing that becomes of its review, and never to be decided', async () => {
  const { url, heard } = await place(() => ({ status: 204 }));
  const chat = chatWith({ webhooks: [{ name: 'pager', url: `${url}/in`, network: 'private' }] });
  const [channel] = channelsWith().of(chat);
  const glass = { standing: 'broken' as const, reviewers: ['dba', 'security'], reviewBy: '2026-01-02T00:00:00.000Z', reviews: [] };
  const states = [notice({ status: 'approved', glass }), notice({ status: 'consumed', glass }), notice({ status: 'consumed', glass: { ...glass, standing: 'objected', reviews: [{ reviewer: 'sven', verdict: 'object' }] } })];
  expect(states.map((state) => channel!.keyOf(state))).toEqual(['g1.webhook-pager.glass-broken', 'g1.webhook-pager.glass-broken', 'g1.webhook-pager.glass-objected']);
  await channel!.deliver(delivery(states[0]!), chat, false);
  await channel!.deliver(delivery(states[2]!), chat, false);
  const bodies = heard.map(({ body }) => JSON.parse(body) as { type: string; data: { told: string } });
  expect(bodies.map(({ type }) => type)).toEqual(['glass.broken', 'glass.objected']);
  expect(bodies[0]!.data.told).toMatch(/^agent-etl broke the glass, with nobody asked, to .*Needs: two people of dba or security to review it\n.*review due 2026-01-02/s);
});

describe('a webhook', () => {
  const webhook = (url: string): Chat => chatWith({ webhooks: [{ name: 'pager', url, network: 'private' }] });

  it('is signed, says what happened without values, and has the same id each time', async () => {
    const { url, heard } = await place(() => ({ status: 204 }));
    const chat = webhook(`${url}/in`);
    const [channel] = channelsWith({ 'webhook-pager': `${SECRET}\n${OLD_SECRET}\n` }).of(chat);
    for (let time = 0; time < 2; time += 1) expect(await channel!.deliver(delivery(notice({ text: 'delete \u202E…' })), chat, false)).toEqual({ kind: 'delivered' });
    const [first, second] = heard;
    for (const secret of [SECRET, OLD_SECRET]) {
      const key = webhookKey(secret);
      expect(key.ok && verifyWebhook(key.value, first!.headers as unknown as WebhookHeaders, first!.body, NOW_MS)).toEqual({ ok: true, value: { id: 'msg_g1_pending' } });
    }
    expect([second!.headers['webhook-id'], second!.body]).toEqual([first!.headers['webhook-id'], first!.body]);
    expect(JSON.parse(first!.body)).toMatchObject({ type: 'approval.requested', timestamp: '2026-01-01T00:00:00.000Z', data: { id: 'g1', text: 'delete \\u{202e}…', page: 'https://interlock.example/approvals/g1' } });
  });

  it.each<[string, Said, object]>([
    ['500', { status: 500 }, { kind: 'failed', detail: 'the destination answered 500' }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, { kind: 'failed', detail: 'the destination answered 302' }],
    ['410', { status: 410 }, { kind: 'failed', isFinal: true }],
    ['429', { status: 429, headers: { 'retry-after': '90' } }, { kind: 'failed', retryAfterMs: 90_000 }],
    ['nothing', { hangUp: true }, { kind: 'failed', doubtful: true }],
  ])('that is answered with %s did not arrive', async (_what, said, sent) => {
    const { url } = await place(() => said);
    const chat = webhook(url);
    expect(await channelsWith().of(chat)[0]!.deliver(delivery(notice()), chat, false)).toMatchObject(sent);
  });

  it.each([['no secret', {}], ['a secret that is none', { 'webhook-pager': 'whsec_x' }], ['a good and a bad secret', { 'webhook-pager': `${SECRET}\nx` }]])('with %s is not sent', async (_what, secrets) => {
    const { url, heard } = await place(() => ({}));
    const chat = webhook(url);
    expect(await channelsWith(secrets).of(chat)[0]!.deliver(delivery(notice()), chat, false)).toMatchObject({ kind: 'failed', detail: 'there is no good secret in webhook-pager' });
    expect(heard).toEqual([]);
  });

  it('is kept under a key of its own for each state, whatever it is called', () => {
    const [pager, dotted] = channelsWith().of(chatWith({ webhooks: [{ name: 'pager', url: 'https://a.test' }, { name: 'a.b_c', url: 'https://a.test' }] }));
    expect([pager!.keyOf(notice()), pager!.keyOf(notice({ status: 'denied' })), dotted!.keyOf(notice())]).toEqual(['g1.webhook-pager.pending', 'g1.webhook-pager.denied', 'g1.webhook-a_2Eb_5Fc.pending']);
  });
});

describe('Slack', () => {
  const ok = (value: object): Said => ({ body: JSON.stringify({ ok: true, ...value }) });
  const slack = (api: string): Chat => chatWith({ slack: { team: 'T012AB3CD', app: 'A012AB3CD', channel: 'C012AB3CD', api } });
  const methods = (heard: readonly Heard[]): string[] => heard.map(({ url }) => url.slice('/api/'.length));

  async function tell(answer: (heard: Heard, count: number) => Said, more: Partial<Omit<ChatDelivery, 'notice'>> = {}, wasDoubtful = false, secrets = SECRETS) {
    const { url, heard } = await place(answer);
    const chat = slack(`${url}/api/`);
    return { sent: await channelsWith(secrets).of(chat)[0]!.deliver(delivery(notice(), more), chat, wasDoubtful), heard };
  }

  it('is posted to, by the bot\'s token, and keeps where it stands', async () => {
    const { sent, heard } = await tell(() => ok({ ts: '17.1', channel: 'C012AB3CD' }));
    expect(sent).toEqual({ kind: 'delivered', message: '17.1' });
    expect(heard[0]).toMatchObject({ url: '/api/chat.postMessage', headers: { authorization: 'Bearer xoxb-test' } });
    expect(JSON.parse(heard[0]!.body)).toMatchObject({ channel: 'C012AB3CD', unfurl_links: false, metadata: { event_payload: { approval: 'g1' } } });
  });

  it('is updated where it stands', async () => {
    const { sent, heard } = await tell(() => ok({}), { message: '17.1' });
    expect([sent, methods(heard), JSON.parse(heard[0]!.body).ts]).toEqual([{ kind: 'delivered', message: '17.1' }, ['chat.update'], '17.1']);
  });

  it('is looked through for what may have arrived, which is then not posted again', async () => {
    const history = ok({ messages: [{ ts: '1' }, { ts: '16.5', metadata: { event_type: 'interlock_approval', event_payload: { approval: 'other' } } }, { ts: '17.1', metadata: { event_type: 'interlock_approval', event_payload: { approval: 'g1' } } }] });
    const { sent, heard } = await tell(({ url }) => (url.endsWith('history') ? history : ok({})), {}, true);
    expect([sent, methods(heard)]).toEqual([{ kind: 'delivered', message: '17.1' }, ['conversations.history', 'chat.update']]);
  });

  it('is posted to when it did not arrive', async () => {
    const { sent, heard } = await tell(({ url }) => (url.endsWith('history') ? ok({ messages: [] }) : ok({ ts: '18' })), {}, true);
    expect([sent, methods(heard)]).toEqual([{ kind: 'delivered', message: '18' }, ['conversations.history', 'chat.postMessage']]);
  });

  it('is not posted to while it cannot be looked through', async () => {
    const { sent, heard } = await tell(() => ({ body: JSON.stringify({ ok: false, error: 'missing_scope' }) }), {}, true);
    expect([sent, methods(heard)]).toEqual([{ kind: 'failed', detail: 'Slack said missing_scope', doubtful: true }, ['conversations.history']]);
  });

  it.each<[string, Said, object]>([
    ['an error', { body: JSON.stringify({ ok: false, error: 'channel_not_found' }) }, { detail: 'Slack said channel_not_found', doubtful: false }],
    ['too many requests', { status: 429, headers: { 'retry-after': '30' } }, { doubtful: false, retryAfterMs: 30_000 }],
    ['a fault', { status: 503 }, { detail: 'Slack answered 503', doubtful: true }],
    ['something else', { body: '<html>' }, { doubtful: true }],
    ['no place', { body: '{"ok":true}' }, { doubtful: true }],
    ['nothing', { hangUp: true }, { doubtful: true }],
  ])('answering %s was not told', async (_what, said, sent) => {
    expect((await tell(() => said)).sent).toMatchObject({ kind: 'failed', ...sent });
  });

  it('is not asked without a token', async () => {
    const { sent, heard } = await tell(() => ok({}), {}, false, {});
    expect([sent, heard]).toEqual([{ kind: 'failed', detail: 'there is no token in slack-token', doubtful: false }, []]);
  });

  it('whose message is gone is not told again', async () => {
    expect((await tell(() => ({ body: JSON.stringify({ ok: false, error: 'message_not_found' }) }), { message: '17.1' })).sent).toMatchObject({ kind: 'failed', isFinal: true });
  });
});

describe('Teams', () => {
  const APP = '6f1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c10';
  const TOKEN: Said = { body: JSON.stringify({ token_type: 'Bearer', expires_in: 3_599, access_token: 'bot-token' }) };
  const WITH_PASSWORD = { ...SECRETS, 'teams-password': 'hush' };
  const teams = (url: string): Chat => chatWith({ teams: { app: APP, tenant: '7a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c11', conversation: '19:x@thread.tacv2', service: `${url}/emea/`, token: `${url}/token` } });

  async function tell(answer: (heard: Heard, count: number) => Said, tellings: readonly Partial<Omit<ChatDelivery, 'notice'>>[] = [{}], secrets: Record<string, string> = WITH_PASSWORD) {
    const { url, heard } = await place((one, count) => (one.url === '/token' ? TOKEN : answer(one, count)));
    const [chat, channels] = [teams(url), channelsWith(secrets)];
    const sent = [];
    for (const more of tellings) sent.push(await channels.of(chat)[0]!.deliver(delivery(notice(), more), chat, false));
    return { sent, heard };
  }

  it('is posted to and updated, with one token while it lasts', async () => {
    const { sent, heard } = await tell(({ method }) => ({ status: method === 'POST' ? 201 : 200, body: '{"id":"1:a"}' }), [{}, { message: '1:a' }]);
    expect(sent).toEqual([{ kind: 'delivered', message: '1:a' }, { kind: 'delivered', message: '1:a' }]);
    expect(heard.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /token', 'POST /emea/v3/conversations/19%3Ax%40thread.tacv2/activities', 'PUT /emea/v3/conversations/19%3Ax%40thread.tacv2/activities/1%3Aa']);
    expect(Object.fromEntries(new URLSearchParams(heard[0]!.body))).toEqual({ grant_type: 'client_credentials', client_id: APP, client_secret: 'hush', scope: 'https://api.botframework.com/.default' });
    expect(heard[1]!.headers.authorization).toBe('Bearer bot-token');
    expect(JSON.parse(heard[1]!.body)).toMatchObject({ type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } }] });
  });

  it.each<[string, Said, object]>([
    ['500', { status: 500 }, { doubtful: true }], ['403', { status: 403 }, { doubtful: false }], ['429', { status: 429, headers: { 'retry-after': '5' } }, { doubtful: false, retryAfterMs: 5_000 }], ['no id', { status: 201, body: '{}' }, { doubtful: true }],
  ])('answering %s was not told', async (_what, said, sent) => expect((await tell(() => said)).sent).toMatchObject([{ kind: 'failed', ...sent }]));

  it('is asked for another token when it does not take this one', async () => {
    const { heard } = await tell(() => ({ status: 401 }), [{}, {}]);
    expect(heard.map(({ url }) => url === '/token')).toEqual([true, false, true, false]);
  });

  it('is not told without a password', async () => {
    const { sent, heard } = await tell(() => ({}), [{}], SECRETS);
    expect([sent, heard]).toEqual([[{ kind: 'failed', detail: 'there is no password in teams-password', doubtful: false }], []]);
  });
});
