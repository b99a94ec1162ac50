import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RpcResponse } from '@interlock/contracts';
import type { Outcome, Refusal } from '@interlock/kernel';

export type Changes = RpcResponse<'approval.changes'>;

/** Asks what happened since `after`; waits up to `waitMs` for it. Each asking has the reader's token judged anew. */
export type AskForChanges = (after: number | undefined, waitMs: number) => Promise<Outcome<Changes>>;

export interface StreamPace {
  /** How long one question waits at the service: a lock or the end of the token is seen within it. */
  readonly waitMs: number;
  /** A comment after this much silence tells both ends, and what lies between, that the stream lives. */
  readonly heartbeatMs: number;
  /** A reader that takes nothing for so long is let go of. */
  readonly drainMs: number;
  /** How long the service behind may be away. */
  readonly awayMs: number;
}

export const STREAM_PACE: StreamPace = { waitMs: 1_000, heartbeatMs: 10_000, drainMs: 30_000, awayMs: 10_000 };

const RETRY_MS = 250;
/** How soon a client shall come back (the `retry` field). */
const COME_BACK_MS = 2_000;

/**
 * Server-sent events (WHATWG HTML, 9.2) of approvals, until the reader leaves, `ends` aborts, or the reader may no longer read:
 *
 *     open      where the stream begins; load the list now. The id goes on from here.
 *     approval  one approval as it is now; of several steps at once only the last is told.
 *     end       why the stream ends: the refusal that any other request would get.
 *
 * Nothing is asked for while the reader has not taken what was sent, so a slow reader costs one answer and no more.
 */
export async function tellChanges(response: ServerResponse, first: Changes, ask: AskForChanges, ends: AbortSignal, pace: StreamPace = STREAM_PACE): Promise<void> {
  const reader = new Reader(response, pace);
  reader.begin();
  let changes = first;
  let awaySinceMs: number | undefined;
  while (await reader.take(changes)) {
    const { next } = changes;
    for (;;) {
      if (ends.aborted || reader.left) return reader.end();
      const answer = await ask(next, pace.waitMs);
      if (answer.ok) {
        [changes, awaySinceMs] = [answer.value, undefined];
        break;
      }
      const isAway = answer.refusal.retryable === true && performance.now() - (awaySinceMs ??= performance.now()) < pace.awayMs;
      if (!isAway) return reader.end(answer.refusal);
      await sleep(RETRY_MS);
    }
  }
}

class Reader {
  readonly #response: ServerResponse;
  readonly #pace: StreamPace;
  #saidMs = performance.now();

  constructor(response: ServerResponse, pace: StreamPace) {
    this.#response = response;
    this.#pace = pace;
  }

  get left(): boolean {
    return this.#response.closed || this.#response.destroyed;
  }

  /** The connection ends with the stream: kept alive, it would keep a closing door open. */
  begin(): void {
    this.#response.writeHead(200, { connection: 'close', 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    this.#response.write(`retry: ${COME_BACK_MS}\n\n`);
  }

  /** False once the reader is gone, or has taken nothing for too long. */
  async take({ changes, next, fresh }: Changes): Promise<boolean> {
    const events = fresh ? [frame('open', {}, next)] : changes.map(({ step, approval }) => frame('approval', approval, step));
    if (events.length > 0) return this.#say(events.join(''));
    const isDue = performance.now() - this.#saidMs >= this.#pace.heartbeatMs;
    return isDue ? this.#say(': still here\n\n') : !this.left;
  }

  end(refusal?: Refusal): void {
    this.#response.end(refusal && frame('end', refusal));
  }

  async #say(text: string): Promise<boolean> {
    if (this.left) return false;
    this.#saidMs = performance.now();
    if (this.#response.write(text)) return true;
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(this.#pace.drainMs)]);
    await Promise.race([once(this.#response, 'drain', { signal }), once(this.#response, 'close', { signal })]).catch(() => this.#response.destroy()).finally(() => over.abort());
    return !this.left;
  }
}

/** JSON has no line breaks of its own, so one data line holds it. */
function frame(event: string, data: unknown, id?: number): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
