import { sha256Hex, refused, accepted, type Outcome } from '@interlock/kernel';
import type { Chat, ChatRequest } from '@interlock/contracts';
import { readSlackPress, verifySlack } from '@interlock/protocol-chat';
import type { Verified } from './verified.js';

/** Whether Slack signed this for the app and workspace of the configuration, and what it says was pressed. */
export function verifiedSlack(request: Extract<ChatRequest, { road: 'slack' }>, chat: Chat | undefined, secret: string | undefined, nowMs: number): Outcome<Verified> {
  const { slack } = chat ?? {};
  if (!slack) return refused('chat_not_configured', 'The configuration in force has no Slack.', { hint: 'Declare chat.slack in interlock.yaml.' });
  if (secret === undefined) return refused('chat_secret_missing', 'Approval has no signing secret of the Slack app, so it believes nothing that comes from there.', { hint: 'Lay the secret into slack-signing-secret of its INTERLOCK_APPROVAL_SECRETS_DIR.' });
  const signed = verifySlack(secret, request, nowMs);
  if (!signed.ok) return signed;
  const press = readSlackPress(request.body);
  if (!press.ok) return press;
  const { team, app } = press.value;
  if (team !== slack.team || app !== slack.app) return refused('chat_foreign', 'The request comes from another workspace or app than the configuration names.');
  return accepted({ road: 'slack', press: press.value, requestHash: sha256Hex(`${request.timestamp}:${request.body}`) });
}
