import { noTracing, type Tracing } from './tracing.js';

/** Tracing for one service. The OpenTelemetry packages are loaded only when there is a collector to send to. */
export async function startTracing(options: {
  readonly service: string;
  readonly instance: string;
  readonly endpoint: string | undefined;
}): Promise<Tracing> {
  const { service, instance, endpoint } = options;
  if (!endpoint) return noTracing;
  const { otlpTracing } = await import('./otlp.js');
  return otlpTracing({ service, instance, endpoint });
}
