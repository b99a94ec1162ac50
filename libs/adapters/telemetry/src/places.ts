import { createHash, randomBytes } from 'node:crypto';
import { TraceFlags, type SpanContext } from '@opentelemetry/api';

const TRACE_HEX = 32;
const SPAN_HEX = 16;

/** Where the root span of a session's or command's trace is: its ids follow from the name, so every process finds the same. */
export function placeOf(subject: string): SpanContext {
  const hash = createHash('sha256').update(`interlock-trace/v1\n${subject}`).digest('hex');
  return { traceId: hash.slice(0, TRACE_HEX), spanId: hash.slice(TRACE_HEX, TRACE_HEX + SPAN_HEX), traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

/** Ids of new spans: random, but for the span whose place is given. */
export class GivenIds {
  #given: SpanContext | undefined;

  /** `start` starts one span, which gets these ids. */
  giving<T>(place: SpanContext, start: () => T): T {
    this.#given = place;
    try {
      return start();
    } finally {
      this.#given = undefined;
    }
  }

  generateTraceId(): string {
    return this.#given?.traceId ?? randomBytes(TRACE_HEX / 2).toString('hex');
  }

  generateSpanId(): string {
    return this.#given?.spanId ?? randomBytes(SPAN_HEX / 2).toString('hex');
  }
}
