import type { FrontendMessage } from '@interlock/protocol-postgres';
import { POSTGRES_LIMITS } from './limits.js';

/** One message of a client, with the very bytes it came in. */
export interface ClientMessage {
  readonly message: FrontendMessage;
  readonly raw: Buffer;
}

/**
 * Messages that are decided together and recorded in one append. `cut`: more of the same pipeline follows, so the answer
 * is awaited before it is looked at.
 */
export interface Segment {
  readonly messages: readonly ClientMessage[];
  readonly end: 'query' | 'sync' | 'flush' | 'cut';
}

/** Collects a client's messages until something asks for an answer. Query and FunctionCall ask by themselves, and stand alone. */
export class SegmentCollector {
  #messages: ClientMessage[] = [];
  #bytes = 0;

  /** The segment that this message completes; `again` when the message has to be offered once more, after that segment. */
  add(one: ClientMessage): { readonly segment: Segment; readonly again: boolean } | undefined {
    const kind = one.message.kind === 'functionCall' ? 'query' : one.message.kind;
    if (kind === 'query' && this.#messages.length > 0) return { segment: this.#take('cut'), again: true };
    this.#messages.push(one);
    this.#bytes += one.raw.length;
    if (kind === 'query' || kind === 'sync' || kind === 'flush') return { segment: this.#take(kind), again: false };
    const full = this.#messages.length >= POSTGRES_LIMITS.segmentMessages || this.#bytes >= POSTGRES_LIMITS.segmentBytes;
    return full ? { segment: this.#take('cut'), again: false } : undefined;
  }

  #take(end: Segment['end']): Segment {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return { messages, end };
  }
}
