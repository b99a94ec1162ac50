import type { Chat } from '@interlock/contracts';
import { networkOf, objectIn, Undeliverable, type Answer, type Letter } from '../sending/outbound.js';

type Slack = NonNullable<Chat['slack']>;

/** What Slack's Web API answered. */
export type SlackAnswer =
  | { readonly kind: 'ok'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'error'; readonly error: string; readonly fate: 'not sent' | 'unknown'; readonly retryAfterMs?: number | undefined };

/** Calls of Slack's Web API with the bot's token, which is read when it is needed and sent to the configured address alone. */
export class SlackApi {
  constructor(private readonly send: (letter: Letter) => Promise<Answer>, private readonly token: () => Promise<string | undefined>) {}

  async call({ api }: Slack, method: string, fields: object): Promise<SlackAnswer> {
    const token = await this.token();
    if (token === undefined) return { kind: 'error', error: 'there is no token in slack-token', fate: 'not sent' };
    const url = `${api.replace(/\/$/, '')}/${method}`;
    try {
      return read(await this.send({
        url, body: JSON.stringify(fields), network: networkOf(url),
        headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
      }));
    } catch (fault) {
      if (fault instanceof Undeliverable) return { kind: 'error', error: fault.message, fate: fault.fate };
      throw fault;
    }
  }
}

/** What Slack refuses it has not done; a fault of its own, or an answer that is none, leaves it open. */
function read({ status, body, retryAfterMs }: Answer): SlackAnswer {
  if (status === 429) return { kind: 'error', error: 'Slack asks for fewer requests', fate: 'not sent', retryAfterMs };
  const value = status === 200 ? objectIn(body) : {};
  if (value['ok'] === true) return { kind: 'ok', value };
  const { error } = value;
  if (typeof error === 'string') return { kind: 'error', error: `Slack said ${error.slice(0, 80)}`, fate: 'not sent' };
  return { kind: 'error', error: `Slack answered ${status}`, fate: 'unknown' };
}
