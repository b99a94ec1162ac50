import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { RpcClient } from '@interlock/contracts';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createDoor, type DoorPorts } from './door.js';
import { tellChanges, type Changes } from './event-stream.js';
import { STREAMS_OF_ONE_MAX } from './events-route.js';

interface Asked { readonly after?: number; readonly waitMs: number }

let door: FastifyInstance;
afterEach(() => door?.close());

/** A door on a port of its own, in front of an approval service that the test speaks for. */
async function listen(answer: (asked: Asked) => Outcome<Changes> | Promise<Outcome<Changes>>) {
  const asked: Asked[] = [];
  const rpc = { call: async (_name: string, request: Asked) => (asked.push(request), answer(request)) } as unknown as RpcClient;
  door = createDoor({
    rpc, version: '0', configuration: () => ({}) as never, verify: async (token: string) => (token.startsWith('good') ? accepted({ issuer: 'i', subject: token }) : refused('token_expired', 'The token has expired.')),
    seal: (_service, purpose, text) => ({ box: text, purpose }), open: ({ box }) => ({ ok: true, value: Buffer.from(box) }), unready: async () => [], onFault: String,
  } satisfies DoorPorts);
  await door.listen({ host: '127.0.0.1', port: 0 });
  return { asked, port: (door.server.address() as AddressInfo).port };
}

async function open(port: number, headers: Record<string, string> = {}, token = 'good'): Promise<IncomingMessage> {
  const request = get({ host: '127.0.0.1', port, path: '/api/v1/approvals/events', headers: { authorization: `Bearer ${token}`, ...headers } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return response.setEncoding('utf8');
}

/** Reads until the text is there. */
async function until(response: IncomingMessage, wanted: string | RegExp): Promise<string> {
  let said = '';
  for await (const chunk of response.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    said += chunk;
    if (said.search(wanted) >= 0) return said;
  }
  throw new Error(`the stream ended without ${String(wanted)}: ${said}`);
}

const nothing = (next: number): Outcome<Changes> => accepted({ changes: [], next, fresh: false });
const fresh = (next: number): Outcome<Changes> => accepted({ changes: [], next, fresh: true });
const step = (at: number, id: string): Outcome<Changes> => accepted({ changes: [{ step: at, approval: { status: 'pending', votes: [], request: { id } } as never }], next: at, fresh: false });
const slowly = async (outcome: Outcome<Changes>) => { await new Promise((resolve) => setTimeout(resolve, 5)); return outcome; };

describe('events of approvals', () => {
  it('begin with where they begin, and tell each step with its id', async () => {
    const { port, asked } = await listen(({ after }) => (after === undefined ? fresh(7) : after === 7 ? step(9, 'g1') : slowly(nothing(9))));
    const response = await open(port);
    expect([response.statusCode, response.headers['content-type'], response.headers['cache-control']]).toEqual([200, 'text/event-stream; charset=utf-8', 'no-store']);
    const said = await until(response, /g1.*\n\n/);
    expect(said).toBe('retry: 2000\n\nevent: open\nid: 7\ndata: {}\n\nevent: approval\nid: 9\ndata: {"status":"pending","votes":[],"request":{"id":"g1"}}\n\n');
    expect(asked.slice(0, 2)).toMatchObject([{ waitMs: 0, token: { box: 'good', purpose: 'token' } }, { after: 7, waitMs: 1_000 }]);
    response.destroy();
  });

  it.each([['41', 41], ['x', undefined], ['-1', undefined]])('go on after Last-Event-ID %s', async (id, after) => {
    const { port, asked } = await listen(() => refused('locked', 'You are locked.'));
    await open(port, { 'last-event-id': id });
    expect(asked[0]!.after).toBe(after);
  });

  it('are refused like any other request before they begin', async () => {
    const { port } = await listen(() => refused('human_required', 'Only a person.'));
    expect([(await open(port)).statusCode, (await open(port, {}, 'bad')).statusCode]).toEqual([403, 401]);
  });

  it('say why they end, and end', async () => {
    let isLocked = false;
    const { port } = await listen(({ after }) => (after === undefined ? fresh(1) : isLocked ? refused('locked', 'You are locked.', { hint: 'Ask security.' }) : slowly(nothing(1))));
    const response = await open(port);
    await until(response, 'event: open');
    isLocked = true;
    expect(await until(response, /\n\n/)).toBe('event: end\ndata: {"reason":"locked","detail":"You are locked.","hint":"Ask security."}\n\n');
    await once(response, 'end');
  });

  it('stay while the service behind is away for a moment', async () => {
    let away = 2;
    const { port } = await listen(({ after }) => (after === undefined ? fresh(1) : away-- > 0 ? refused('unavailable', 'no answer', { retryable: true }) : step(2, 'g2')));
    const response = await open(port);
    expect(await until(response, 'g2')).not.toContain('event: end');
    response.destroy();
  });

  it('are not asked for once nobody listens, and give their place back', async () => {
    const { port, asked } = await listen(({ after }) => (after === undefined ? fresh(1) : slowly(nothing(1))));
    const all = await Promise.all(Array.from({ length: STREAMS_OF_ONE_MAX }, () => open(port)));
    const more = await open(port);
    expect([more.statusCode, JSON.parse((await until(more, '}'))).detail]).toEqual([503, `You have ${STREAMS_OF_ONE_MAX} streams open.`]);
    expect((await open(port, {}, 'good2')).statusCode).toBe(200);
    for (const one of all) one.destroy();
    await expect.poll(async () => (await open(port)).statusCode).toBe(200);
    expect(asked.length).toBeGreaterThan(STREAMS_OF_ONE_MAX);
  });

  it('end when the door closes', async () => {
    const { port } = await listen(({ after }) => (after === undefined ? fresh(1) : slowly(nothing(1))));
    const response = await open(port);
    await until(response, 'event: open');
    const ended = once(response.resume(), 'end');
    await door.close();
    await ended;
  });
});

describe('a stream', () => {
  const pace = { waitMs: 1, heartbeatMs: 0, drainMs: 50, awayMs: 20 };

  it('tells a silent reader that it lives', async () => {
    const said = await written(async () => slowly(nothing(1)), 3);
    expect(said).toContain(': still here\n\n');
  });

  it('lets go of a reader that takes nothing, without asking for more', async () => {
    let asked = 0;
    const response = fakeResponse(false);
    await tellChanges(response as never, (step(1, 'g') as { value: Changes }).value, async () => (asked += 1, nothing(1)), new AbortController().signal, pace);
    expect([asked, response.destroyed]).toEqual([0, true]);
  });

  it('ends when the service behind stays away', async () => {
    const said = await written(async () => refused('unavailable', 'no answer', { retryable: true }), Infinity);
    expect(said).toMatch(/event: end\ndata: {"reason":"unavailable"/);
  });

  async function written(ask: () => Promise<Outcome<Changes>>, questions: number): Promise<string> {
    const response = fakeResponse(true);
    let asked = 0;
    const ends = new AbortController();
    await tellChanges(response as never, (fresh(1) as { value: Changes }).value, async () => { if ((asked += 1) >= questions) ends.abort(); return ask(); }, ends.signal, pace);
    return response.said;
  }
});

/** What the stream needs of a response; `takes` says whether its buffer has room. */
function fakeResponse(takes: boolean) {
  return Object.assign(new EventEmitter(), {
    said: '', closed: false, destroyed: false, writeHead: () => undefined,
    write(text: string) { this.said += text; return takes; },
    end(text = '') { this.said += text; this.closed = true; },
    destroy() { this.destroyed = true; },
  });
}
