import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, LOGGER, type Logger } from '@interlock/nest';
import type { ChatopsSettings } from '../settings.js';
import type { DoorPorts, Knock, Reply } from './door.js';
import { slackPressed } from './slack-door.js';
import { teamsPressed } from './teams-door.js';

export const DOOR_PORTS = Symbol('DOOR_PORTS');

const BODY_BYTES = 64 * 1024;
const REQUEST_MS = 10_000;
const CONNECTIONS_MAX = 200;
/** Handed on at once: each costs approval a check of a signature. */
const AT_WORK_MAX = 16;

const ROUTES: Readonly<Record<string, (knock: Knock, ports: DoorPorts) => Promise<Reply>>> = {
  '/slack/interactions': async (knock, ports) => ({ status: await slackPressed(knock, ports) }),
  '/teams/messages': teamsPressed,
};

/** Where chats bring answers: a door of its own, so that it can be opened to the world without opening anything else. */
@Injectable()
export class DoorListener implements OnApplicationBootstrap, OnApplicationShutdown {
  #server: Server | undefined;
  #atWork = 0;

  constructor(@Inject(DOOR_PORTS) private readonly ports: DoorPorts, @Inject(CONFIG) private readonly settings: ChatopsSettings, @Inject(LOGGER) private readonly logger: Logger) {}

  async onApplicationBootstrap(): Promise<void> {
    const { INTERLOCK_CHATOPS_PORT: port, INTERLOCK_CHATOPS_HOST: host = '127.0.0.1' } = this.settings;
    if (port === undefined) return;
    const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => void this.#serve(request, response));
    server.maxConnections = CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    this.#server = server;
    this.logger.info('the door for chats is open', { address: server.address() });
  }

  async onApplicationShutdown(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  /** The port it listens on; undefined when it does not. */
  get port(): number | undefined {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#answer(request).catch((fault: unknown): Reply => {
      this.logger.error('a request to the door for chats failed', { fault: String(fault) });
      return { status: 500 };
    });
    response.writeHead(status, { 'cache-control': 'no-store', ...(status >= 400 && { connection: 'close' }), ...(body && { 'content-type': 'application/json' }) }).end(body && JSON.stringify(body));
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const route = Object.hasOwn(ROUTES, request.url ?? '') ? ROUTES[request.url!] : undefined;
    if (!route) return { status: 404 };
    if (request.method !== 'POST') return { status: 405 };
    if (this.#atWork >= AT_WORK_MAX) return { status: 503 };
    this.#atWork += 1;
    try {
      const body = await bodyOf(request);
      return body === undefined ? { status: 413 } : await route({ headers: request.headers, body }, this.ports);
    } finally {
      this.#atWork -= 1;
    }
  }
}

/** Undefined when it is too long, whatever it declared. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
