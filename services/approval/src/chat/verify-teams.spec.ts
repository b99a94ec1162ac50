import { describe, expect, it } from 'vitest';
import { Chat } from '@interlock/contracts';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import { verifiedTeams } from './verify-teams.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const TEAMS = {
  app: '6f1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c10', tenant: '7a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c11', conversation: '19:x@thread.tacv2', service: 'https://smba.example/emea', users: [{ id: '8a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c12', principal: 'dba' }],
};
const chat = Chat.parse({ page: 'https://i.test', teams: TEAMS });

function body(more: object = {}): string {
  return JSON.stringify({
    type: 'invoke', name: 'adaptiveCard/action', id: 'f:1', timestamp: new Date(NOW_MS).toISOString(), channelId: 'msteams', serviceUrl: 'https://smba.example/emea/', from: { aadObjectId: TEAMS.users[0]!.id },
    recipient: { id: `28:${TEAMS.app}` }, conversation: { tenantId: TEAMS.tenant, id: `${TEAMS.conversation};messageid=17` }, value: { action: { verb: 'interlock.deny', data: { press: `g1 ${'d'.repeat(64)}` } } }, ...more,
  });
}

async function verified(sent: string, token: Outcome<true> = accepted(true), nowMs = NOW_MS) {
  const asked: unknown[] = [];
  const outcome = await verifiedTeams({ road: 'teams', token: 'token', body: sent }, chat, { verify: async (...all) => {
    asked.push(all);
    return token;
  } }, nowMs);
  return { outcome, asked };
}

describe('a request from Teams', () => {
  it('is the Bot Framework\'s, for this bot, and for the service that it names', async () => {
    const { outcome, asked } = await verified(body());
    expect(outcome).toMatchObject({ ok: true, value: { road: 'teams', press: { verdict: 'deny', grant: 'g1', user: TEAMS.users[0]!.id } } });
    expect(asked).toEqual([['token', { issuer: 'https://api.botframework.com', metadata: 'https://login.botframework.com/v1', audience: TEAMS.app }, { serviceUrl: 'https://smba.example/emea/', channel: 'msteams' }]]);
  });

  it.each<[string, string, string]>([
    ['another tenant', body({ conversation: { tenantId: '9'.repeat(8), id: TEAMS.conversation } }), 'chat_foreign'],
    ['another bot', body({ recipient: { id: '28:other' } }), 'chat_foreign'],
    ['another conversation', body({ conversation: { tenantId: TEAMS.tenant, id: '19:y@thread.tacv2' } }), 'chat_foreign'],
    ['another channel', body({ channelId: 'webchat' }), 'chat_foreign'],
    ['another service', body({ serviceUrl: 'https://smba.example.evil/emea' }), 'chat_foreign'],
    ['long ago', body({ timestamp: new Date(NOW_MS - 300_001).toISOString() }), 'chat_late'],
    ['nowhere', '{}', 'chat_other'],
  ])('from %s does not count', async (_what, sent, reason) => expect((await verified(sent)).outcome).toMatchObject({ ok: false, refusal: { reason } }));

  it('whose token does not hold is forged; while keys cannot be had it may come again', async () => {
    expect((await verified(body(), refused('signature_invalid', 'x'))).outcome).toMatchObject({ ok: false, refusal: { reason: 'chat_forged' } });
    expect((await verified(body(), refused('issuer_unavailable', 'x', { retryable: true }))).outcome).toMatchObject({ ok: false, refusal: { reason: 'issuer_unavailable', retryable: true } });
  });
});
