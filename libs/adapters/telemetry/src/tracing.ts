/** Where a trace context travels: NATS headers, HTTP headers, or anything with names and texts. */
export interface HeaderCarrier {
  get(name: string): string | undefined | null;
  set(name: string, value: string): void;
}

/** A place in a trace, as another process or the caller handed it over. Opaque to everyone but its maker. */
export interface TraceParent {
  readonly traceparent: string;
}

/**
 * Names of spans and their attributes are identifiers: session, command, target, sequence. Command text, tokens and
 * values have no place here, and an attribute with another name is left out.
 */
export const ATTRIBUTE_NAMES = [
  'service', 'instance', 'rpc', 'session', 'exchange', 'command', 'connector', 'target', 'principal', 'grant', 'change', 'lock',
  'protocol', 'verb', 'outcome', 'reason', 'sequence', 'events', 'bytes', 'view', 'bundle', 'type',
] as const;
export type AttributeName = (typeof ATTRIBUTE_NAMES)[number];
export type SpanAttributes = Readonly<Partial<Record<AttributeName, string | number | boolean>>>;

/** A span that is told of when it is over. */
export interface ToldSpan {
  /** The session or command that it belongs to. */
  readonly of: string;
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** By {@link Tracing.nowMs}. */
  readonly fromMs: number;
  readonly toMs: number;
  /** It is all of it: the span under which the others of its trace lie. There is one. */
  readonly isRoot?: boolean;
  /** A session or command whose trace it points to. */
  readonly linkedTo?: string;
}

/**
 * Traces of the road of one command.
 *
 * A session and a command each have a trace of their own, whose ids follow from their name alone. So whoever meets the name, in
 * whatever process and however much later, tells of its part in the same trace, and nothing has to carry a context there.
 *
 * Contract: `span` runs `fn` once and gives back what it gives back, with or without tracing; a thrown fault marks the
 * span by the error's name alone. Spans opened inside `fn`, also asynchronously, are its children. `inject` writes the
 * place of the running span into headers, `extract` reads one that another process wrote; a malformed one is none.
 */
export interface Tracing {
  readonly enabled: boolean;
  span<T>(name: string, attributes: SpanAttributes, fn: () => Promise<T>, parent?: TraceParent): Promise<T>;
  inject(headers: HeaderCarrier): void;
  extract(headers: HeaderCarrier): TraceParent | undefined;
  /** The place of the root span of a session's or command's trace. */
  placeOf(subject: string): TraceParent | undefined;
  /** Notes a span after the fact. It never throws. */
  tell(span: ToldSpan): void;
  /** Milliseconds since the epoch, with fractions; 0 when tracing is off. */
  nowMs(): number;
  /** Sends what is waiting, within a few seconds. */
  close(): Promise<void>;
}

/** Tracing switched off: calls `fn` and nothing else. */
export const noTracing: Tracing = {
  enabled: false,
  span: (_name, _attributes, fn) => fn(),
  inject: () => undefined,
  extract: () => undefined,
  placeOf: () => undefined,
  tell: () => undefined,
  nowMs: () => 0,
  close: () => Promise.resolve(),
};
