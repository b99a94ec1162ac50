import type { GrantState, RpcName, RpcResponse } from '@interlock/contracts';

/** An answer other than success, in the API's own words. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(readonly reason: string, detail: string, readonly hint?: string) {
    super(detail);
  }
}

interface Problem {
  readonly reason?: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** The REST API with one person's token, which lives in this object and nowhere else: a reload forgets it. */
export class Api {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  get<N extends RpcName>(path: string): Promise<RpcResponse<N>> {
    return this.#ask<N>('GET', path);
  }

  post<N extends RpcName>(path: string, body: object): Promise<RpcResponse<N>> {
    return this.#ask<N>('POST', path, body);
  }

  delete<N extends RpcName>(path: string): Promise<RpcResponse<N>> {
    return this.#ask<N>('DELETE', path);
  }

  /** Events of approvals until `signal` aborts; comes back by itself after a break. Ends with the refusal that ended the stream. */
  async follow(onOpen: () => void, onApproval: (approval: GrantState) => void, signal: AbortSignal): Promise<Refused | undefined> {
    for (let last = ''; !signal.aborted; await pause(COME_BACK_MS)) {
      try {
        const response = await fetch('/api/v1/approvals/events', { headers: { authorization: `Bearer ${this.#token}`, ...(last && { 'last-event-id': last }) }, signal });
        if (response.status !== 503 && !response.ok) return refusedBy(response.status, (await response.json()) as Problem);
        for await (const { event, id, data } of eventsIn(response.body!)) {
          if (event === 'end') return refusedBy(0, JSON.parse(data) as Problem);
          last = id || last;
          if (event === 'open') onOpen();
          if (event === 'approval') onApproval(JSON.parse(data) as GrantState);
        }
      } catch {
        // The network's own faults: asked again, as a browser does with its own event streams.
      }
    }
    return undefined;
  }

  async #ask<N extends RpcName>(method: string, path: string, body?: object): Promise<RpcResponse<N>> {
    const response = await fetch(`/api/v1${path}`, {
      method, headers: { authorization: `Bearer ${this.#token}`, ...(body && { 'content-type': 'application/json' }) }, ...(body && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw refusedBy(response.status, answer as Problem);
    return answer as RpcResponse<N>;
  }
}

const COME_BACK_MS = 2_000;

function refusedBy(status: number, { reason, detail, hint }: Problem): Refused {
  return new Refused(status === 401 ? 'unauthenticated' : (reason ?? 'unknown'), detail ?? `The answer was ${status}.`, hint);
}

interface ServerEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** The events of a stream as our own server writes them: one data line each. */
export async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const frames = (rest + decoder.decode(read.value, { stream: true })).split('\n\n');
      rest = frames.pop()!;
      yield* frames.map(eventOf).filter(({ event }) => event !== '');
    }
  } finally {
    await reader.cancel();
  }
}

function eventOf(frame: string): ServerEvent {
  const lines = frame.split('\n');
  const field = (name: string): string => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  return { event: field('event'), id: field('id'), data: field('data') };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
