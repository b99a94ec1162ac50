import { busRequest, headersOf } from './bus-request.js';
import { readOnce, type StoredMessage, type Which } from './stored-message.js';
import type { Bus } from './bus.js';

/** What one attempt to append came to. */
export type Attempt =
  /** Stored once, under this sequence. */
  | { readonly kind: 'stored'; readonly sequence: number }
  /** Not stored, and the subject is not at the expected sequence. `settled`: it is certain that it never was stored. */
  | { readonly kind: 'conflict'; readonly found: StoredMessage | undefined; readonly settled: boolean }
  /** The bus says no. `settled` as above. */
  | { readonly kind: 'refused'; readonly detail: string; readonly settled: boolean }
  /** Nobody knows yet; ask again. */
  | { readonly kind: 'unknown' };

export interface ExactMessage {
  readonly stream: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Unguessable and new for every append: it tells this message from an equal one of someone else. */
  readonly messageId: string;
  /** Where this message lies if it was stored, given the sequence it expected. */
  readonly readBack: (expected: number) => Which;
}

interface PublishAnswer {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

/** "wrong last sequence" (nats-server, server/errors.json). */
const WRONG_LAST_SEQUENCE = 10_071;

/**
 * Appends one message exactly once, by compare-and-set on its subject's last sequence.
 *
 * A time-out, `duplicate` and "wrong last sequence" mean the same: perhaps it is there. Each is settled in one way: read
 * back, compare id and bytes, decide. (After a lost answer, 2.10 servers say duplicate and 2.15 ones wrong sequence.)
 */
export class ExactAppend {
  readonly #bus: Bus;
  readonly #message: ExactMessage;
  /** An attempt went out whose fate is not known. */
  #doubtful = false;

  constructor(bus: Bus, message: ExactMessage) {
    this.#bus = bus;
    this.#message = message;
  }

  /** True until it is certain that the message was not stored. */
  get doubtful(): boolean {
    return this.#doubtful;
  }

  /** @param expected last sequence of the subject, 0 for none. */
  async attempt(expected: number, timeoutMs: number): Promise<Attempt> {
    if (this.#doubtful) {
      const settled = await this.#settle(expected, timeoutMs);
      if (settled) return settled;
    }
    return this.#publish(expected, timeoutMs);
  }

  async #publish(expected: number, timeoutMs: number): Promise<Attempt> {
    const { subject, payload, messageId } = this.#message;
    const more = headersOf({ 'Nats-Msg-Id': messageId, 'Nats-Expected-Last-Subject-Sequence': String(expected) });
    const result = await busRequest(this.#bus, subject, payload, timeoutMs, more);
    if (result.kind === 'unserved') return { kind: 'refused', detail: 'no stream takes this subject now', settled: !this.#doubtful };
    if (result.kind === 'unanswered') {
      this.#doubtful = true;
      return { kind: 'unknown' };
    }
    return this.#judge(publishAnswer(result.message.data), expected, timeoutMs);
  }

  async #judge(answer: PublishAnswer, expected: number, timeoutMs: number): Promise<Attempt> {
    if (!answer.error && answer.seq !== undefined && !answer.duplicate) return { kind: 'stored', sequence: answer.seq };
    if (answer.error && answer.error.err_code !== WRONG_LAST_SEQUENCE) {
      return { kind: 'refused', detail: answer.error.description ?? 'an error without a description', settled: !this.#doubtful };
    }
    if (answer.duplicate) this.#doubtful = true;
    const settled = await this.#settle(expected, timeoutMs);
    if (settled) return settled;
    return answer.error && !this.#doubtful ? { kind: 'conflict', found: undefined, settled: true } : { kind: 'unknown' };
  }

  /** Undefined: it is not there, and the subject still is where it was expected. */
  async #settle(expected: number, timeoutMs: number): Promise<Attempt | undefined> {
    const { stream, readBack } = this.#message;
    const place = readBack(expected);
    const found = await readOnce(this.#bus, stream, place, timeoutMs);
    if (found === 'unanswered') return { kind: 'unknown' };
    if (found && this.#isMine(found)) return { kind: 'stored', sequence: found.sequence };
    const moved = 'from' in place ? found !== undefined : (found?.sequence ?? 0) !== expected;
    return moved ? { kind: 'conflict', found, settled: !this.#doubtful } : undefined;
  }

  /** Equal bytes alone do not tell: two who put the same state at once must not both hear yes. */
  #isMine(found: StoredMessage): boolean {
    return found.messageId === this.#message.messageId && Buffer.compare(found.payload, this.#message.payload) === 0;
  }
}

function publishAnswer(bytes: Uint8Array): PublishAnswer {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as PublishAnswer;
  } catch {
    return { error: { description: 'an answer that is not JSON' } };
  }
}
