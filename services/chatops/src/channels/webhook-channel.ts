import type { Chat, ChatDelivery, ChatNotice } from '@interlock/contracts';
import { shown, signWebhook, told, webhookKey } from '@interlock/protocol-chat';
import type { Sent } from '../sending/delivery.js';
import type { Answer, Letter } from '../sending/outbound.js';
import { attempt, pageOf, token, type Channel } from './channel.js';

export interface WebhookPorts {
  send(letter: Letter): Promise<Answer>;
  /** What a secret file holds; undefined where there is none. */
  secret(name: string): Promise<string | undefined>;
  nowMs(): number;
}

const WORDS_MAX = 2_000;
/** Keys of a rotation: the present one and the one before. */
const KEYS_MAX = 2;

/**
 * Signed messages by Standard Webhooks 1.0. Each state of an approval that is seen is a message with an id of its own, the same at every
 * attempt: a receiver that keeps the ids of a day takes each once.
 */
export class WebhookChannel implements Channel {
  readonly name: string;
  readonly showsLatest = false;

  constructor(private readonly webhook: string, private readonly ports: WebhookPorts) {
    this.name = `webhook:${webhook}`;
  }

  keyOf(notice: ChatNotice): string {
    return `${notice.id}.webhook-${token(this.webhook)}.${stateOf(notice)}`;
  }

  async deliver({ notice, since }: ChatDelivery & { readonly notice: ChatNotice }, chat: Chat): Promise<Sent> {
    const destination = chat.webhooks.find(({ name }) => name === this.webhook);
    if (!destination) return { kind: 'failed', detail: 'the configuration has no such webhook any more', doubtful: false, isFinal: true };
    const signed = await this.#sign(`msg_${notice.id}_${stateOf(notice)}`, bodyOf(notice, since, pageOf(chat, notice)));
    if (typeof signed === 'string') return { kind: 'failed', detail: signed, doubtful: false };
    return attempt(() => this.ports.send({ url: destination.url, network: destination.network, ...signed }), judged);
  }

  async #sign(id: string, body: string): Promise<Pick<Letter, 'headers' | 'body'> | string> {
    const secrets = (await this.ports.secret(`webhook-${this.webhook}`))?.split('\n').map((line) => line.trim()).filter((line) => line !== '') ?? [];
    const keys = secrets.slice(0, KEYS_MAX).map(webhookKey);
    const headers = keys.flatMap((key) => (key.ok ? [signWebhook(key.value, id, this.ports.nowMs(), body)] : []));
    if (headers.length === 0 || headers.length < keys.length) return `there is no good secret in webhook-${this.webhook}`;
    return { body, headers: { 'content-type': 'application/json', ...headers[0]!, 'webhook-signature': headers.map((one) => one['webhook-signature']).join(' ') } };
  }
}

function judged({ status, retryAfterMs }: Answer): Sent {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  return { kind: 'failed', detail: `the destination answered ${status}`, doubtful: true, retryAfterMs, isFinal: status === 410 };
}

/** What a message of its own is sent about; of a broken glass what becomes of its review, and not whether its command has run yet. */
function stateOf({ status, glass }: ChatNotice): string {
  return glass ? `glass-${glass.standing}` : status;
}

/** The payload. Every text is written so that nothing in it is invisible; `told` is the same that stands in chats. */
function bodyOf(notice: ChatNotice, timestamp: string, page: string): string {
  const { revision: _, approvable: __, text, objects, reasons, effect, ...rest } = notice;
  const visible = (words: string): string => shown(words, WORDS_MAX).text;
  return JSON.stringify({
    type: notice.glass ? `glass.${notice.glass.standing}` : `approval.${notice.status === 'pending' ? 'requested' : notice.status}`, timestamp,
    data: {
      ...rest, ...(text !== undefined && { text: shown(text, WORDS_MAX, 'kept').text }),
      ...(effect && { effect: effect.map(visible) }), objects: objects.map(visible), reasons: reasons.map(visible), told: told(notice).text, page,
    },
  });
}
