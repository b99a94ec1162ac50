import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from './bus.js';
import { readOnce, readStored, type StoredMessage } from './stored-message.js';

/** A stream skips, repeats or lost a sequence: what was read before may not be its beginning any more. */
export class StreamDamaged extends Error {
  override readonly name = 'StreamDamaged';
}

const LAST_MS = 5_000;
const READ_MS = 1_000;
/** Reads under way at once while a reader catches up. */
const WINDOW = 32;
/** Distance between two looks at the end of the stream: short after a message, longer while nothing comes. */
const IDLE_MS_MIN = 10;
const IDLE_MS_MAX = 100;
/** Distance between two checks that the stream did not become shorter. */
const LENGTH_CHECK_MS = 1_000;

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
export async function followStream(bus: Bus, stream: string, from: number, onMessage: (message: StoredMessage) => void | Promise<void>, signal: AbortSignal): Promise<void> {
  let next = Math.max(1, from);
  let window = 1;
  let idleMs = IDLE_MS_MIN;
  let checkAtMs = performance.now() + LENGTH_CHECK_MS;
  while (!signal.aborted) {
    const found = await readRun(bus, stream, next, window);
    for (const message of found.messages) {
      if (signal.aborted) return;
      await onMessage(message);
      next = message.sequence + 1;
    }
    window = found.ended ? 1 : Math.min(WINDOW, window * 2);
    if (found.messages.length > 0) idleMs = IDLE_MS_MIN;
    if (!found.ended) continue;
    if (performance.now() >= checkAtMs) {
      await requireLength(bus, stream, next, signal);
      checkAtMs = performance.now() + LENGTH_CHECK_MS;
    }
    await sleep(idleMs, signal);
    idleMs = Math.min(IDLE_MS_MAX, idleMs * 2);
  }
}

/** Consecutive messages from `first` on; `ended` when the stream has no more now, or the bus did not answer. */
async function readRun(bus: Bus, stream: string, first: number, count: number): Promise<{ readonly messages: readonly StoredMessage[]; readonly ended: boolean }> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => readOnce(bus, stream, { sequence: first + index }, READ_MS)));
  const messages: StoredMessage[] = [];
  for (const answer of answers) {
    if (answer === undefined || answer === 'unanswered') break;
    if (answer.sequence !== first + messages.length) throw new StreamDamaged(`Stream ${stream} answered sequence ${answer.sequence} for ${first + messages.length}.`);
    messages.push(answer);
  }
  return { messages, ended: messages.length < count };
}

/** At the end of a stream its last message is the one before `next`: later ones would mean a hole, an earlier one a loss. */
async function requireLength(bus: Bus, stream: string, next: number, signal: AbortSignal): Promise<void> {
  const last = await readOnce(bus, stream, { lastOn: '>' }, READ_MS);
  if (last === 'unanswered' || signal.aborted) return;
  const length = last?.sequence ?? 0;
  if (length < next - 1) throw new StreamDamaged(`Stream ${stream} ends at sequence ${length}, but ${next - 1} was read before: it lost messages.`);
  if (length < next) return;
  const again = await readOnce(bus, stream, { sequence: next }, READ_MS);
  if (again === undefined) throw new StreamDamaged(`Stream ${stream} has no sequence ${next}, though it goes on to ${length}.`);
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
