import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from './bus.js';
import { readRun, type Run } from './read-run.js';
import { readOnce, readStored, type StoredMessage } from './stored-message.js';

/** A stream skips, repeats or lost a sequence: what was read before may not be its beginning any more. */
export class StreamDamaged extends Error {
  override readonly name = 'StreamDamaged';
}

/** Distance between two looks at the end of a stream: the shortest right after a message, twice as long each time nothing came. */
export interface Pace {
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** For who acts on every message. */
export const PROMPT: Pace = { shortestMs: 10, longestMs: 100 };
/** For who reads everything there is: what came in meanwhile is read together, at a fraction of the cost of each alone. */
export const TOGETHER: Pace = { shortestMs: 100, longestMs: 100 };

const LAST_MS = 5_000;
const READ_MS = 1_000;
/** Reads under way at once. */
const WINDOW = 32;
/** How long a hole or a loss must be seen before it is believed: a replica that lags shows the same for a moment. */
const DOUBT_MS = 1_000;

/** Sequence of the stream's newest message, 0 when it has none. @throws BusUnavailable */
export async function lastSequenceOf(bus: Bus, stream: string): Promise<number> {
  return (await readStored(bus, stream, { lastOn: '>' }, LAST_MS))?.sequence ?? 0;
}

/**
 * Hands over every message of a stream from `from` on, in order, one at a time, until `signal` aborts. It waits for the bus
 * as long as it takes.
 *
 * It reads by direct get instead of a consumer: a reader then has no right to make anything on the server, its place is
 * a number of its own, and nothing can hang silently, since every step is a question with an answer.
 *
 * @throws StreamDamaged when a sequence is missing, or the stream is shorter than what was read.
 */
export async function followStream(
  bus: Bus, stream: string, from: number, onMessage: (message: StoredMessage) => void | Promise<void>, signal: AbortSignal, pace: Pace = PROMPT,
): Promise<void> {
  let next = Math.max(1, from);
  let restMs = pace.shortestMs;
  let doubtedSinceMs: number | undefined;
  while (!signal.aborted) {
    const end = await readOnce(bus, stream, { lastOn: '>' }, READ_MS);
    if (end !== 'unanswered') {
      const last = end?.sequence ?? 0;
      const first = next;
      let isHole = false;
      while (next <= last && !signal.aborted) {
        const run: Run = end && next === last ? { messages: [end], isHole } : await readRun(bus, stream, next, Math.min(WINDOW, last - next + 1), READ_MS);
        for (const message of run.messages) {
          if (signal.aborted) return;
          if (message.sequence !== next) throw new StreamDamaged(`Stream ${stream} answered sequence ${message.sequence} for ${next}.`);
          await onMessage(message);
          next = message.sequence + 1;
        }
        ({ isHole } = run);
        if (run.messages.length === 0) break;
      }
      if (next > first) restMs = pace.shortestMs;
      if (last === next - 1 || next > first) doubtedSinceMs = undefined;
      else if ((isHole || last < next) && performance.now() - (doubtedSinceMs ??= performance.now()) >= DOUBT_MS) throw damage(stream, next, last);
    }
    await sleep(restMs, signal);
    restMs = Math.min(pace.longestMs, restMs * 2);
  }
}

function damage(stream: string, next: number, last: number): StreamDamaged {
  return new StreamDamaged(last < next
    ? `Stream ${stream} ends at sequence ${last}, but ${next - 1} was read before: it lost messages.`
    : `Stream ${stream} has no sequence ${next}, though it goes on to ${last}.`);
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
