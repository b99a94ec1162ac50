import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { tracingOver } from './otlp.js';
import { GivenIds } from './places.js';
import { startTracing } from './start-tracing.js';
import { readTraceParent } from './traceparent.js';
import { noTracing, type SpanAttributes } from './tracing.js';

function recorded() {
  const exporter = new InMemorySpanExporter();
  const ids = new GivenIds();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })], idGenerator: ids });
  return { exporter, tracing: tracingOver({ service: 'demo' }, { tracer: (name) => provider.getTracer(name), ids, close: () => provider.shutdown() }) };
}

function carrier() {
  const headers = new Map<string, string>();
  return { headers, get: (name: string) => headers.get(name), set: (name: string, value: string) => void headers.set(name, value) };
}

describe('tracing', () => {
  it('is a bare call when there is no collector', async () => {
    const tracing = await startTracing({ service: 'demo', instance: '1', endpoint: undefined });
    expect(tracing).toBe(noTracing);
    expect(await tracing.span('x', {}, () => Promise.resolve(7))).toBe(7);
  });

  it('joins the spans of two services over headers', async () => {
    const caller = recorded();
    const callee = recorded();
    const headers = carrier();
    await caller.tracing.span('ask', { rpc: 'identity.whoami' }, async () => {
      await Promise.resolve();
      caller.tracing.inject(headers);
    });
    await callee.tracing.span('answer', {}, () => callee.tracing.span('inner', {}, () => Promise.resolve()), callee.tracing.extract(headers));
    const [ask] = caller.exporter.getFinishedSpans();
    const [inner, answer] = callee.exporter.getFinishedSpans();
    expect(answer!.spanContext().traceId).toBe(ask!.spanContext().traceId);
    expect(answer!.parentSpanContext?.spanId).toBe(ask!.spanContext().spanId);
    expect(inner!.parentSpanContext?.spanId).toBe(answer!.spanContext().spanId);
  });

  it('keeps identifiers and leaves out anything else', async () => {
    const { exporter, tracing } = recorded();
    const attributes = { session: 's-1', target: 'select * from customers', text: 'drop table x', sequence: 4 } as SpanAttributes;
    await tracing.span('run', attributes, () => Promise.resolve());
    expect(exporter.getFinishedSpans()[0]!.attributes).toEqual({ 'interlock.session': 's-1', 'interlock.sequence': 4 });
  });

  it('tells in two processes of one command, under one root, with a link to its session', () => {
    const [connector, recorder] = [recorded(), recorded()];
    const ended = { name: 'command', attributes: { outcome: 'completed' }, fromMs: 1_700_000_000_000, toMs: 1_700_000_000_009.5 };
    recorder.tracing.tell({ of: 's-1.1.7', name: 'seal', attributes: { sequence: 4 }, fromMs: 1_700_000_000_004, toMs: 1_700_000_000_005 });
    connector.tracing.tell({ ...ended, of: 's-1.1.7', isRoot: true, linkedTo: 's-1' });
    const [[seal], [root]] = [recorder.exporter.getFinishedSpans(), connector.exporter.getFinishedSpans()];
    expect(seal!.parentSpanContext).toMatchObject({ traceId: root!.spanContext().traceId, spanId: root!.spanContext().spanId });
    expect(root!.parentSpanContext).toBeUndefined();
    expect(connector.tracing.placeOf('s-1')!.traceparent).toContain(root!.links[0]!.context.traceId);
    expect(root!.links[0]!.context.traceId).not.toBe(root!.spanContext().traceId);
    expect([root!.startTime, root!.duration]).toEqual([[1_700_000_000, 0], [0, 9_500_000]]);
  });

  it('gives every other span ids of its own', async () => {
    const { exporter, tracing } = recorded();
    tracing.tell({ of: 'c', name: 'root', attributes: {}, fromMs: 1_700_000_000_000, toMs: 1_700_000_000_001, isRoot: true });
    await tracing.span('a', {}, () => Promise.resolve());
    await tracing.span('b', {}, () => Promise.resolve());
    expect(new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId)).size).toBe(3);
  });

  it('names a fault by its kind and throws it on', async () => {
    const { exporter, tracing } = recorded();
    await expect(tracing.span('run', {}, () => Promise.reject(new RangeError('password hunter2')))).rejects.toThrow('hunter2');
    const [span] = exporter.getFinishedSpans();
    expect(span!.status.message).toBe('RangeError');
    expect(JSON.stringify([span!.status, span!.events, span!.attributes])).not.toContain('hunter2');
  });

  it.each([
    '', 'x', '00-' + '0'.repeat(32) + '-b7ad6b7169203331-01', '00-0af7651916cd43dd8448eb211c80319c-' + '0'.repeat(16) + '-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
  ])('takes the header %j for none', (text) => expect(readTraceParent(text)).toBeUndefined());

  it('sends to a collector over HTTP', async () => {
    const received: string[] = [];
    const server = createServer((request, response) => {
      received.push(request.url ?? '');
      request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const tracing = await startTracing({ service: 'demo', instance: '1', endpoint });
    await tracing.span('run', {}, () => Promise.resolve());
    await tracing.close();
    server.close();
    expect(received).toEqual(['/v1/traces']);
  });
});
