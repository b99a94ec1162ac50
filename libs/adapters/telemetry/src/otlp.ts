import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanStatusCode, trace, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
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

/** Where finished spans go. */
export interface SpanSink {
  tracer(name: string): Tracer;
  /** Sends what waits, within a named time, and lets go. */
  close(): Promise<void>;
}

/** The SDK registers itself for its whole process, so the services of one process share one; the last to close ends it. */
let shared: { readonly sdk: NodeSDK; users: number } | undefined;

export function otlpTracing(options: OtlpOptions): Tracing {
  shared ??= { sdk: startedSdk(options.endpoint), users: 0 };
  shared.users += 1;
  return tracingOver(options, { tracer: (name) => trace.getTracer(name), close: closeShared });
}

function startedSdk(endpoint: string): NodeSDK {
  const sdk = new NodeSDK({ serviceName: 'interlock', traceExporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }), instrumentations: [] });
  sdk.start();
  return sdk;
}

async function closeShared(): Promise<void> {
  if (!shared || --shared.users > 0) return;
  const { sdk } = shared;
  shared = undefined;
  await Promise.race([sdk.shutdown().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
}

/** Tracing of one service: its spans carry its name as their scope, and its current span is its own. */
export function tracingOver({ service }: Pick<OtlpOptions, 'service'>, sink: SpanSink): Tracing {
  const tracer = sink.tracer(`interlock-${service}`);
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
    close: () => sink.close(),
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
