export { startTracing } from './start-tracing.js';
export { ATTRIBUTE_NAMES, noTracing, type AttributeName, type HeaderCarrier, type SpanAttributes, type ToldSpan, type TraceParent, type Tracing } from './tracing.js';
