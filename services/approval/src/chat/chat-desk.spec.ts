import { describe, expect, it } from 'vitest';
import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { Chat, type AccessState, type ApprovalRequest, type Configuration, type GrantState, type Lock } from '@interlock/contracts';
import { accepted } from '@interlock/kernel';
import { signSlack, slackMessage } from '@interlock/protocol-chat';
import { FakeClock } from '@interlock/testkit';
import { ApprovalDesk } from '../desk.js';
import { ChatDesk } from './chat-desk.js';
import { noticeOf } from './notice-of.js';
import { noticesAfter } from './notices.js';
import { verifiedSlack } from './verify-slack.js';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const chat = Chat.parse({
  page: 'https://interlock.example/approvals',
  slack: { team: 'T012AB3CD', app: 'A012AB3CD', channel: 'C012AB3CD', users: [{ id: 'U0DBA', principal: 'dba' }, { id: 'U0OWNER', principal: 'owner' }, { id: 'U0ALIAS', team: 'T9GUEST', principal: 'alias' }, { id: 'U0CLERK', principal: 'clerk' }] },
  teams: { app: '6f1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c10', tenant: '7a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c11', conversation: '19:x', service: 'https://smba.example', users: [{ id: '8A1D0C1E-3C58-4A5E-9A52-0D6D5D2F8C12', principal: 'dba' }] },
});
const person = (name: string, more: object = {}) => ({ name, kind: 'human' as const, issuer: 'demo', subject: name, roles: ['dba'], owners: [], ...more });
const offer = { for: ['clerk'], approvers: [{ role: 'dba', count: 1 }], hoursMax: 1 };
const configuration: Configuration = {
  version: 1, targets: [], masking: { columns: [], content: [] }, chat, roles: [{ name: 'dba', members: [], onRequest: offer }],
  issuers: [{ name: 'demo', url: 'https://issuer.example', audience: 'interlock', algorithms: ['EdDSA'], clockSkewSeconds: 60 }],
  principals: [{ name: 'agent', kind: 'agent', issuer: 'demo', subject: 'agent', roles: [], owners: ['owner'] }, person('dba'), person('owner'), person('alias', { human: 'owner' }), person('clerk', { roles: [] })],
  administration: { changes: ['dba'], secrets: ['dba'], audit: ['dba'], locks: ['dba'] },
};

function request(clock: FakeClock, more: { readonly text?: string; readonly accepts?: 'slack'[] } = {}): ApprovalRequest {
  return {
    id: 'g1', session: 's', command: 'c', connector: 'connector-postgres', instance: '1', target: 'shop', actionDigest: 'a', grantDigest: 'd'.repeat(64), reasons: ['Deleting needs a DBA.'],
    requester: { name: 'agent', kind: 'agent', issuer: 'https://issuer.example', subject: 'agent', roles: [], party: ['owner'] },
    action: {
      protocol: 'postgres', verb: 'delete', text: more.text ?? "delete from orders where card = '4111111111111111'", parameters: [{ type: '25', format: 'text', value: 'secret parameter' }],
      accesses: [{ verb: 'delete', duty: 'delete', object: { kind: 'table', path: ['shop', 'public', 'orders'] } }], facts: {}, context: {},
    },
    ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['ask-delete'], ruleHash: 'h', windowSeconds: 900, ...(more.accepts && { accepts: more.accepts }) },
    requestedAt: new Date(clock.nowMs()).toISOString(), expiresAt: new Date(clock.nowMs() + 900_000).toISOString(),
  };
}

/** Changes what stands around the button. */
type Bend = (message: { blocks: Record<string, unknown>[]; [member: string]: unknown }) => unknown;
interface Press { readonly verdict?: 'approve' | 'deny'; readonly label?: string; readonly votes?: GrantState['votes']; readonly user?: string; readonly userTeam?: string; readonly team?: string; readonly app?: string; readonly digest?: string; readonly bend?: Bend }

async function setUp(more: Parameters<typeof request>[1] = {}, locks: readonly Lock[] = [], access: readonly AccessState[] = []) {
  const clock = new FakeClock();
  const ledger = new MemoryLedger();
  const grants = new MemoryAggregate<GrantState>();
  const trust = { services: { 'connector-postgres': { signingKey: '', sealingKey: '' } } };
  const desk = new ApprovalDesk({ grants, ledger, trust, nowMs: clock.nowMs, configuration: () => configuration, checkSignature: async () => accepted({}) });
  const asked = request(clock, more);
  await desk.request(asked);
  const chatDesk = new ChatDesk({
    desk, ledger, nowMs: clock.nowMs, keys: { openText: ({ box }) => accepted(box) }, control: { state: { bundle: { configuration }, locks: new Map(locks.map((lock) => [lock.id, lock])), access: new Map(access.map((one) => [one.id, one])) } },
    verify: async (sent, { chat: declared }) => (sent.road === 'slack' ? verifiedSlack(sent, declared, SECRET, clock.nowMs()) : { ok: false, refusal: { reason: 'x', detail: 'x' } }),
  });
  const bodyOf = ({ verdict = 'approve', user = 'U0DBA', userTeam = 'T012AB3CD', team = 'T012AB3CD', app = 'A012AB3CD', digest = asked.grantDigest, label, votes = [], bend }: Press): string => {
    const shown = JSON.parse(JSON.stringify(slackMessage({ ...noticeOf({ status: 'pending', request: asked, votes }, 1), approvable: true }, 'https://interlock.example'))) as Parameters<Bend>[0];
    bend?.(shown);
    const text = { type: 'plain_text', text: label ?? (verdict === 'approve' ? 'Approve' : 'Deny'), emoji: false };
    return `payload=${encodeURIComponent(JSON.stringify({
      type: 'block_actions', team: { id: team }, api_app_id: app, user: { id: user, team_id: userTeam }, channel: { id: 'C012AB3CD' }, message: shown, actions: [{ action_id: `interlock.${verdict}`, text, value: `g1 ${digest}` }],
    }))}`;
  };
  const timestamp = (): string => String(Math.floor(clock.nowMs() / 1_000));
  const signed = (body: string, at = timestamp(), secret = SECRET) => ({ box: JSON.stringify({ road: 'slack', timestamp: at, signature: signSlack(secret, at, body), body }), purpose: 'chat-request' });
  const press = (what: Press = {}) => chatDesk.decide(signed(bodyOf(what)));
  const types = () => ledger.events.map(({ type }) => type).slice(1);
  return { clock, desk, chatDesk, bodyOf, signed, press, types, ledger, grants, timestamp };
}

describe('a decision in Slack', () => {
  it('counts for the person that the configuration names, where the rule accepts it', async () => {
    const { press, types, desk, ledger } = await setUp({ accepts: ['slack'] });
    expect(await press()).toEqual({ ok: true, value: { grant: 'g1', verdict: 'approve', status: 'approved', principal: 'dba' } });
    expect(types()).toEqual(['chat.decided.v1', 'approval.voted.v1']);
    expect(ledger.events[1]?.data).toMatchObject({ grant: 'g1', road: 'slack', team: 'T012AB3CD', user: 'U0DBA', principal: 'dba', verdict: 'approve' });
    expect(await desk.show('g1')).toMatchObject({ ok: true, value: { votes: [{ via: 'slack', approver: { name: 'dba' } }] } });
  });

  it('may deny where the rule does not accept approval there', async () => {
    const { press } = await setUp();
    expect(await press()).toMatchObject({ ok: false, refusal: { reason: 'chat_not_accepted', rule: 'ask-delete' } });
    expect(await press({ verdict: 'deny' })).toMatchObject({ ok: true, value: { status: 'denied' } });
  });

  it.each<[string, Press, string]>([
    ['someone nobody declared', { user: 'U0STRANGER' }, 'chat_person_unknown'],
    ['a guest with the id of a declared person', { userTeam: 'T9GUEST' }, 'chat_person_unknown'],
    ['a declared guest from the app\'s own workspace', { user: 'U0ALIAS' }, 'chat_person_unknown'],
    ['the owner of the agent', { user: 'U0OWNER' }, 'not_independent'],
    ['another account of the owner', { user: 'U0ALIAS', userTeam: 'T9GUEST' }, 'not_independent'],
    ['someone without the role', { user: 'U0CLERK' }, 'approver_role'],
    ['another digest', { digest: 'e'.repeat(64) }, 'digest_mismatch'],
    ['other words above the button', { bend: ({ blocks }) => { blocks[0]!['text'] = { type: 'plain_text', text: 'agent asks to select at shop' }; } }, 'chat_message_differs'],
    ['words with markup in them', { bend: ({ blocks }) => { (blocks[0]!['text'] as { type: string }).type = 'mrkdwn'; } }, 'chat_message_differs'],
    ['another standing', { bend: ({ blocks }) => { blocks[1]!['elements'] = [{ type: 'plain_text', text: 'Waits for a decision. Security has looked at it.' }]; } }, 'chat_message_differs'],
    ['a standing with a vote that nobody cast', { votes: [{ approver: { name: 'clerk', kind: 'human', issuer: 'i', subject: 'clerk', roles: [], party: ['clerk'] }, verdict: 'approve', grantDigest: 'd', at: '' }] }, 'chat_message_differs'],
    ['words before ours', { bend: ({ blocks }) => blocks.unshift({ type: 'section', block_id: 'x', text: { type: 'plain_text', text: 'Ignore what stands below.' } }) }, 'chat_message_differs'],
    ['words behind ours', { bend: ({ blocks }) => blocks.push({ type: 'divider', block_id: 'x' }) }, 'chat_message_differs'],
    ['a picture beside ours', { bend: ({ blocks }) => { blocks[0]!['accessory'] = { type: 'image', image_url: 'https://evil.example', alt_text: 'x' }; } }, 'chat_message_differs'],
    ['fields beside ours', { bend: ({ blocks }) => { blocks[0]!['fields'] = [{ type: 'plain_text', text: 'x' }]; } }, 'chat_message_differs'],
    ['an attachment below ours', { bend: (message) => { message['attachments'] = [{ text: 'x' }]; } }, 'chat_message_differs'],
    ['no words at all', { bend: (message) => { message.blocks = []; } }, 'chat_message_differs'],
    ['a button that says something else', { label: 'Deny' }, 'chat_message_differs'],
  ])('does not count from %s', async (_what, what, reason) => {
    const { press, desk, types } = await setUp({ accepts: ['slack'] });
    expect(await press(what)).toMatchObject({ ok: false, refusal: { reason } });
    expect(await desk.show('g1')).toMatchObject({ ok: true, value: { status: 'pending', votes: [] } });
    expect(types()).toEqual(reason.startsWith('chat_') ? ['chat.refused.v1'] : ['chat.decided.v1', 'approval.rejected.v1']);
  });

  it('counts for a role that somebody has for a time, while they have it', async () => {
    const from = new FakeClock().nowMs();
    const [begin, end] = [from, from + 60_000].map((at) => new Date(at).toISOString());
    const principal = { name: 'clerk', issuer: 'https://issuer.example', subject: 'clerk' };
    const granted = { id: 'a', revision: 2, status: 'granted', votes: [], from: begin, until: end, request: { principal, role: 'dba', seconds: 60, approvers: offer.approvers } } as unknown as AccessState;
    const { press, clock } = await setUp({ accepts: ['slack'] }, [], [granted]);
    expect(await press({ user: 'U0CLERK' })).toMatchObject({ ok: true, value: { status: 'approved', principal: 'clerk' } });
    const later = await setUp({ accepts: ['slack'] }, [], [{ ...granted, until: new Date(clock.nowMs()).toISOString() }]);
    expect(await later.press({ user: 'U0CLERK' })).toMatchObject({ ok: false, refusal: { reason: 'approver_role' } });
  });

  it('does not count from another workspace or app', async () => {
    const { press } = await setUp({ accepts: ['slack'] });
    for (const what of [{ team: 'T9FOREIGN' }, { app: 'A9FOREIGN' }]) expect(await press(what)).toMatchObject({ ok: false, refusal: { reason: 'chat_foreign' } });
  });

  it('may be a denial from a chat that does not sign what was said, and never an approval', async () => {
    const { clock, desk, ledger } = await setUp({ accepts: ['slack'] });
    const from = (verdict: 'approve' | 'deny') => new ChatDesk({
      desk, ledger, nowMs: clock.nowMs, keys: { openText: ({ box }) => accepted(box) }, control: { state: { bundle: { configuration }, locks: new Map(), access: new Map() } },
      verify: async () => accepted({ road: 'teams' as const, requestHash: verdict, press: { verdict, grant: 'g1', grantDigest: 'd'.repeat(64), team: 't', app: 'a', user: '8a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c12', userTeam: 't', conversation: 'c', read: undefined } }),
    }).decide({ box: '{"road":"teams","token":"t","body":"b"}', purpose: 'chat-request' });
    expect(await from('approve')).toMatchObject({ ok: false, refusal: { reason: 'chat_not_accepted' } });
    expect(await from('deny')).toMatchObject({ ok: true, value: { status: 'denied', principal: 'dba' } });
  });

  it('does not count from someone who is locked', async () => {
    const { press } = await setUp({ accepts: ['slack'] }, [{ id: 'l', scope: 'party', subject: 'dba', reason: 'gone', by: 'owner', at: '' }]);
    expect(await press({ verdict: 'deny' })).toMatchObject({ ok: false, refusal: { reason: 'locked' } });
  });

  it.each([['a comment', "delete from orders -- where id = 1"], ['an escape string', "delete from orders where note = E'a\\'b'"], ['more than a message holds', `delete from orders where ${'id <> 1 and '.repeat(500)} true`]])('does not approve a command that cannot be told whole: %s', async (_what, text) => {
    const { press } = await setUp({ accepts: ['slack'], text });
    expect(await press()).toMatchObject({ ok: false, refusal: { reason: 'chat_not_whole' } });
    expect(await press({ verdict: 'deny' })).toMatchObject({ ok: true });
  });

  it.each<[string, (world: Awaited<ReturnType<typeof setUp>>) => object, string]>([
    ['forged', ({ signed, bodyOf, timestamp }) => signed(bodyOf({}), timestamp(), 'another secret'), 'chat_forged'],
    ['late', ({ signed, bodyOf, clock }) => signed(bodyOf({}), String(Math.floor(clock.nowMs() / 1_000) - 301)), 'chat_late'],
    ['early', ({ signed, bodyOf, clock }) => signed(bodyOf({}), String(Math.floor(clock.nowMs() / 1_000) + 301)), 'chat_late'],
    ['cut short', ({ signed, bodyOf }) => { const sent = JSON.parse(signed(bodyOf({})).box) as { body: string }; return { purpose: 'chat-request', box: JSON.stringify({ ...sent, body: sent.body.slice(0, -1) }) }; }, 'chat_forged'],
    ['signed and not whole', ({ signed, bodyOf }) => signed(bodyOf({}).slice(0, -9)), 'chat_unreadable'],
    ['no request', () => ({ box: '{"road":"slack"}', purpose: 'chat-request' }), 'chat_unreadable'],
    ['no JSON', () => ({ box: '{', purpose: 'chat-request' }), 'chat_unreadable'],
  ])('that is %s is refused and leaves no event', async (_what, make, reason) => {
    const world = await setUp({ accepts: ['slack'] });
    expect(await world.chatDesk.decide(make(world) as never)).toMatchObject({ ok: false, refusal: { reason } });
    expect(world.types()).toEqual([]);
  });

  it('that comes again is answered as before and carried out once, also when both come at once', async () => {
    const { chatDesk, signed, bodyOf, types, clock } = await setUp({ accepts: ['slack'] });
    const request = signed(bodyOf({}));
    const answers = await Promise.all([chatDesk.decide(request), chatDesk.decide(request)]);
    clock.advance(299_000);
    answers.push(await chatDesk.decide(request));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(types()).toEqual(['chat.decided.v1', 'approval.voted.v1']);
  });

  it('that could not be recorded is taken when it comes again', async () => {
    const { chatDesk, signed, bodyOf, ledger } = await setUp({ accepts: ['slack'] });
    const request = signed(bodyOf({}));
    ledger.failWith('away');
    await expect(chatDesk.decide(request)).rejects.toThrow();
    ledger.failWith(undefined);
    expect(await chatDesk.decide(request)).toMatchObject({ ok: true, value: { status: 'approved' } });
  });

  it.each([[['deny', 'approve'], 'denied'], [['approve', 'deny'], 'approved']] as const)('in the order %j leaves it %s: what comes after finds it closed', async (verdicts, status) => {
    const { press, desk } = await setUp({ accepts: ['slack'] });
    expect((await press({ verdict: verdicts[0] })).ok).toBe(true);
    expect(await press({ verdict: verdicts[1] })).toMatchObject({ ok: false, refusal: { reason: 'approval_closed' } });
    expect(await desk.show('g1')).toMatchObject({ ok: true, value: { status } });
  });

  it('counts no more when its window is over', async () => {
    const { press, clock } = await setUp({ accepts: ['slack'] });
    clock.advance(900_000);
    expect(await press()).toMatchObject({ ok: false, refusal: { reason: 'approval_expired' } });
  });
});

describe('what chats are told', () => {
  it('holds no value of the command', async () => {
    const { grants } = await setUp({ accepts: ['slack'] });
    const { notices } = noticesAfter(0, await grants.list(), Date.UTC(2026, 0, 1));
    expect(notices[0]).toMatchObject({ id: 'g1', text: 'delete from orders where card = …', objects: ['public.orders'], approvable: true });
    expect(JSON.stringify(notices)).not.toMatch(/4111|secret parameter/);
  });

  it('is nothing of a text whose literals are not known for sure, of a language that is not known here, and of a plan', async () => {
    const { clock } = await setUp();
    const asked = request(clock, { text: 'delete from orders -- 4111111111111111' });
    expect(noticeOf({ status: 'pending', request: asked, votes: [] }, 1)).not.toHaveProperty('text');
    expect(noticeOf({ status: 'pending', request: { ...asked, action: { ...asked.action, text: 'x', protocol: 'shell' } }, votes: [] }, 1)).not.toHaveProperty('text');
    const plan = { entries: [{ text: 'delete from orders where card = $1', parameters: ['4111111111111111'], ask: asked.ask, reasons: [] }], inOrder: false };
    const planned = { ...asked, plan, ask: { ...asked.ask, accepts: ['slack' as const] }, action: { ...asked.action, verb: 'plan', text: 'delete from orders where card = $1 with "4111111111111111"' } };
    const notice = noticeOf({ status: 'pending', request: planned, votes: [] }, 1);
    expect([JSON.stringify(notice).includes('4111'), notice.approvable]).toEqual([false, false]);
  });

  it('says what people agree to of its effect, and nothing is approved of which not all is said', async () => {
    const { clock } = await setUp();
    const bounded = (bound: object) => noticeOf({ status: 'pending', votes: [], request: { ...request(clock, { accepts: ['slack'] }), bound } as ApprovalRequest }, 1);
    expect(bounded({ maxRows: 12, openTransaction: true, beside: ['A trigger comes with it.'] })).toMatchObject({
      approvable: true, effect: ['If it would change more than 12 rows, it is rolled back.', 'It runs inside a transaction of agent, and whether that is committed stays theirs.', 'A trigger comes with it.'],
    });
    expect(bounded({ unbounded: 'VACUUM runs in no transaction.' })).toMatchObject({ approvable: true, effect: ['Its effect is not bounded: VACUUM runs in no transaction.'] });
    expect(bounded({ maxRows: 1, beside: Array.from({ length: 5 }, () => 'A trigger comes with it.') })).toMatchObject({ approvable: false });
    expect(bounded({ maxRows: 1, beside: ['x'.repeat(400)] })).toMatchObject({ approvable: false });
  });

  it('is nothing of several commands that are asked for as one', async () => {
    const { clock } = await setUp();
    const notice = noticeOf({ status: 'pending', votes: [], request: { ...request(clock, { accepts: ['slack'] }), plan: { entries: [], inOrder: false } } as ApprovalRequest }, 1);
    expect([notice.text, notice.approvable]).toEqual([undefined, false]);
  });

  it('fits what carries it, whatever a command names', async () => {
    const { clock } = await setUp();
    const asked = request(clock, { text: `select "${'\u0001'.repeat(50_000)}"` });
    const accesses = Array.from({ length: 100 }, () => ({ verb: 'select', duty: 'read' as const, object: { kind: 'table' as const, path: ['shop', '\u0001'.repeat(5_000), `t${Math.floor(clock.nowMs())}`] } }));
    const huge = { status: 'pending' as const, votes: [], request: { ...asked, bound: { beside: Array.from({ length: 100 }, () => '\u0001'.repeat(5_000)) }, reasons: Array.from({ length: 100 }, () => '\u0001'.repeat(5_000)), action: { ...asked.action, accesses: accesses.map((access, at) => ({ ...access, object: { ...access.object, path: [...access.object.path, `${at}`] } })) } } };
    expect(Buffer.byteLength(JSON.stringify(noticeOf(huge, 1)))).toBeLessThan(50 * 1024);
    const page = noticesAfter(0, Array.from({ length: 60 }, (_, at) => ({ revision: at + 1, value: huge })), clock.nowMs());
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(600 * 1024);
    expect(page.next).toBe(page.notices.length);
    expect(page.notices.length).toBeGreaterThan(5);
  });

  it('is what changed behind a place, in order, a page at a time, and nothing that is long over', async () => {
    const { clock } = await setUp();
    const states = Array.from({ length: 70 }, (_, at) => ({ revision: 70 - at, value: { status: 'pending' as const, request: { ...request(clock), id: `g${70 - at}` }, votes: [] } }));
    const old = { revision: 71, value: { status: 'denied' as const, request: request(clock), votes: [] } };
    const first = noticesAfter(5, [...states, old], clock.nowMs() + 25 * 3_600_000);
    expect([first.notices.map(({ revision }) => revision), first.next]).toEqual([Array.from({ length: 50 }, (_, at) => at + 6), 55]);
    expect(noticesAfter(55, [...states, old], clock.nowMs() + 25 * 3_600_000).notices).toHaveLength(15);
    expect(noticesAfter(70, [...states, old], clock.nowMs() + 25 * 3_600_000)).toEqual({ notices: [], next: 70 });
    expect(noticesAfter(70, [old], clock.nowMs()).notices).toHaveLength(1);
  });
});

describe('a broken glass', () => {
  const asked = request(new FakeClock(), { text: "/* interlock: break_glass=\"the shop is down\" */ delete from orders where id = 7" });
  const state = (more: object = {}): GrantState => ({ status: 'consumed', votes: [], request: { ...asked, ask: { ...asked.ask, glass: { reviewers: ['dba'], reviewSeconds: 60 } } }, glass: { dueAt: '2026-01-02T00:00:00.000Z', reviews: [], ...more } });
  const reviewer = { name: 'dana', kind: 'human' as const, issuer: 'i', subject: 'd', roles: ['dba'], party: ['dana'] };
  const said = (verdict: 'accept' | 'object') => ({ reviewer, verdict, grantDigest: 'd', note: 'n', at: '2026-01-03T00:00:00.000Z' });

  it('is told to chats without its reason, and with what became of its review', () => {
    expect(noticeOf(state(), 7)).toMatchObject({ status: 'consumed', approvable: false, glass: { standing: 'broken', reviewers: ['dba'], reviews: [] } });
    expect(JSON.stringify(noticeOf(state(), 7))).not.toContain('the shop is down');
    expect([noticeOf(state({ overdueAt: 'x' }), 7), noticeOf(state({ reviews: [said('accept'), said('object')] }), 7)].map((notice) => notice.glass?.standing)).toEqual(['overdue', 'objected']);
  });

  it('is told for as long as it is to be reviewed, and a day longer', () => {
    const day = 24 * 3_600_000;
    const told = (value: GrantState, at: string): number => noticesAfter(0, [{ value, revision: 7 }], Date.parse(at) + day).notices.length;
    expect([told(state(), '2030-01-01T00:00:00.000Z'), told(state({ reviews: [said('accept'), said('accept')] }), '2026-01-02T23:59:59.000Z'), told(state({ reviews: [said('accept'), said('accept')] }), '2026-01-03T00:00:00.000Z')]).toEqual([1, 1, 0]);
  });
});
