import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { Chat, type ApprovalRequest, type ChatDelivery, type Configuration, type GrantState, type RpcClient } from '@interlock/contracts';
import { accepted } from '@interlock/kernel';
import { FakeClock } from '@interlock/testkit';
import { ChatDesk } from '../../../services/approval/src/chat/chat-desk.js';
import { noticesAfter } from '../../../services/approval/src/chat/notices.js';
import { verifiedSlack } from '../../../services/approval/src/chat/verify-slack.js';
import { ApprovalDesk } from '../../../services/approval/src/desk.js';
import { Channels } from '../../../services/chatops/src/channels/channels.js';
import type { DoorPorts } from '../../../services/chatops/src/door/door.js';
import { slackPressed } from '../../../services/chatops/src/door/slack-door.js';
import { PostOffice } from '../../../services/chatops/src/sending/post-office.js';

/** Slack's published example has this signing secret. */
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const T0 = Date.UTC(2026, 0, 1);

const chat = Chat.parse({
  page: 'https://interlock.example/approvals', slack: { team: 'T1DC2JH3J', app: 'A1DC2JH3J', channel: 'C1DC2JH3J', users: [{ id: 'U2CERLKJA', principal: 'dba' }, { id: 'U2OWNER00', principal: 'owner-etl' }] },
});
const human = (name: string) => ({ name, kind: 'human' as const, issuer: 'demo', subject: name, roles: ['dba'], owners: [] });
const configuration: Configuration = {
  version: 1, targets: [], masking: { columns: [], content: [] }, chat,
  issuers: [{ name: 'demo', url: 'https://issuer.example', audience: 'interlock', algorithms: ['EdDSA'], clockSkewSeconds: 60 }],
  principals: [{ name: 'agent-etl', kind: 'agent', issuer: 'demo', subject: 'agent-etl', roles: [], owners: ['owner-etl'] }, human('dba'), human('owner-etl')],
  administration: { changes: ['dba'], secrets: ['dba'], audit: ['dba'], locks: ['dba'] },
};

const REQUEST: ApprovalRequest = {
  id: '7b0c5c1e-3c58-4a5e-9a52-0d6d5d2f8c10', session: 's', command: 'c', connector: 'connector-postgres', instance: '1', target: 'shop', actionDigest: 'a', grantDigest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  reasons: ['Deleting rows of the shop takes the agreement of a DBA.'], requester: { name: 'agent-etl', kind: 'agent', issuer: 'https://issuer.example', subject: 'agent-etl', roles: [], party: ['owner-etl'] },
  action: {
    protocol: 'postgres', verb: 'delete', text: "delete from orders where id = 7 and note = '<!channel> paid by 4111 1111 1111 1111'", parameters: [], facts: {}, context: {},
    accesses: [{ verb: 'delete', duty: 'delete', object: { kind: 'table', path: ['shop', 'public', 'orders'] } }],
  },
  ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['shop-delete-needs-dba'], ruleHash: 'h', windowSeconds: 900, accepts: ['slack'] },
  requestedAt: new Date(T0).toISOString(), expiresAt: new Date(T0 + 900_000).toISOString(),
};

/** What Interlock said to Slack, as a transcript has it. */
export type Call = (method: string, fields: string) => string;

/** Approval and chatops with everything between them real but the bus, and Slack as a transcript answers. */
export class SlackWorld {
  readonly clock = new FakeClock(T0);
  readonly #ledger = new MemoryLedger();
  readonly #grants = new MemoryAggregate<GrantState>();
  readonly #desk: ApprovalDesk;
  readonly #channels: Channels;
  readonly #office: PostOffice;
  readonly #door: DoorPorts;
  #whispers: Promise<void>[] = [];
  #told = 0;
  #recorded = 0;

  constructor(call: Call) {
    const { nowMs } = this.clock;
    this.#desk = new ApprovalDesk({ grants: this.#grants, ledger: this.#ledger, trust: { services: { 'connector-postgres': { signingKey: '', sealingKey: '' } } }, nowMs, configuration: () => configuration, checkSignature: async () => accepted({}) });
    const chatDesk = new ChatDesk({
      desk: this.#desk, ledger: this.#ledger, nowMs, keys: { openText: ({ box }) => accepted(box) }, control: { state: { bundle: { configuration }, locks: new Map(), access: new Map() } },
      verify: async (request, { chat: declared }) => {
        if (request.road !== 'slack') throw new Error('this is a transcript of Slack');
        return verifiedSlack(request, declared, SECRET, nowMs());
      },
    });
    this.#channels = new Channels({ nowMs, secret: async () => 'xoxb-test', send: async ({ url, body }) => ({ status: 200, retryAfterMs: undefined, body: call(url.slice('https://slack.com/api/'.length), body) }) });
    this.#office = new PostOffice({ deliveries: new MemoryAggregate<ChatDelivery>(), ledger: this.#ledger, nowMs, warn: () => undefined });
    this.#door = {
      chat: () => chat, nowMs, note: () => undefined, seal: (request) => ({ box: JSON.stringify(request), purpose: 'chat-request' }), rpc: { call: (_name: string, { sealed }: { sealed: { box: string; purpose: string } }) => chatDesk.decide(sealed) } as unknown as RpcClient,
      whisper: (slack, user, words) => {
        const whispered = this.#channels.slack.whisper(slack, user, words);
        this.#whispers.push(whispered);
        return whispered;
      },
    };
  }

  async ask(): Promise<void> {
    await this.#desk.request(REQUEST);
  }

  /** The connector uses the grant. */
  async run(): Promise<void> {
    const present = await this.#grants.get(REQUEST.id);
    await this.#grants.put(REQUEST.id, { ...present!.value, status: 'consumed' }, present!.revision);
  }

  async tell(): Promise<void> {
    const { notices, next } = noticesAfter(this.#told, await this.#grants.list(), this.clock.nowMs());
    for (const notice of notices) await this.#office.take(notice, this.#channels.of(chat));
    this.#told = next;
    await this.#office.turn(chat, this.#channels.of(chat));
  }

  async press(timestamp: string, signature: string, body: string): Promise<number> {
    const status = await slackPressed({ headers: { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature }, body }, this.#door);
    await Promise.all(this.#whispers.splice(0));
    return status;
  }

  /** Types of the events since the last time this was asked. */
  recorded(): string {
    const types = this.#ledger.events.slice(this.#recorded).map(({ type }) => type);
    this.#recorded = this.#ledger.events.length;
    return types.join(' ') || 'nothing';
  }

  async status(): Promise<string | undefined> {
    return (await this.#grants.get(REQUEST.id))?.value.status;
  }
}
