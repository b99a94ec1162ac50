import type { Chat, ChatRequest, RpcClient, SealedBox } from '@interlock/contracts';
import type { Outcome, Refusal } from '@interlock/kernel';

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

/** Refusals that say nothing about the answer, only that nobody could look at it. */
const UNABLE: ReadonlySet<string> = new Set(['chat_secret_missing', 'chat_not_configured', 'box_purpose', 'box_unopenable', 'malformed_answer', 'internal_fault']);

/** What a chat is answered with: 200 also where the answer did not count, for it was looked at. */
export function statusOf(answer: Outcome<unknown>): number {
  if (answer.ok) return 200;
  const { reason, retryable } = answer.refusal;
  if (reason === 'chat_forged' || reason === 'chat_late') return 401;
  return retryable === true || UNABLE.has(reason) ? 503 : 200;
}

/** Why an answer did not count, for whoever pressed. */
export function notCounted({ detail, hint }: Refusal): string {
  return `This did not count: ${detail}${hint === undefined ? '' : ` ${hint}`}`;
}
