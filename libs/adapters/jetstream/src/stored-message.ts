import { setTimeout as pause } from 'node:timers/promises';
import type { Msg } from '@nats-io/nats-core';
import { BusUnavailable, type Bus } from './bus.js';
import { busRequest } from './bus-request.js';

/** A message as a stream holds it. */
export interface StoredMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Id its publisher gave it, empty when none. */
  readonly messageId: string;
  /** When the bus stored it, by the bus's clock, in milliseconds since the epoch. */
  readonly storedAtMs: number;
}

/** Which message of a stream: by sequence, the newest of a subject, or the first of a subject from a sequence on. */
export type Which =
  | { readonly sequence: number }
  | { readonly lastOn: string }
  | { readonly from: number; readonly on: string };

const ATTEMPT_MS = 1_000;
const RETRY_MS = 50;
const NOT_FOUND = 404;

/**
 * Reads one message by direct get (https://docs.nats.io/nats-concepts/jetstream, ADR-31 of nats-architecture-and-design):
 * undefined when there is none, `unanswered` when the bus did not say.
 */
export async function readOnce(bus: Bus, stream: string, which: Which, timeoutMs: number): Promise<StoredMessage | undefined | 'unanswered'> {
  const result = await busRequest(bus, ...requestFor(stream, which), timeoutMs);
  if (result.kind !== 'answered') return 'unanswered';
  return answerIn(result.message);
}

/** What the bus answered to a direct get. */
export function answerIn(message: Msg): StoredMessage | undefined | 'unanswered' {
  const code = message.headers?.code ?? 0;
  if (code === NOT_FOUND) return undefined;
  return code === 0 ? storedMessage(message) : 'unanswered';
}

/** The same, asked again until the bus answers. @throws BusUnavailable after `timeoutMs` */
export async function readStored(bus: Bus, stream: string, which: Which, timeoutMs: number): Promise<StoredMessage | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = deadline - performance.now();
    if (left <= 0) throw new BusUnavailable(`Stream ${stream} did not answer within ${timeoutMs} ms.`);
    if (await bus.whenConnected(left)) {
      const found = await readOnce(bus, stream, which, Math.min(ATTEMPT_MS, left));
      if (found !== 'unanswered') return found;
    }
    await pause(RETRY_MS);
  }
}

/** A service whose only right is its own subject reads by the subject form; who may read all of a stream uses the body. */
export function requestFor(stream: string, which: Which): [subject: string, payload: string] {
  const subject = `$JS.API.DIRECT.GET.${stream}`;
  if ('lastOn' in which) return [`${subject}.${which.lastOn}`, ''];
  if ('from' in which) return [subject, JSON.stringify({ seq: which.from, next_by_subj: which.on })];
  return [subject, JSON.stringify({ seq: which.sequence })];
}

function storedMessage(message: Msg): StoredMessage | 'unanswered' {
  const { headers, data: payload } = message;
  const sequence = Number(headers?.get('Nats-Sequence'));
  const subject = headers?.get('Nats-Subject') ?? '';
  const storedAtMs = Date.parse(headers?.get('Nats-Time-Stamp') ?? '');
  if (!Number.isSafeInteger(sequence) || sequence < 1 || subject === '') return 'unanswered';
  return { sequence, subject, payload, messageId: headers?.get('Nats-Msg-Id') ?? '', storedAtMs };
}
