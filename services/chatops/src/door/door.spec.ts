import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ChatRequest, type Chat, type RpcClient } from '@interlock/contracts';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import { signSlack, slackMessage } from '@interlock/protocol-chat';
import { chatWith, notice } from '../../spec/given.js';
import type { DoorPorts } from './door.js';
import { DoorListener } from './listener.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const TIMESTAMP = String(NOW_MS / 1_000);
const SLACK = chatWith({ slack: { team: 'T012AB3CD', app: 'A012AB3CD', channel: 'C012AB3CD' } });
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => quiet };

const open: DoorListener[] = [];
afterEach(async () => { await Promise.all(open.splice(0).map((door) => door.onApplicationShutdown())); });

const body = (payload: object = {}): string => `payload=${encodeURIComponent(JSON.stringify({
  type: 'block_actions', team: { id: 'T012AB3CD' }, api_app_id: 'A012AB3CD', user: { id: 'U0DBA', team_id: 'T012AB3CD' }, channel: { id: 'C012AB3CD' }, message: slackMessage(notice(), 'https://i.test'),
  actions: [{ action_id: 'interlock.deny', value: `g1 ${'d'.repeat(64)}` }], ...payload,
}))}`;

async function setUp(answer: Outcome<unknown> = accepted({ grant: 'g1', verdict: 'deny', status: 'denied', principal: 'dba' }), chat: Chat | undefined = SLACK) {
  const asked: ChatRequest[] = [];
  const whispered: string[] = [];
  const rpc = { call: async (_name: string, { sealed }: { sealed: { box: string } }) => {
    asked.push(ChatRequest.parse(JSON.parse(sealed.box)));
    return answer;
  } } as unknown as RpcClient;
  const ports: DoorPorts = {
    rpc, chat: () => chat, seal: (request) => ({ box: JSON.stringify(request), purpose: 'chat-request' }), nowMs: () => NOW_MS, note: () => undefined,
    whisper: async (_slack, user, words) => void whispered.push(`${user}: ${words}`),
  };
  const door = new DoorListener(ports, { INTERLOCK_CHATOPS_PORT: 0 } as never, quiet);
  await door.onApplicationBootstrap();
  open.push(door);
  const knock = async (sent = body(), headers: object = {}, path = '/slack/interactions', method = 'POST'): Promise<number> => (await fetch(`http://127.0.0.1:${door.port}${path}`, {
    method, ...(method === 'POST' && { body: sent }),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-request-timestamp': TIMESTAMP, 'x-slack-signature': signSlack('secret', TIMESTAMP, sent), ...headers },
  })).status;
  return { asked, whispered, knock, door };
}

describe('the door for chats', () => {
  it('hands on what was pressed exactly as it came', async () => {
    const { knock, asked, whispered } = await setUp();
    expect(await knock()).toBe(200);
    expect(asked).toEqual([{ road: 'slack', timestamp: TIMESTAMP, signature: signSlack('secret', TIMESTAMP, body()), body: body() }]);
    expect(whispered).toEqual([]);
  });

  it.each<[string, Parameters<Awaited<ReturnType<typeof setUp>>['knock']>, number]>([
    ['without a signature', [body(), { 'x-slack-signature': '' }], 401],
    ['with a signature that is none', [body(), { 'x-slack-signature': 'v0=zz' }], 401],
    ['without a time', [body(), { 'x-slack-request-timestamp': '' }], 401],
    ['with a time that is over', [body(), { 'x-slack-request-timestamp': String(NOW_MS / 1_000 - 301) }], 401],
    ['with a body that is none', ['payload=x'], 400],
    ['with two payloads', [`${body()}&${body()}`], 400],
    ['about another button', [body({ actions: [{ action_id: 'interlock.open' }] })], 200],
    ['that is too long', [`payload=${'x'.repeat(65 * 1024)}`], 413],
    ['to somewhere else', [body(), {}, '/slack'], 404],
    ['to a name that every object has', [body(), {}, 'constructor'.replace(/^/, '/')], 404],
    ['that asks to read', ['', {}, '/slack/interactions', 'GET'], 405],
  ])('hands on no request %s', async (_what, request, status) => {
    const { knock, asked } = await setUp();
    expect([await knock(...request), asked]).toEqual([status, []]);
  });

  it('takes nothing where there is no Slack', async () => {
    const { knock, asked } = await setUp(undefined, chatWith({}));
    expect([await knock(), asked]).toEqual([404, []]);
  });

  it.each<[string, Outcome<unknown>, number, string[]]>([
    ['forged', refused('chat_forged', 'x'), 401, []], ['late', refused('chat_late', 'x'), 401, []], ['of no use now', refused('unavailable', 'x', { retryable: true }), 503, []], ['more than it can say', refused('chat_secret_missing', 'x'), 503, []],
    ['not theirs to decide', refused('not_independent', 'dba <owns> it.', { hint: 'Ask another.' }), 200, ['U0DBA: This did not count: dba &lt;owns&gt; it. Ask another.']],
  ])('answers what approval calls %s, and tells the person alone', async (_what, answer, status, words) => {
    const { knock, whispered } = await setUp(answer);
    expect([await knock(), whispered]).toEqual([status, words]);
  });

  describe('in Teams', () => {
    const TEAMS = chatWith({ teams: { app: '6f1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c10', tenant: '7a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c11', conversation: '19:x', service: 'https://smba.example' } });
    const activity = (more: object = {}): string => JSON.stringify({
      type: 'invoke', name: 'adaptiveCard/action', id: 'f:1', timestamp: '2026-01-01T00:00:00.000Z', channelId: 'msteams', serviceUrl: 'https://smba.example', from: { aadObjectId: 'u' }, recipient: { id: '28:a' },
      conversation: { tenantId: 't', id: '19:x' }, value: { action: { verb: 'interlock.deny', data: { press: `g1 ${'d'.repeat(64)}` } } }, ...more,
    });
    const post = (door: DoorListener, body: string, authorization = 'Bearer a.b.c') => fetch(`http://127.0.0.1:${door.port}/teams/messages`, { method: 'POST', body, headers: { authorization, 'content-type': 'application/json' } });

    it('hands on what was pressed exactly as it came, and says what became of it', async () => {
      const { door, asked } = await setUp(undefined, TEAMS);
      const answer = await post(door, activity());
      expect([answer.status, await answer.json()]).toEqual([200, { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Approval g1 is denied.' }]);
      expect(asked).toEqual([{ road: 'teams', token: 'a.b.c', body: activity() }]);
    });

    it('tells the person why it did not count, and strangers nothing', async () => {
      const told = await setUp(refused('not_independent', 'dba owns it.', { hint: 'Ask another.' }), TEAMS);
      expect(await (await post(told.door, activity())).json()).toMatchObject({ value: 'This did not count: dba owns it. Ask another.' });
      const forged = await setUp(refused('chat_forged', 'x'), TEAMS);
      const answer = await post(forged.door, activity());
      expect([answer.status, await answer.text()]).toEqual([401, '']);
    });

    it('hands on nothing without a token, of another form, or about something else', async () => {
      const { door, asked } = await setUp(undefined, TEAMS);
      const statuses = [(await post(door, activity(), '')).status, (await post(door, activity(), 'Bearer x')).status, (await post(door, '{')).status, (await post(door, activity({ type: 'conversationUpdate' }))).status];
      expect([statuses, asked]).toEqual([[401, 401, 400, 200], []]);
      expect((await post((await setUp()).door, activity())).status).toBe(404);
    });
  });

  it('closes while someone is still talking', async () => {
    const { door } = await setUp();
    const talking = connect(door.port!, '127.0.0.1');
    await new Promise<void>((resolve) => talking.once('connect', resolve));
    talking.on('error', () => undefined).write('POST /slack/interactions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
    const ended = new Promise<void>((resolve) => talking.once('close', () => resolve()));
    await door.onApplicationShutdown();
    await ended;
    open.splice(0);
  });
});
