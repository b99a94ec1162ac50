import { TraceFlags, type SpanContext } from '@opentelemetry/api';
import type { TraceParent } from './tracing.js';

/** Header of W3C Trace Context, https://www.w3.org/TR/trace-context/ section 3.2. */
export const TRACEPARENT = 'traceparent';

/** Version, trace id, parent id, flags. Later versions may append fields, which are not read; version ff is forbidden. */
const FORM = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const LENGTH_MAX = 256;

export function formatTraceParent(span: SpanContext): string {
  return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')}`;
}

/** The place that a header names, or undefined when it is not one. */
export function readTraceParent(text: string | undefined | null): TraceParent | undefined {
  return spanContextOf(text) ? { traceparent: text! } : undefined;
}

export function spanContextOf(text: string | undefined | null): SpanContext | undefined {
  const match = text && text.length <= LENGTH_MAX ? FORM.exec(text) : null;
  if (!match || (match[1] === '00' && match[5] !== undefined)) return undefined;
  return { traceId: match[2]!, spanId: match[3]!, traceFlags: Number.parseInt(match[4]!, 16) & TraceFlags.SAMPLED, isRemote: true };
}
