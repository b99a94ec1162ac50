import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';

interface Block {
  readonly block_id: string;
  readonly text?: { readonly text: string };
  readonly elements?: readonly { readonly action_id?: string; readonly value?: string; readonly text?: unknown }[];
}

/** A message as it stands in the channel. */
export interface Posted {
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly metadata?: object;
}

export interface Delivered {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** As much of Slack as Interlock speaks to, and a place that takes webhooks, on this machine. */
export interface Slack {
  readonly url: string;
  readonly channel: Map<string, Posted>;
  readonly whispers: string[];
  readonly webhooks: Delivered[];
  /** What the interactivity address is sent when `user` presses a button of the message. */
  press(message: Posted, action: 'approve' | 'deny', user: string): string;
  close(): Promise<void>;
}

const WORKSPACE = { team: 'T012AB3CD', app: 'A012AB3CD', channel: 'C012AB3CD' };

export async function startSlack(): Promise<Slack> {
  const channel = new Map<string, Posted>();
  const whispers: string[] = [];
  const webhooks: Delivered[] = [];
  const methods: Record<string, (fields: Posted & { readonly user: string }) => object> = {
    'chat.postMessage': (message) => {
      const ts = `17.${channel.size + 1}`;
      channel.set(ts, { ...message, ts });
      return { ts };
    },
    'chat.update': (message) => (channel.set(message.ts, message), {}),
    'chat.postEphemeral': ({ user, text }) => (whispers.push(`${user}: ${text}`), {}),
    'conversations.history': () => ({ messages: [...channel.values()] }),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const method = methods[(request.url ?? '').replace('/api/', '')];
      if (!method) webhooks.push({ headers: request.headers, body });
      response.end(JSON.stringify(method ? { ok: true, ...method(JSON.parse(body) as Posted & { user: string }) } : {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`, channel, whispers, webhooks, press,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

function press(message: Posted, action: 'approve' | 'deny', user: string): string {
  const pressed = message.blocks.flatMap(({ elements = [] }) => elements).find(({ action_id }) => action_id === `interlock.${action}`);
  if (!pressed) throw new Error(`the message has no button ${action}`);
  return `payload=${encodeURIComponent(JSON.stringify({
    type: 'block_actions', user: { id: user, team_id: WORKSPACE.team }, api_app_id: WORKSPACE.app, team: { id: WORKSPACE.team }, channel: { id: WORKSPACE.channel },
    message: { type: 'message', ...message }, actions: [{ type: 'button', ...pressed }],
  }))}`;
}

/** Sends it as Slack does, at `seconds` since the epoch. */
export async function knock(port: number, secret: string, body: string, seconds = Math.floor(Date.now() / 1_000)): Promise<number> {
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')}`;
  return (await fetch(`http://127.0.0.1:${port}/slack/interactions`, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-request-timestamp': String(seconds), 'x-slack-signature': signature } })).status;
}
