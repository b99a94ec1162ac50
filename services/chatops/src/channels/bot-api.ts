import type { Chat } from '@interlock/contracts';
import { networkOf, objectIn, Undeliverable, type Answer, type Letter } from '../sending/outbound.js';

type Teams = NonNullable<Chat['teams']>;

export interface BotApiPorts {
  send(letter: Letter): Promise<Answer>;
  /** What a secret file of this service holds; undefined where there is none. */
  secret(name: string): Promise<string | undefined>;
  nowMs(): number;
}

const SCOPE = 'https://api.botframework.com/.default';
/** A token is not used in its last minute. */
const REST_MS = 60_000;

/** The Bot Framework's connector, as this bot: its own token is had by its password, kept while it lasts, and sent to the configured service alone. */
export class BotApi {
  #token: { readonly value: string; readonly of: string; readonly untilMs: number } | undefined;

  constructor(private readonly ports: BotApiPorts) {}

  /** @throws Undeliverable, also when no token is to be had. */
  async call(teams: Teams, method: 'POST' | 'PUT', path: string, activity: object): Promise<Answer> {
    const url = `${teams.service.replace(/\/$/, '')}/v3/conversations/${encodeURIComponent(teams.conversation)}/activities${path}`;
    const token = await this.#tokenOf(teams);
    const answer = await this.ports.send({ url, method, network: networkOf(url), body: JSON.stringify(activity), headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } });
    if (answer.status === 401) this.#token = undefined;
    return answer;
  }

  async #tokenOf({ app, token: url }: Teams): Promise<string> {
    if (this.#token && this.#token.of === `${app} ${url}` && this.ports.nowMs() < this.#token.untilMs) return this.#token.value;
    const password = await this.ports.secret('teams-password');
    if (password === undefined) throw new Undeliverable('there is no password in teams-password', 'not sent');
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: app, client_secret: password, scope: SCOPE }).toString();
    const answer = await this.ports.send({ url, network: networkOf(url), body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
      .catch((fault: unknown) => { throw fault instanceof Undeliverable ? new Undeliverable(fault.message, 'not sent') : fault; });
    const { access_token: value, expires_in: seconds } = objectIn(answer.body);
    if (answer.status !== 200 || typeof value !== 'string' || typeof seconds !== 'number') throw new Undeliverable(`the bot's token cannot be had: ${answer.status}`, 'not sent');
    this.#token = { value, of: `${app} ${url}`, untilMs: this.ports.nowMs() + seconds * 1_000 - REST_MS };
    return value;
  }
}
