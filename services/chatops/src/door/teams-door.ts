import { readTeamsPress } from '@interlock/protocol-chat';
import { notCounted, statusOf, type DoorPorts, type Knock, type Reply } from './door.js';

/** Teams waits longer than Slack, and shows the person what the answer says. */
const ANSWER_MS = 4_000;
const TOKEN = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/;

/** A button of a card was pressed, or something else happened in a conversation, which is no business of ours. Handed on as it came. */
export async function teamsPressed({ headers, body }: Knock, ports: DoorPorts): Promise<Reply> {
  if (!ports.chat()?.teams) return { status: 404 };
  const token = TOKEN.exec(headers.authorization as string | undefined ?? '')?.[1];
  if (token === undefined) return { status: 401 };
  const press = readTeamsPress(body);
  if (!press.ok) return { status: press.refusal.reason === 'chat_other' ? 200 : 400 };
  const answer = await ports.rpc.call('approval.chatDecision', { sealed: ports.seal({ road: 'teams', token, body }) }, { timeoutMs: ANSWER_MS });
  const status = statusOf(answer);
  if (!answer.ok) ports.note('an answer from Teams did not count', { reason: answer.refusal.reason, status });
  if (status !== 200) return { status };
  return said(answer.ok ? `Approval ${answer.value.grant} is ${answer.value.status}.` : notCounted(answer.refusal));
}

/** Words for the person who pressed (Universal Actions, response format). */
function said(value: string): Reply {
  return { status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value } };
}
