import { createInbox } from '@nats-io/nats-core';
import type { Bus } from './bus.js';
import { answerIn, requestFor, type StoredMessage } from './stored-message.js';

/** Consecutive messages of a stream. */
export interface Run {
  readonly messages: readonly StoredMessage[];
  /** The bus said that it does not have the next one; a bus that said nothing proves nothing. */
  readonly isHole: boolean;
}

type Answer = StoredMessage | undefined | 'unanswered';

/** Messages from `first` on, `count` at most, up to the first that the bus does not have or did not answer. */
export async function readRun(bus: Bus, stream: string, first: number, count: number, timeoutMs: number): Promise<Run> {
  const messages: StoredMessage[] = [];
  for (const answer of await askTogether(bus, stream, first, count, timeoutMs)) {
    if (answer === undefined || answer === 'unanswered') return { messages, isHole: answer === undefined };
    messages.push(answer);
  }
  return { messages, isHole: false };
}

/**
 * The answers to many direct gets. One subscription and one timer serve them all: a request of its own for each
 * message costs half as much again, and a reader of the ledger reads every message there is.
 */
async function askTogether(bus: Bus, stream: string, first: number, count: number, timeoutMs: number): Promise<readonly Answer[]> {
  const answers = Array.from({ length: count }, (): Answer => 'unanswered');
  if (!bus.connected) return answers;
  const { connection } = bus;
  const inbox = createInbox();
  await new Promise<void>((resolve) => {
    const open = new Set(answers.keys());
    const subscription = connection.subscribe(`${inbox}.*`, { callback: (_fault, message) => {
      const at = Number(message.subject.slice(inbox.length + 1));
      if (open.delete(at)) answers[at] = answerIn(message);
      if (open.size === 0) end();
    } });
    const timer = setTimeout(() => end(), timeoutMs);
    const stopListening = bus.onConnectedChange((connected) => {
      if (!connected) end();
    });
    const end = (): void => {
      clearTimeout(timer);
      stopListening();
      subscription.unsubscribe();
      resolve();
    };
    for (const at of answers.keys()) {
      const [subject, payload] = requestFor(stream, { sequence: first + at });
      connection.publish(subject, payload, { reply: `${inbox}.${at}` });
    }
  });
  return answers;
}
