import { accepted, refused, sha256Hex, type Outcome } from '@interlock/kernel';
import type { BotTokenVerifier } from '@interlock/adapter-oidc';
import type { Chat, ChatRequest } from '@interlock/contracts';
import { readTeamsPress } from '@interlock/protocol-chat';
import type { Verified } from './verified.js';

const WINDOW_MS = 5 * 60_000;

/**
 * Whether the Bot Framework sent some request to this bot now, and what this one says was pressed. Its token does not cover the body, so for
 * who pressed what chatops' word is taken: enough to deny, and never to approve.
 */
export async function verifiedTeams(
  { token, body }: Extract<ChatRequest, { road: 'teams' }>, chat: Chat | undefined, verifier: Pick<BotTokenVerifier, 'verify'>, nowMs: number,
): Promise<Outcome<Verified>> {
  const { teams } = chat ?? {};
  if (!teams) return refused('chat_not_configured', 'The configuration in force has no Teams.', { hint: 'Declare chat.teams in interlock.yaml.' });
  const press = readTeamsPress(body);
  if (!press.ok) return press;
  const { team, app, conversation, serviceUrl, channel, activity, atMs } = press.value;
  const signed = await verifier.verify(token, { issuer: teams.issuer, metadata: teams.metadata, audience: teams.app }, { serviceUrl, channel });
  if (!signed.ok) return signed.refusal.retryable ? signed : refused('chat_forged', `The request is not the Bot Framework's: ${signed.refusal.detail}`);
  if (Math.abs(nowMs - atMs) > WINDOW_MS) return refused('chat_late', 'The request was made more than five minutes from now.', { hint: 'Press the button again, or compare the clocks.' });
  const isOurs = team === teams.tenant && app === teams.app && channel === 'msteams' && conversation === teams.conversation && serviceUrl.replace(/\/$/, '') === teams.service.replace(/\/$/, '');
  if (!isOurs) return refused('chat_foreign', 'The request comes from another tenant, bot, conversation or service than the configuration names.');
  return accepted({ road: 'teams', press: press.value, requestHash: sha256Hex(`${activity}:${body}`) });
}
