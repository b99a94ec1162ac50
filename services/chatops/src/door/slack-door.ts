import type { Chat } from '@interlock/contracts';
import type { Refusal } from '@interlock/kernel';
import { escapedForSlack, isFresh, readSlackPress, type Press } from '@interlock/protocol-chat';
import { notCounted, statusOf, type DoorPorts, type Knock } from './door.js';

/** Slack shows the person an error when no answer came within three seconds. */
const ANSWER_MS = 2_500;
const SIGNATURE = /^v0=[0-9a-f]{64}$/;

/**
 * A button was pressed. This service has no key to tell Slack's requests from others: it looks at their form, so that noise goes no further,
 * and hands the request on as it came, for approval to verify.
 *
 * @returns the status to answer with. Slack shows people that something went wrong for all but 200.
 */
export async function slackPressed(knock: Knock, ports: DoorPorts): Promise<number> {
  const slack = ports.chat()?.slack;
  const [timestamp, signature] = [knock.headers['x-slack-request-timestamp'], knock.headers['x-slack-signature']];
  if (!slack) return 404;
  if (typeof timestamp !== 'string' || typeof signature !== 'string' || !SIGNATURE.test(signature) || !isFresh(timestamp, ports.nowMs())) return 401;
  const press = readSlackPress(knock.body);
  if (!press.ok) return press.refusal.reason === 'chat_other' ? 200 : 400;
  const answer = await ports.rpc.call('approval.chatDecision', { sealed: ports.seal({ road: 'slack', timestamp, signature, body: knock.body }) }, { timeoutMs: ANSWER_MS });
  const status = statusOf(answer);
  if (!answer.ok) ports.note('an answer from Slack did not count', { reason: answer.refusal.reason, status });
  if (!answer.ok && status === 200) tellPerson(slack, press.value, answer.refusal, ports);
  return status;
}

/** The decision does not wait for it: whoever pressed sees it in the message as well. */
function tellPerson(slack: NonNullable<Chat['slack']>, { user }: Press, refusal: Refusal, ports: DoorPorts): void {
  ports.whisper(slack, user, escapedForSlack(notCounted(refusal)))
    .catch((fault: unknown) => ports.note('a person could not be told', { fault: String(fault) }));
}
