import type { Chat, ChatDelivery, ChatNotice } from '@interlock/contracts';
import { teamsCard } from '@interlock/protocol-chat';
import type { Sent } from '../sending/delivery.js';
import { objectIn, type Answer } from '../sending/outbound.js';
import { attempt, pageOf, type Channel } from './channel.js';
import type { BotApi } from './bot-api.js';

/**
 * One card per approval, brought up to date with each of its states. A bot cannot look for what it posted: a post whose end was not seen is
 * repeated, so that after a crash a card may stand twice.
 */
export class TeamsChannel implements Channel {
  readonly name = 'teams';
  readonly showsLatest = true;

  constructor(private readonly api: BotApi) {}

  keyOf({ id }: ChatNotice): string {
    return `${id}.teams`;
  }

  async deliver({ notice, message }: ChatDelivery & { readonly notice: ChatNotice }, chat: Chat): Promise<Sent> {
    const { teams } = chat;
    if (!teams) return { kind: 'failed', detail: 'the configuration has no Teams any more', doubtful: false, isFinal: true };
    const content = teamsCard(notice, pageOf(chat, notice));
    const activity = { type: 'message', summary: `Approval ${notice.id}`, attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] };
    if (message === undefined) return attempt(() => this.api.call(teams, 'POST', '', activity), posted);
    return attempt(() => this.api.call(teams, 'PUT', `/${encodeURIComponent(message)}`, { ...activity, id: message }), (answer) => updated(answer, message));
  }
}

function posted(answer: Answer): Sent {
  const { id } = objectIn(answer.body);
  if (answer.status < 200 || answer.status >= 300) return failed(answer);
  return typeof id === 'string' ? { kind: 'delivered', message: id } : { kind: 'failed', detail: 'Teams did not say where the card stands', doubtful: true };
}

function updated(answer: Answer, message: string): Sent {
  return answer.status >= 200 && answer.status < 300 ? { kind: 'delivered', message } : { ...failed(answer), isFinal: answer.status === 404 };
}

function failed({ status, retryAfterMs }: Answer): Extract<Sent, { kind: 'failed' }> {
  return { kind: 'failed', detail: `Teams answered ${status}`, doubtful: status >= 500, retryAfterMs };
}
