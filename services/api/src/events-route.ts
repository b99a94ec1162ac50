import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { RpcClient, SealedBox } from '@interlock/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STREAM_PACE, tellChanges, type StreamPace } from './event-stream.js';

/** Streams open at once, and of one person. The service behind keeps a place for each. */
export const STREAMS_MAX = 32;
export const STREAMS_OF_ONE_MAX = 4;

/** Whoever reads, once the door has let the request in. */
export interface StreamReader {
  /** Issuer and subject of the token. */
  readonly owner: string;
  readonly token: SealedBox;
}

export interface EventsRoute {
  readonly rpc: RpcClient;
  readonly onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | void>;
  readerOf(request: FastifyRequest): StreamReader;
  send(reply: FastifyReply, outcome: Outcome<unknown>): FastifyReply;
  readonly headers: Readonly<Record<string, string>>;
  readonly pace?: StreamPace;
}

export const EVENTS_PATH = '/api/v1/approvals/events';

/** `GET /api/v1/approvals/events`. What is refused at once is an ordinary answer; afterwards the stream tells why it ends. */
export function serveEvents(door: FastifyInstance, { rpc, onRequest, readerOf, send, headers, pace = STREAM_PACE }: EventsRoute): void {
  const open = new Map<symbol, string>();
  const ends = new AbortController();
  door.addHook('preClose', async () => ends.abort());
  door.get(EVENTS_PATH, { onRequest }, async (request, reply) => {
    const { owner, token } = readerOf(request);
    const room = roomFor(owner, [...open.values()]);
    if (!room.ok) return send(reply, room);
    const stream = Symbol('stream');
    open.set(stream, owner);
    try {
      const ask = (after: number | undefined, waitMs: number) => rpc.call('approval.changes', { token, ...(after !== undefined && { after }), waitMs });
      const first = await ask(lastEventId(request), 0);
      if (!first.ok) return send(reply, first);
      reply.hijack();
      for (const [name, value] of Object.entries(headers)) reply.raw.setHeader(name, value);
      await tellChanges(reply.raw, first.value, ask, ends.signal, pace);
    } finally {
      open.delete(stream);
    }
  });
}

function roomFor(owner: string, owners: readonly string[]): Outcome<true> {
  const own = owners.filter((other) => other === owner).length;
  if (own < STREAMS_OF_ONE_MAX && owners.length < STREAMS_MAX) return accepted(true);
  return refused('busy', own < STREAMS_OF_ONE_MAX ? `${STREAMS_MAX} streams are open.` : `You have ${STREAMS_OF_ONE_MAX} streams open.`, { retryable: true, hint: 'Close one, or ask GET /approvals from time to time.' });
}

/** What the client heard last; anything that is no id of ours begins anew. */
function lastEventId(request: FastifyRequest): number | undefined {
  const id = request.headers['last-event-id'];
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}
