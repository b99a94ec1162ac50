import { draft, type Chat, type ChatDelivery, type ChatNotice } from '@interlock/contracts';
import type { AggregateStore, Ledger, Versioned } from '@interlock/kernel';
import type { Channel } from '../channels/channel.js';
import { begun, ended, first, isDue, renewed, type Sent } from './delivery.js';

export interface PostOfficePorts {
  /** Stream CHAT. */
  readonly deliveries: AggregateStore<ChatDelivery>;
  readonly ledger: Ledger;
  nowMs(): number;
  /** Tells the log what did not go well. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

type Stored = Versioned<ChatDelivery> & { readonly key: string };

const ATTEMPTS_AT_CONFLICT = 5;
/** Of one channel in one turn: what is new meanwhile has its turn soon. */
const BATCH = 50;

/** What is to be told and was told, each step stored before it is taken: after a crash everything is told that was not, and nothing twice where the chat can say. */
export class PostOffice {
  readonly #busy = new Set<string>();

  constructor(private readonly ports: PostOfficePorts) {}

  /** Takes a notice in for these channels. What was taken in before stays as it is, so that it may be handed in again. */
  async take(notice: ChatNotice, channels: readonly Channel[]): Promise<void> {
    for (const channel of channels) await this.#takeFor(notice, channel);
  }

  /** Tries what is due, channel by channel, all of them at once; a channel that is still at work is left to it. */
  async turn(chat: Chat, channels: readonly Channel[]): Promise<void> {
    const due = (await this.ports.deliveries.list()).filter(({ value }) => isDue(value, this.ports.nowMs()));
    await Promise.all(channels.filter(({ name }) => !this.#busy.has(name)).map(async (channel) => {
      this.#busy.add(channel.name);
      try {
        await this.#deliverDue(due.filter(({ value }) => value.channel === channel.name), channel, chat);
      } finally {
        this.#busy.delete(channel.name);
      }
    }));
  }

  /** How many messages wait, and how long the first of them has. */
  async backlog(): Promise<{ readonly waiting: number; readonly sinceMs: number | undefined }> {
    const open = (await this.ports.deliveries.list()).filter(({ value }) => value.state === 'waiting' || value.state === 'sending');
    return { waiting: open.length, sinceMs: open.length === 0 ? undefined : Math.min(...open.map(({ value }) => Date.parse(value.since))) };
  }

  async #takeFor(notice: ChatNotice, channel: Channel): Promise<void> {
    const key = channel.keyOf(notice);
    for (let attempt = 0; attempt < ATTEMPTS_AT_CONFLICT; attempt += 1) {
      const present = await this.ports.deliveries.get(key);
      const next = this.#next(present?.value, notice, channel);
      if (!next || (await this.ports.deliveries.put(key, next, present?.revision ?? 0)).ok) return;
    }
    throw new Error(`the message ${key} keeps changing`);
  }

  #next(present: ChatDelivery | undefined, notice: ChatNotice, { name, showsLatest }: Channel): ChatDelivery | undefined {
    const nowMs = this.ports.nowMs();
    if (!present) return notice.status === 'pending' || notice.glass !== undefined || !showsLatest ? first(notice, name, nowMs) : undefined;
    if (!showsLatest || present.revision >= notice.revision) return undefined;
    const isNowhere = present.message === undefined && present.state === 'abandoned';
    return isNowhere ? undefined : renewed(present, notice, nowMs);
  }

  async #deliverDue(due: readonly Stored[], channel: Channel, chat: Chat): Promise<void> {
    for (const stored of due.toSorted((one, other) => one.value.revision - other.value.revision).slice(0, BATCH)) {
      const sent = await this.#deliver(stored, channel, chat);
      if (sent?.kind === 'failed' && !sent.isFinal) return;
    }
  }

  /** Undefined when someone else is at it. */
  async #deliver({ key, value, revision }: Stored, channel: Channel, chat: Chat): Promise<Sent | undefined> {
    const { notice } = value;
    if (!notice) return undefined;
    const next = begun(value, this.ports.nowMs());
    const claimed = await this.ports.deliveries.put(key, next, revision);
    if (!claimed.ok) return undefined;
    const doubtful = value.doubtful === true;
    const sent = await channel.deliver({ ...next, notice }, chat, doubtful);
    if (sent.kind === 'failed') this.ports.warn('a message could not be delivered', { channel: channel.name, grant: value.grant, attempts: next.attempts, reason: sent.detail });
    await this.#end(key, sent, { revision: value.revision, doubtful });
    return sent;
  }

  async #end(key: string, sent: Sent, attempt: { readonly revision: number; readonly doubtful: boolean }): Promise<void> {
    for (let tries = 0; tries < ATTEMPTS_AT_CONFLICT; tries += 1) {
      const present = await this.ports.deliveries.get(key);
      if (!present) return;
      const next = ended(present.value, sent, attempt, this.ports.nowMs());
      if (next.state === 'abandoned' && tries === 0) await this.#recordAbandoned(present.value, sent);
      if ((await this.ports.deliveries.put(key, next, present.revision)).ok) return;
    }
    throw new Error(`the message ${key} keeps changing`);
  }

  async #recordAbandoned({ grant, channel, attempts, notice }: ChatDelivery, sent: Sent): Promise<void> {
    const reason = sent.kind === 'failed' ? sent.detail : '';
    await this.ports.ledger.append([draft('notification.abandoned.v1', { grant, channel, about: notice?.status ?? 'pending', attempts, reason })]);
  }
}
