import type { Chat, ChatRequest, RpcClient, SealedBox } from '@interlock/contracts';
import type { Outcome } from '@interlock/kernel';
import { escapedForSlack, isFresh, readSlackPress, type Press } from '@interlock/protocol-chat';

export interface DoorPorts {
  readonly rpc: RpcClient;
  /** The chats of the configuration in force; undefined where there are none. */
  chat(): Chat | undefined;
  /** A box that approval alone can open. */
  seal(request: ChatRequest): SealedBox;
  /** Tells the person who pressed, alone, why it did not count. */
  whisper(slack: NonNullable<Chat['slack']>, user: string, words: string): Promise<void>;
  nowMs(): number;
  /** One line of the log. */
  note(what: string, fields: Readonly<Record<string, unknown>>): void;
}

/** A request as the listener hands it over. */
export interface Knock {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** An answer of the door: a status, and a body where the chat wants one. */
export interface Reply {
  readonly status: number;
  readonly body?: object;
}

/** Slack shows the person an error when no answer came within three seconds. */
const ANSWER_MS = 2_500;
/** Refusals that say nothing about the answer, only that nobody could look at it. */
const UNABLE: ReadonlySet<string> = new Set(['chat_secret_missing', 'chat_not_configured', 'box_purpose', 'box_unopenable', 'malformed_answer', 'internal_fault']);
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

export function statusOf(answer: Outcome<unknown>): number {
  if (answer.ok) return 200;
  const { reason, retryable } = answer.refusal;
  if (reason === 'chat_forged' || reason === 'chat_late') return 401;
  return retryable === true || UNABLE.has(reason) ? 503 : 200;
}

/** The decision does not wait for it: whoever pressed sees it in the message as well. */
function tellPerson(slack: NonNullable<Chat['slack']>, { user }: Press, { detail, hint }: { readonly detail: string; readonly hint?: string }, ports: DoorPorts): void {
  ports.whisper(slack, user, escapedForSlack(`This did not count: ${detail}${hint === undefined ? '' : ` ${hint}`}`))
    .catch((fault: unknown) => ports.note('a person could not be told', { fault: String(fault) }));
}
