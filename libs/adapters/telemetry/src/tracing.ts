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
  'protocol', 'verb', 'outcome', 'reason', 'sequence', 'events', 'bytes', 'view', 'bundle',
] as const;
export type AttributeName = (typeof ATTRIBUTE_NAMES)[number];
export type SpanAttributes = Readonly<Partial<Record<AttributeName, string | number | boolean>>>;

/**
 * Traces of the road of one command.
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
  /** Sends what is waiting, within a few seconds. */
  close(): Promise<void>;
}

/** Tracing switched off: calls `fn` and nothing else. */
export const noTracing: Tracing = {
  enabled: false,
  span: (_name, _attributes, fn) => fn(),
  inject: () => undefined,
  extract: () => undefined,
  close: () => Promise.resolve(),
};
