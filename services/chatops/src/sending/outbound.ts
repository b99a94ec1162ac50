import { lookup as systemLookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** One request to a destination of the configuration. */
export interface Letter {
  readonly url: string;
  readonly method?: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `public`: the name must not lead into a private network or to this machine. */
  readonly network: 'public' | 'private';
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** What the destination asked for, where it did. */
  readonly retryAfterMs: number | undefined;
}

/** It was not sent, or no answer came. `fate`: whether it may have arrived. */
export class Undeliverable extends Error {
  override readonly name = 'Undeliverable';

  constructor(message: string, readonly fate: 'not sent' | 'unknown') {
    super(message);
  }
}

/** From name to last byte of the answer. */
const EXCHANGE_MS = 10_000;
const ANSWER_BYTES = 256 * 1024;
const RETRY_AFTER_MAX_MS = 3_600_000;

const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const) PRIVATE.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [['::', 127], ['64:ff9b::', 96], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8]] as const) PRIVATE.addSubnet(network, bits, 'ipv6');

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Where an address of a chat may lead: into this machine where it names it, as for tests and proxies beside us, and to the public else. */
export function networkOf(url: string): Letter['network'] {
  return LOOPBACK.test(new URL(url).hostname) ? 'private' : 'public';
}

/** The object that an answer is; one of nothing where it is none. */
export function objectIn(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Whether an address belongs to a private network, this machine, or nobody in particular. */
export function isPrivate(address: string): boolean {
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Sends one letter and reads the answer. A redirect is an answer like any other and is not followed: the configuration names who hears of
 * approvals, not whoever it names.
 *
 * @param closing ends what is under way, as one that may have arrived.
 * @throws Undeliverable
 */
export async function send({ url, method = 'POST', headers, body, network }: Letter, closing: AbortSignal): Promise<Answer> {
  const { protocol, hostname } = new URL(url);
  const address = hostname.replace(/^\[|\]$/g, '');
  if (network === 'public' && isIP(address) !== 0 && isPrivate(address)) throw new Undeliverable('the destination is a private address', 'not sent');
  const start = protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise<Answer>((resolve, reject) => {
    const late = AbortSignal.timeout(EXCHANGE_MS);
    let connected = false;
    const request = start(url, {
      method, signal: AbortSignal.any([late, closing]), agent: false, lookup: network === 'public' ? publicLookup : systemLookup,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)), 'user-agent': 'interlock-chatops' },
    });
    request.on('socket', (socket) => socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => (connected = true)));
    request.on('error', (fault) => reject(undeliverable(fault, late.aborted, connected)));
    request.on('response', (response) => readAnswer(response).then(resolve, (fault: Error) => reject(undeliverable(fault, late.aborted, true))));
    request.end(body);
  });
}

/** Names are looked up for the very connection that is then made, so that a name cannot lead elsewhere a moment later. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (fault, addresses) => {
    if (fault) return callback(fault, '');
    if (addresses.some(({ address }) => isPrivate(address))) return callback(new Undeliverable('the name of the destination leads to a private address', 'not sent'), '');
    return options.all ? callback(null, addresses) : callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) throw new Error(`the answer has more than ${ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  const seconds = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8'),
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1_000, RETRY_AFTER_MAX_MS) : undefined,
  };
}

function undeliverable(fault: Error & { readonly code?: string }, late: boolean, connected: boolean): Undeliverable {
  if (fault instanceof Undeliverable) return fault;
  const what = late ? `no answer within ${EXCHANGE_MS / 1_000} s` : (fault.code ?? fault.message);
  return new Undeliverable(`the destination cannot be reached: ${what}`, connected ? 'unknown' : 'not sent');
}

/** Sends while the service runs, and lets nothing of it hold up the end. */
@Injectable()
export class Outbound implements OnApplicationShutdown {
  readonly #closing = new AbortController();

  readonly send = (letter: Letter): Promise<Answer> => send(letter, this.#closing.signal);

  onApplicationShutdown(): void {
    this.#closing.abort();
  }
}
