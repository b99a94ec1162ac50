import { describe, expect, it } from 'vitest';
import type { Notice } from './notice.js';
import { readTeamsPress } from './teams-activity.js';
import { teamsCard } from './teams-card.js';

const notice: Notice = {
  id: 'g1', status: 'pending', grantDigest: 'd'.repeat(64), requester: 'agent-etl', target: 'shop', verb: 'delete', objects: ['public.orders'], text: 'delete from orders where id = … -- **[x](https://evil.example)**',
  reasons: ['Deleting needs a DBA.'], quorum: [{ role: 'dba', count: 1 }], votes: [], expiresAt: '2026-01-01T00:15:00.000Z', approvable: true,
};

interface Card { readonly body: readonly { readonly type: string; readonly inlines: readonly { readonly text: string }[] }[]; readonly actions: readonly { readonly type: string; readonly verb?: string; readonly data?: object }[] }
const card = teamsCard(notice, 'https://i.test/g1') as Card;

describe('a card in Teams', () => {
  it('says what is asked in runs of text, in which nothing is markup', () => {
    expect([...new Set(card.body.map(({ type }) => type))]).toEqual(['RichTextBlock']);
    expect(card.body.map(({ inlines }) => inlines[0]?.text).join('\n')).toContain('agent-etl asks to delete at shop: public.orders\n \ndelete from orders where id = … -- **[x]');
  });

  it('offers to deny and to open, and never to approve', () => {
    expect(card.actions.map(({ type, verb }) => verb ?? type)).toEqual(['interlock.deny', 'Action.OpenUrl']);
    expect((teamsCard({ ...notice, status: 'denied' }, 'https://i.test/g1') as Card).actions.map(({ type }) => type)).toEqual(['Action.OpenUrl']);
  });
});

/** As the Bot Framework sends it (Universal Actions for Adaptive Cards, `adaptiveCard/action` invoke). */
function invoke(more: object = {}): Record<string, unknown> {
  return {
    type: 'invoke', name: 'adaptiveCard/action', id: 'f:1', timestamp: '2026-01-01T00:00:00.000Z', channelId: 'msteams', serviceUrl: 'https://smba.example/emea/',
    from: { id: '29:1', name: 'Ann', aadObjectId: '8A1D0C1E-3C58-4A5E-9A52-0D6D5D2F8C12' }, recipient: { id: '28:6f1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c10', name: 'Interlock' },
    conversation: { conversationType: 'channel', tenantId: '7a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c11', id: '19:x@thread.tacv2;messageid=17' }, replyToId: '17',
    value: { action: { type: 'Action.Execute', title: 'Deny', verb: 'interlock.deny', data: card.actions[0]!.data }, trigger: 'manual' }, ...more,
  };
}
const read = (activity: unknown) => readTeamsPress(JSON.stringify(activity));

describe('what was pressed in Teams', () => {
  it('is read with who pressed it and where', () => {
    expect(read(invoke())).toEqual({ ok: true, value: {
      verdict: 'deny', grant: 'g1', grantDigest: notice.grantDigest, team: '7a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c11', userTeam: '7a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c11', app: '6f1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c10',
      user: '8a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c12', conversation: '19:x@thread.tacv2', read: undefined, serviceUrl: 'https://smba.example/emea/', channel: 'msteams', activity: 'f:1', atMs: Date.UTC(2026, 0, 1),
    } });
  });

  it.each<[string, unknown, string]>([
    ['another activity', invoke({ type: 'message' }), 'chat_other'], ['another invoke', invoke({ name: 'signin/tokenExchange' }), 'chat_other'],
    ['another verb', invoke({ value: { action: { verb: 'x', data: {} } } }), 'chat_other'], ['no data', invoke({ value: { action: { verb: 'interlock.deny' } } }), 'chat_unreadable'],
    ['no person', invoke({ from: { id: '29:1' } }), 'chat_unreadable'], ['no tenant', invoke({ conversation: { id: '19:x' } }), 'chat_unreadable'],
    ['no time', invoke({ timestamp: 'now' }), 'chat_unreadable'], ['no service', invoke({ serviceUrl: 7 }), 'chat_unreadable'], ['a list', [invoke()], 'chat_unreadable'],
  ])('is nothing where there is %s', (_what, activity, reason) => expect(read(activity)).toMatchObject({ ok: false, refusal: { reason } }));

  it('is nothing where it was cut short', () => expect(readTeamsPress(JSON.stringify(invoke()).slice(0, -1))).toMatchObject({ ok: false, refusal: { reason: 'chat_unreadable' } }));
});
