import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as OTLP/HTTP carries it in JSON, with the service that told it. */
export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly links: readonly { readonly traceId: string }[];
  /** Nanoseconds since the epoch. */
  readonly from: bigint;
  readonly to: bigint;
}

interface Told {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly Raw[] }[] }[];
}
interface Raw {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly { readonly key: string; readonly value: Readonly<Record<string, string | number>> }[];
  readonly links?: readonly { readonly traceId: string }[];
}

/** An OpenTelemetry collector that keeps everything it is sent. */
export class Collector {
  readonly bodies: string[] = [];
  readonly spans: CollectedSpan[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const server = createServer();
    const collector = new Collector(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        collector.#take(Buffer.concat(chunks).toString());
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Every span of a trace so far. */
  trace(traceId: string): CollectedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  #take(body: string): void {
    this.bodies.push(body);
    for (const { scopeSpans } of (JSON.parse(body) as Told).resourceSpans) {
      for (const { scope, spans } of scopeSpans) this.spans.push(...spans.map((span) => collected(scope.name, span)));
    }
  }
}

function collected(service: string, { attributes = [], links = [], startTimeUnixNano, endTimeUnixNano, ...span }: Raw): CollectedSpan {
  return {
    ...span, service, links, from: BigInt(startTimeUnixNano), to: BigInt(endTimeUnixNano),
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])])),
  };
}
