import { describe, expect, it } from 'vitest';
import type { Notice } from './notice.js';
import { shown } from './shown.js';
import { readSlackPress } from './slack-interaction.js';
import { escapedForSlack, slackMessage } from './slack-message.js';
import { standing, told } from './told.js';

const notice: Notice = {
  id: 'g1', status: 'pending', grantDigest: 'd'.repeat(64), requester: 'agent-etl', target: 'shop', verb: 'delete', objects: ['public.orders'], text: 'delete from orders where id = …',
  reasons: ['Deleting needs a DBA.'], quorum: [{ role: 'dba', count: 1 }], votes: [], expiresAt: '2026-01-01T00:15:00.000Z', approvable: true,
};
const PAGE = 'https://interlock.example/approvals/g1';

interface Button { readonly action_id: string; readonly value?: string; readonly text: { readonly text: string } }
const buttons = (of: Notice): readonly Button[] => (slackMessage(of, PAGE).blocks[2] as { elements: Button[] }).elements;

describe('what is invisible, turns the direction or shows as something else', () => {
  it.each([
    ['drop \u202Eelbat\u202C', 'drop \\u{202e}elbat\\u{202c}'], ['a\u200Bb\uFEFFc\u2060', 'a\\u{200b}b\\u{feff}c\\u{2060}'], ['a\u0000\u001B[31m', 'a\\u{0}\\u{1b}[31m'],
    ['a\u00A0b\u3000c', 'a\\u{a0}b\\u{3000}c'], ['\u{E0041}x', '\\u{e0041}x'], ['ok \u{1F600}', 'ok \\u{1f600}'], ['\u3164hidden', '\\u{3164}hidden'], ['\uD800x', '\\u{d800}x'],
    ['e\u0301\u0301\u0301', 'e\u0301\u0301\\u{301}'], ['line\nline\ttab', 'line\\u{a}line\\u{9}tab'], ['\\u{202e} \\n', '\\u{5c}u{202e} \\n'], ['Größe §1 „x“ 価格 — 7 …', 'Größe §1 „x“ 価格 — 7 …'],
  ])('is written out: %j', (text, expected) => expect(shown(text, 200)).toEqual({ text: expected, cut: false }));

  it('is cut between characters where it is too long', () => {
    expect(shown('x'.repeat(1_000_000), 10)).toEqual({ text: 'xxxxxxxxxx ...', cut: true });
    expect(shown('abc\u202E', 5)).toEqual({ text: 'abc ...', cut: true });
  });
});

describe('a message in Slack', () => {
  it('says what is asked, in plain text alone', () => {
    const message = slackMessage(notice, PAGE);
    expect(message.blocks[0]).toMatchObject({ type: 'section', text: { type: 'plain_text', emoji: false, text: expect.stringContaining('agent-etl asks to delete at shop: public.orders\n\ndelete from orders where id = …') } });
    expect(JSON.stringify(message)).not.toContain('mrkdwn');
    expect(buttons(notice).map(({ action_id }) => action_id)).toEqual(['interlock.approve', 'interlock.deny', 'interlock.open']);
  });

  it.each([
    ['a rule that does not accept it', { ...notice, approvable: false }, ['interlock.deny', 'interlock.open']],
    ['one that is decided', { ...notice, status: 'approved' as const, votes: [{ approver: 'ann', verdict: 'approve' as const }] }, ['interlock.open']],
  ])('has the buttons of %s', (_what, of, actions) => expect(buttons(of).map(({ action_id }) => action_id)).toEqual(actions));

  it.each([
    ['<!channel> <@U1> <https://evil.example|ok> *b* ~s~ `c`', '<!channel> <@U1>'], ['\u202Eevil', '\\u{202e}evil'],
  ])('holds nothing of a command that Slack would take for its own: %s', (text, expected) => {
    const { blocks, text: fallback } = slackMessage({ ...notice, text, objects: [text], requester: text, id: 'g1' }, PAGE);
    for (const block of blocks) expect(JSON.stringify(block)).not.toMatch(/"mrkdwn"/);
    expect((blocks[0] as { text: { text: string } }).text.text).toContain(expected);
    expect(fallback).not.toContain(text);
  });

  it('escapes words that stand outside of blocks', () => expect(escapedForSlack('<!channel> & <@U1>')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;'));

  it('says what people agree to of the effect', () => {
    expect(told({ ...notice, effect: ['If it would change more than 12 rows, it is rolled back.'] })).toMatchObject({ whole: true, text: expect.stringContaining('id = …\n\nIf it would change more than 12 rows, it is rolled back.\nWhy: ') });
  });

  it('is no longer than Slack takes, and says what does not fit', () => {
    const long = { ...notice, text: 'x'.repeat(1_000_000), objects: Array.from({ length: 100 }, (_, at) => `public.t${at}`), reasons: Array.from({ length: 50 }, () => 'r'.repeat(1_000)) };
    const { text, whole } = told(long);
    expect([text.length <= 3_000, whole, told(notice).whole, told({ ...notice, text: undefined }).whole]).toEqual([true, false, true, false]);
    expect(text).toContain('public.t7 and more');
  });
});

/** As Slack sends it when a button of {@link slackMessage} is pressed (reference of `block_actions` payloads). */
function pressed(action: object = {}, more: object = {}): Record<string, unknown> {
  const message = slackMessage(notice, PAGE);
  return {
    type: 'block_actions', user: { id: 'U061F7AUR', username: 'ann', name: 'ann', team_id: 'T012AB3CD' }, api_app_id: 'A012AB3CD', token: 'x', container: { type: 'message', message_ts: '1.2', channel_id: 'C012AB3CD', is_ephemeral: false },
    trigger_id: '1.2.3', team: { id: 'T012AB3CD', domain: 'acme' }, enterprise: null, is_enterprise_install: false, channel: { id: 'C012AB3CD', name: 'approvals' },
    message: { type: 'message', user: 'U1', ts: '1.2', bot_id: 'B1', ...message }, state: { values: {} }, response_url: 'https://hooks.slack.com/actions/x',
    actions: [{ type: 'button', action_id: 'interlock.deny', block_id: 'interlock-decide', action_ts: '1.3', text: buttons(notice)[1]!.text, value: buttons(notice)[1]!.value, ...action }], ...more,
  };
}
const bodyOf = (payload: unknown): string => `payload=${encodeURIComponent(JSON.stringify(payload))}`;

describe('what was pressed', () => {
  it('is read with who pressed it and what stood above', () => {
    expect(readSlackPress(bodyOf(pressed()))).toEqual({ ok: true, value: {
      verdict: 'deny', grant: 'g1', grantDigest: notice.grantDigest, team: 'T012AB3CD', app: 'A012AB3CD', user: 'U061F7AUR', userTeam: 'T012AB3CD', conversation: 'C012AB3CD', read: { told: told(notice).text, standing: standing(notice) },
    } });
  });

  it('is read as what it says where Slack gives the text back with its three characters written out', () => {
    const odd = { ...notice, text: 'select a < b && c > d' };
    const back = JSON.parse(JSON.stringify(slackMessage(odd, PAGE)).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')) as object;
    expect(readSlackPress(bodyOf(pressed({}, { message: back })))).toMatchObject({ ok: true, value: { read: { told: told(odd).text } } });
  });

  it('counts for the workspace that the person is of', () => {
    expect(readSlackPress(bodyOf(pressed({}, { user: { id: 'U061F7AUR', team_id: 'T9FOREIGN' } })))).toMatchObject({ ok: true, value: { team: 'T012AB3CD', userTeam: 'T9FOREIGN' } });
  });

  it.each<[string, string, string]>([
    ['another kind of payload', bodyOf({ ...pressed(), type: 'view_submission' }), 'chat_other'],
    ['another button', bodyOf(pressed({ action_id: 'interlock.open' })), 'chat_other'],
    ['two buttons at once', bodyOf({ ...pressed(), actions: [pressed()['actions'], pressed()['actions']].flat() }), 'chat_other'],
    ['no button', bodyOf({ ...pressed(), actions: [] }), 'chat_other'],
    ['two payloads', `${bodyOf(pressed())}&${bodyOf(pressed({ action_id: 'interlock.approve' }))}`, 'chat_unreadable'],
    ['something beside the payload', `${bodyOf(pressed())}&x=1`, 'chat_unreadable'],
    ['no person', bodyOf(pressed({}, { user: null })), 'chat_unreadable'],
    ['a value of another kind', bodyOf(pressed({ value: { id: 'g1' } })), 'chat_unreadable'],
    ['a value that is no approval', bodyOf(pressed({ value: '../g1 d' })), 'chat_unreadable'],
    ['a payload cut short', bodyOf(pressed()).slice(0, -20), 'chat_unreadable'],
    ['depth without end', `payload=${'['.repeat(20_000)}`, 'chat_unreadable'],
    ['nothing', '', 'chat_unreadable'],
  ])('is nothing where there is %s', (_what, body, reason) => {
    expect(readSlackPress(body)).toMatchObject({ ok: false, refusal: { reason } });
  });
});
