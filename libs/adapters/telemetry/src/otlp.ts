import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanStatusCode, trace, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { formatTraceParent, readTraceParent, spanContextOf, TRACEPARENT } from './traceparent.js';
import { ATTRIBUTE_NAMES, type SpanAttributes, type TraceParent, type Tracing } from './tracing.js';

/** An identifier is short and has no blanks; anything else might be text that a trace must not hold. */
const IDENTIFIER = /^[\w.:/@*-]{0,128}$/;
const CLOSE_MS = 3_000;

export interface OtlpOptions {
  readonly service: string;
  readonly instance: string;
  /** Base address of the collector; spans go to `<endpoint>/v1/traces`. */
  readonly endpoint: string;
}

export function otlpTracing(options: OtlpOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces` });
  return tracingOver(options, new BatchSpanProcessor({ exporter }));
}

/**
 * Tracing that belongs to one service. Nothing is registered globally: several services of one process keep their own
 * provider, resource and current span.
 */
export function tracingOver(options: Pick<OtlpOptions, 'service' | 'instance'>, processor: SpanProcessor): Tracing {
  const resource = resourceFromAttributes({ 'service.name': `interlock-${options.service}`, 'service.instance.id': options.instance });
  const provider = new TracerProvider({ resource, spanProcessors: [processor] });
  const tracer = provider.getTracer('interlock');
  const current = new AsyncLocalStorage<Context>();
  return {
    enabled: true,
    span: (name, attributes, fn, parent) => {
      const context = contextOf(parent) ?? current.getStore() ?? ROOT_CONTEXT;
      const span = start(tracer, name, attributes, context);
      return current.run(trace.setSpan(context, span), () => finishing(span, fn));
    },
    inject: (headers) => {
      const span = trace.getSpan(current.getStore() ?? ROOT_CONTEXT);
      if (span) headers.set(TRACEPARENT, formatTraceParent(span.spanContext()));
    },
    extract: (headers) => readTraceParent(headers.get(TRACEPARENT)),
    close: () => provider.forceFlush({ timeoutMillis: CLOSE_MS }).then(() => provider.shutdown(), () => undefined),
  };
}

function contextOf(parent: TraceParent | undefined): Context | undefined {
  const span = spanContextOf(parent?.traceparent);
  return span && trace.setSpanContext(ROOT_CONTEXT, span);
}

function start(tracer: Tracer, name: string, attributes: SpanAttributes, context: Context): Span {
  const kept: Record<string, string | number | boolean> = {};
  for (const attribute of ATTRIBUTE_NAMES) {
    const value = attributes[attribute];
    if (value === undefined || (typeof value === 'string' && !IDENTIFIER.test(value))) continue;
    kept[`interlock.${attribute}`] = value;
  }
  return tracer.startSpan(name, { attributes: kept }, context);
}

/** Messages of faults may quote anything, so only the kind of the fault is kept. */
async function finishing<T>(span: Span, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (fault) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: fault instanceof Error ? fault.name : 'fault' });
    throw fault;
  } finally {
    span.end();
  }
}
