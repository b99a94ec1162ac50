import type { Chat } from '@interlock/contracts';
import type { Answer, Letter } from '../sending/outbound.js';
import type { Channel } from './channel.js';
import { BotApi } from './bot-api.js';
import { SlackApi } from './slack-api.js';
import { SlackChannel } from './slack-channel.js';
import { TeamsChannel } from './teams-channel.js';
import { WebhookChannel } from './webhook-channel.js';

export interface ChannelPorts {
  send(letter: Letter): Promise<Answer>;
  /** What a secret file of this service holds; undefined where there is none. */
  secret(name: string): Promise<string | undefined>;
  nowMs(): number;
}

/** The roads that a configuration names. */
export class Channels {
  readonly slack: SlackChannel;
  readonly #teams: TeamsChannel;
  readonly #webhooks = new Map<string, WebhookChannel>();

  constructor(private readonly ports: ChannelPorts) {
    this.slack = new SlackChannel(new SlackApi(ports.send, () => ports.secret('slack-token')));
    this.#teams = new TeamsChannel(new BotApi(ports));
  }

  of({ slack, teams, webhooks }: Chat): readonly Channel[] {
    return [...(slack ? [this.slack] : []), ...(teams ? [this.#teams] : []), ...webhooks.map(({ name }) => this.#webhook(name))];
  }

  #webhook(name: string): WebhookChannel {
    const known = this.#webhooks.get(name) ?? new WebhookChannel(name, this.ports);
    this.#webhooks.set(name, known);
    return known;
  }
}
