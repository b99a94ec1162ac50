import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanStatusCode, trace, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { GivenIds, placeOf } from './places.js';
import { formatTraceParent, readTraceParent, spanContextOf, TRACEPARENT } from './traceparent.js';
import { ATTRIBUTE_NAMES, type SpanAttributes, type ToldSpan, type TraceParent, type Tracing } from './tracing.js';

/** An identifier is short and has no blanks; anything else might be text that a trace must not hold. */
const IDENTIFIER = /^[\w.:/@*-]{0,128}$/;
const CLOSE_MS = 3_000;

export interface OtlpOptions {
  readonly service: string;
  readonly instance: string;
  /** Base address of the collector; spans go to `<endpoint>/v1/traces`. */
  readonly endpoint: string;
}

/** How far the steady clock may be from the wall's before it is set by it: that was stepped, or the machine slept. */
const APART_MS = 50;
let offsetMs = Date.now() - performance.now();

/** The wall's time with the steady clock's fractions, the same for every span of this process. */
function nowMs(): number {
  const apart = Date.now() - performance.now() - offsetMs;
  if (Math.abs(apart) > APART_MS) offsetMs += apart;
  return performance.now() + offsetMs;
}

/** Where finished spans go. */
export interface SpanSink {
  tracer(name: string): Tracer;
  /** Where its tracers take the ids of new spans from. */
  readonly ids: GivenIds;
  /** Sends what waits, within a named time, and lets go. */
  close(): Promise<void>;
}

/** The SDK registers itself for its whole process, so the services of one process share one; the last to close ends it. */
let shared: { readonly sdk: NodeSDK; readonly ids: GivenIds; users: number } | undefined;

export function otlpTracing(options: OtlpOptions): Tracing {
  shared ??= { ...startedSdk(options.endpoint), users: 0 };
  shared.users += 1;
  return tracingOver(options, { tracer: (name) => trace.getTracer(name), ids: shared.ids, close: closeShared });
}

function startedSdk(endpoint: string): { readonly sdk: NodeSDK; readonly ids: GivenIds } {
  const ids = new GivenIds();
  const sdk = new NodeSDK({ serviceName: 'interlock', traceExporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }), instrumentations: [], idGenerator: ids });
  sdk.start();
  return { sdk, ids };
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
    placeOf: (subject) => ({ traceparent: formatTraceParent(placeOf(subject)) }),
    tell: (span) => tell(tracer, sink.ids, span),
    nowMs,
    close: () => sink.close(),
  };
}

function contextOf(parent: TraceParent | undefined): Context | undefined {
  const span = spanContextOf(parent?.traceparent);
  return span && trace.setSpanContext(ROOT_CONTEXT, span);
}

function tell(tracer: Tracer, ids: GivenIds, { of, name, attributes, fromMs, toMs, isRoot, linkedTo }: ToldSpan): void {
  const place = placeOf(of);
  const options = { startTime: fromMs, attributes: identifiers(attributes), links: linkedTo === undefined ? [] : [{ context: placeOf(linkedTo) }] };
  const span = isRoot ? ids.giving(place, () => tracer.startSpan(name, { ...options, root: true }, ROOT_CONTEXT)) : tracer.startSpan(name, options, trace.setSpanContext(ROOT_CONTEXT, place));
  span.end(toMs);
}

function start(tracer: Tracer, name: string, attributes: SpanAttributes, context: Context): Span {
  return tracer.startSpan(name, { startTime: nowMs(), attributes: identifiers(attributes) }, context);
}

function identifiers(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const attribute of ATTRIBUTE_NAMES) {
    const value = attributes[attribute];
    if (value === undefined || (typeof value === 'string' && !IDENTIFIER.test(value))) continue;
    kept[`interlock.${attribute}`] = value;
  }
  return kept;
}

/** Messages of faults may quote anything, so only the kind of the fault is kept. */
async function finishing<T>(span: Span, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (fault) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: fault instanceof Error ? fault.name : 'fault' });
    throw fault;
  } finally {
    span.end(nowMs());
  }
}
