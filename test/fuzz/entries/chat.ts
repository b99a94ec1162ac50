import { withoutLiterals } from '@interlock/language-postgres';
import { readSlackPress, readTeamsPress, shown, signSlack, signWebhook, slackMessage, told, verifySlack, verifyWebhook, webhookKey, type Notice, type Press } from '@interlock/protocol-chat';
import type { Outcome } from '@interlock/kernel';
import { must, type FuzzEntry } from '../fuzz.js';

const NOW_MS = 1_531_420_618_000;
const TIMESTAMP = '1531420618';
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const notice: Notice = {
  id: 'g1', status: 'pending', grantDigest: 'd'.repeat(64), requester: 'agent-etl', target: 'shop', verb: 'delete', objects: ['public.orders'], text: 'delete from orders where id = …', reasons: ['r'], quorum: [{ role: 'dba', count: 1 }], votes: [],
  expiresAt: '2026-01-01T00:15:00.000Z', approvable: true,
};
const BUTTON = `g1 ${'d'.repeat(64)}`;

const slackPayload = JSON.stringify({
  type: 'block_actions', team: { id: 'T012AB3CD' }, api_app_id: 'A012AB3CD', user: { id: 'U0DBA', team_id: 'T012AB3CD' }, channel: { id: 'C012AB3CD' }, message: slackMessage(notice, 'https://i.test'), actions: [{ action_id: 'interlock.approve', value: BUTTON }],
});
const teamsActivity = JSON.stringify({
  type: 'invoke', name: 'adaptiveCard/action', id: 'f:1', timestamp: '2026-01-01T00:00:00.000Z', channelId: 'msteams', serviceUrl: 'https://smba.example/', from: { aadObjectId: 'u' }, recipient: { id: '28:a' }, conversation: { tenantId: 't', id: '19:x;messageid=1' },
  value: { action: { verb: 'interlock.deny', data: { press: BUTTON } } },
});

/** Whatever is read has an approval's id and a digest in it that a bus subject and a comparison can bear. */
function outcomeOf(press: Outcome<Press>): string {
  if (!press.ok) return press.refusal.reason;
  const { grant, grantDigest, verdict, user, userTeam } = press.value;
  must(/^[A-Za-z0-9_-]{1,128}$/.test(grant) && grantDigest.length <= 200 && (verdict === 'approve' || verdict === 'deny'), 'what was pressed is a button of ours');
  must(user !== '' && user.length <= 300 && userTeam !== '' && userTeam.length <= 300, 'somebody pressed it');
  return verdict;
}

const key = webhookKey(`whsec_${Buffer.alloc(32, 5).toString('base64')}`);
if (!key.ok) throw new Error(key.refusal.detail);
const webhook = signWebhook(key.value, 'msg_g1_pending', NOW_MS, '{"type":"approval.requested"}');

/** First line the timestamp or the headers, the rest the body. */
function lines(input: Buffer): readonly [string, string, string] {
  const [first = '', second = '', ...rest] = input.toString().split('\n');
  return [first, second, rest.join('\n')];
}

const VISIBLE = /^[^\p{C}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u0085\u2028\u2029]*$/u;

export const chats: readonly FuzzEntry[] = [
  { name: 'what was pressed in Slack', seeds: [Buffer.from(slackPayload), Buffer.from('{"type":"view_submission"}'), Buffer.from('['.repeat(5_000))], run: (input) => outcomeOf(readSlackPress(`payload=${encodeURIComponent(input.toString())}`)) },
  { name: 'forms from Slack', seeds: [Buffer.from(`payload=${encodeURIComponent(slackPayload)}`), Buffer.from('payload=%7B%7D&payload=1'), Buffer.from('%=&%E0%A4%A')], run: (input) => outcomeOf(readSlackPress(input.toString())) },
  { name: 'activities from Teams', seeds: [Buffer.from(teamsActivity), Buffer.from('{"type":"message"}')], run: (input) => outcomeOf(readTeamsPress(input.toString())) },
  {
    name: 'signatures of Slack', seeds: [Buffer.from(`${TIMESTAMP}\n${signSlack(SECRET, TIMESTAMP, 'payload=x')}\npayload=x`), Buffer.from(`1531420000\n${signSlack(SECRET, '1531420000', 'x')}\nx`)],
    run: (input) => {
      const [timestamp, signature, body] = lines(input);
      const verified = verifySlack(SECRET, { timestamp, signature, body }, NOW_MS);
      must(!verified.ok || (timestamp === TIMESTAMP && signature === signSlack(SECRET, TIMESTAMP, body)), 'what is accepted is what was signed, spelt as Slack spells it');
      return verified.ok ? 'signed' : verified.refusal.reason;
    },
  },
  {
    name: 'signatures of webhooks', seeds: [Buffer.from(`${webhook['webhook-id']} ${webhook['webhook-timestamp']}\n${webhook['webhook-signature']} v1,AAAA\n{"type":"approval.requested"}`), Buffer.from(`x 1531420000\n${signWebhook(key.value, 'x', 1_531_420_000_000, 'x')['webhook-signature']}\nx`)],
    run: (input) => {
      const [head, signature, body] = lines(input);
      const [id = '', timestamp = ''] = head.split(' ');
      const verified = verifyWebhook(key.value, { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }, body, NOW_MS);
      must(!verified.ok || (id === 'msg_g1_pending' && body === '{"type":"approval.requested"}'), 'only what was signed is accepted');
      return verified.ok ? 'signed' : verified.refusal.reason;
    },
  },
  {
    name: 'texts for chats', seeds: [Buffer.from('delete from orders where id = 7'), Buffer.from('a\u202Eb\u200B\u{1F600}\u{E0041}\n\t\u0000'), Buffer.from('x'.repeat(100_000)), Buffer.from('e\u0301\u0301\u0301')],
    run: (input) => {
      const text = input.toString();
      const { text: seen, cut } = shown(text, 500);
      must(VISIBLE.test(seen) && seen.length <= 504, 'nothing in it is invisible, turns the direction or is too long');
      must(told({ ...notice, text, objects: [text], requester: text }).text.length <= 3_000, 'a message is no longer than Slack takes');
      return `${cut ? 'cut' : 'whole'} ${seen === text ? 'plain' : 'written out'}`;
    },
  },
  {
    name: 'texts without their values', seeds: [Buffer.from("delete from orders where card = '4111' and id = 7 and x = 1.5"), Buffer.from("select E'a\\'b', $$x$$ -- y"), Buffer.from('select "a""b" from t1')],
    run: (input) => {
      const left = withoutLiterals(input.toString());
      if (left === undefined) return 'not told';
      must(!left.replaceAll(/"(?:[^"]|"")*"/g, '').includes("'"), 'no string is left in it');
      must(withoutLiterals(left) === left, 'nothing is left to take out');
      return left.includes('…') ? 'values taken out' : 'no values';
    },
  },
];
