import type { Chat, ChatDelivery, ChatNotice } from '@interlock/contracts';
import { slackMessage } from '@interlock/protocol-chat';
import type { Sent } from '../sending/delivery.js';
import { pageOf, type Channel } from './channel.js';
import type { SlackAnswer, SlackApi } from './slack-api.js';

type Slack = NonNullable<Chat['slack']>;

const EVENT_TYPE = 'interlock_approval';
/** How far Slack's clock and ours may be apart. */
const SKEW_MS = 60_000;
const HISTORY = 200;
/** Errors after which an update can never succeed. */
const GONE = /message_not_found|cant_update_message|edit_window_closed/;

/**
 * One message per approval, brought up to date with each of its states. Slack has no key by which it takes a message once, so a post whose
 * end was not seen is looked for in the channel, by the approval's id in its metadata, before anything is posted again.
 */
export class SlackChannel implements Channel {
  readonly name = 'slack';
  readonly showsLatest = true;

  constructor(private readonly api: SlackApi) {}

  keyOf({ id }: ChatNotice): string {
    return `${id}.slack`;
  }

  async deliver(delivery: ChatDelivery & { readonly notice: ChatNotice }, chat: Chat, wasDoubtful: boolean): Promise<Sent> {
    const { slack } = chat;
    if (!slack) return { kind: 'failed', detail: 'the configuration has no Slack any more', doubtful: false, isFinal: true };
    const message = slackMessage(delivery.notice, pageOf(chat, delivery.notice));
    if (delivery.message !== undefined) return this.#update(slack, delivery.message, message);
    if (!wasDoubtful) return this.#post(slack, delivery.grant, message);
    const found = await this.#find(slack, delivery);
    if (typeof found === 'object') return failed(found, true);
    return found === '' ? this.#post(slack, delivery.grant, message) : this.#update(slack, found, message);
  }

  /** Tells one person alone, in the channel, why their answer did not count. */
  async whisper(slack: Slack, user: string, words: string): Promise<void> {
    await this.api.call(slack, 'chat.postEphemeral', { channel: slack.channel, user, text: words });
  }

  async #post(slack: Slack, grant: string, message: object): Promise<Sent> {
    const answer = await this.api.call(slack, 'chat.postMessage', {
      channel: slack.channel, ...message, unfurl_links: false, unfurl_media: false, metadata: { event_type: EVENT_TYPE, event_payload: { approval: grant } },
    });
    if (answer.kind === 'error') return failed(answer);
    const ts = answer.value['ts'];
    return typeof ts === 'string' ? { kind: 'delivered', message: ts } : { kind: 'failed', detail: 'Slack did not say where the message stands', doubtful: true };
  }

  async #update(slack: Slack, ts: string, message: object): Promise<Sent> {
    const answer = await this.api.call(slack, 'chat.update', { channel: slack.channel, ts, ...message });
    return answer.kind === 'ok' ? { kind: 'delivered', message: ts } : { ...failed(answer, true), isFinal: GONE.test(answer.error) };
  }

  /** Where an earlier post of this approval stands; empty when it did not arrive. */
  async #find(slack: Slack, { grant, since }: ChatDelivery): Promise<string | Extract<SlackAnswer, { kind: 'error' }>> {
    const oldest = String((Date.parse(since) - SKEW_MS) / 1_000);
    const answer = await this.api.call(slack, 'conversations.history', { channel: slack.channel, oldest, limit: HISTORY, include_all_metadata: true });
    if (answer.kind === 'error') return answer;
    const messages = Array.isArray(answer.value['messages']) ? (answer.value['messages'] as readonly SlackPosted[]) : [];
    return messages.find(({ metadata }) => metadata?.event_type === EVENT_TYPE && metadata.event_payload?.approval === grant)?.ts ?? '';
  }
}

interface SlackPosted {
  readonly ts?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: { readonly approval?: string } };
}

function failed({ error, fate, retryAfterMs }: Extract<SlackAnswer, { kind: 'error' }>, wasDoubtful = false): Extract<Sent, { kind: 'failed' }> {
  return { kind: 'failed', detail: error, doubtful: wasDoubtful || fate === 'unknown', retryAfterMs };
}
