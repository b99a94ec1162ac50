import { backendTypes, decodeBackend, FrameReader, HEADER_BYTES, type BackendMessage, type TransactionStatus } from '@interlock/protocol-postgres';
import { POSTGRES_LIMITS } from './limits.js';
import type { Permitted, Upstream } from './upstream.js';

/** The target answered a probe with an error, or not at all: then its answer may still come, and the connection cannot be used any more. */
export class ProbeFailed extends Error {
  override readonly name = 'ProbeFailed';

  /** `code`: the SQLSTATE of its answer, where there was one. */
  constructor(message: string, readonly isAnswered: boolean, readonly code?: string) {
    super(message);
  }
}

/** What a target said to something, up to its being ready for more. */
export interface Conversed {
  /** Every message as it came but the last, and but what the target says unasked. */
  readonly messages: readonly Buffer[];
  /** SQLSTATE of the first error. */
  readonly error: string | undefined;
  readonly status: TransactionStatus;
}

export interface Conversing {
  /** How long it may take; as long as it likes where 0. */
  readonly timeoutMs?: number;
  /** Bytes of the answer. */
  readonly maxBytes?: number;
  /** Notices are part of the answer, for whoever is to read it. */
  readonly keepsNotices?: boolean;
  /** What the target says unasked meanwhile (notifications, parameters, notices). */
  readonly onAside?: (raw: Buffer) => void;
}

/**
 * Says something to a target and hears its answer whole, on a connection that no client uses at that moment. Whatever is said must end in
 * what the target answers with ReadyForQuery.
 *
 * @throws ProbeFailed when there is no whole answer.
 */
export function converse(upstream: Upstream, part: Permitted, { timeoutMs = POSTGRES_LIMITS.probeMs, maxBytes = POSTGRES_LIMITS.probeBytes, keepsNotices = false, onAside = () => undefined }: Conversing = {}): Promise<Conversed> {
  const { socket } = upstream;
  const answer = new Answer(maxBytes, keepsNotices ? UNASKED : ASIDES, onAside);
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.removeListener('data', onData);
      socket.removeListener('close', onClose);
      socket.pause();
      settle();
    };
    const fail = (why: string): void => end(() => reject(new ProbeFailed(why, false)));
    const onClose = (): void => fail('the target closed the connection');
    const onData = (chunk: Buffer): void => {
      const step = answer.take(chunk);
      if (step === 'broken') fail('the answer does not follow the protocol, or is too long');
      else if (step !== 'waiting') end(() => resolve(step));
    };
    const timer = timeoutMs === 0 ? undefined : setTimeout(() => fail('the target did not answer in time'), timeoutMs);
    socket.on('data', onData);
    socket.on('close', onClose);
    if (socket.destroyed) return onClose();
    upstream.forward(part);
    socket.resume();
  });
}

const [ERROR, READY] = [...'EZ'].map((letter) => letter.charCodeAt(0));
const ASIDES = new Set([...'ASN'].map((letter) => letter.charCodeAt(0)));
const UNASKED = new Set([...'AS'].map((letter) => letter.charCodeAt(0)));

class Answer {
  readonly #reader: FrameReader;
  readonly #kept: Buffer[] = [];
  #error: string | undefined;
  #bytes = 0;

  constructor(private readonly maxBytes: number, private readonly asides: ReadonlySet<number>, private readonly onAside: (raw: Buffer) => void) {
    this.#reader = new FrameReader(backendTypes(maxBytes), maxBytes);
  }

  take(chunk: Buffer): 'waiting' | 'broken' | Conversed {
    this.#bytes += chunk.length;
    if (this.#bytes > this.maxBytes) return 'broken';
    const reader = this.#reader;
    reader.push(chunk);
    for (let found = reader.next(); found !== 'more'; found = reader.next()) {
      if (found !== 'frame') return 'broken';
      const message = reader.buffer.subarray(reader.start, reader.end);
      if (reader.type === READY) return this.#whole(message);
      this.#hear(reader.type, message);
    }
    return 'waiting';
  }

  #whole(message: Buffer): 'broken' | Conversed {
    const ready = decodeMessage(message);
    return ready?.kind === 'readyForQuery' ? { messages: this.#kept, error: this.#error, status: ready.status } : 'broken';
  }

  #hear(type: number, message: Buffer): void {
    if (this.asides.has(type)) return this.onAside(Buffer.from(message));
    this.#kept.push(message);
    if (type !== ERROR) return;
    const decoded = decodeMessage(message);
    this.#error ??= decoded?.kind === 'errorResponse' ? decoded.fields.code : 'malformed';
  }
}

/** One whole message of a target; undefined where it is none. */
export function decodeMessage(message: Buffer): BackendMessage | undefined {
  const decoded = decodeBackend(message[0]!, message, HEADER_BYTES, message.length);
  return decoded.ok ? decoded.value : undefined;
}
