import { encodeFrontend, type FrontendMessage } from '@interlock/protocol-postgres';
import { describe, expect, it } from 'vitest';
import { POSTGRES_LIMITS } from './limits.js';
import { SegmentCollector, type ClientMessage } from './segment.js';

const one = (message: FrontendMessage): ClientMessage => ({ message, raw: encodeFrontend(message) });
const execute = one({ kind: 'execute', portal: '', maxRows: 0 });

function segments(...messages: readonly ClientMessage[]): string[] {
  const collector = new SegmentCollector();
  const found: string[] = [];
  for (const message of messages) {
    for (let complete = collector.add(message); complete; complete = complete.again ? collector.add(message) : undefined) {
      found.push(`${complete.segment.end}: ${complete.segment.messages.map(({ message: { kind } }) => kind).join(' ')}`);
    }
  }
  return found;
}

describe('segments', () => {
  it('end where an answer is asked for', () => {
    expect(segments(execute, execute, one({ kind: 'flush' }), execute, one({ kind: 'sync' }), one({ kind: 'query', text: 'x' }))).toEqual(['flush: execute execute flush', 'sync: execute sync', 'query: query']);
  });

  it('leave a simple query alone, and a function call too', () => {
    const call = one({ kind: 'functionCall', functionOid: 1, argumentFormats: [], arguments: [], resultFormat: 'text' });
    expect(segments(execute, one({ kind: 'query', text: 'x' }), execute, call)).toEqual(['cut: execute', 'query: query', 'cut: execute', 'query: functionCall']);
  });

  it('are cut when they grow too long', () => {
    expect(segments(...Array.from({ length: POSTGRES_LIMITS.segmentMessages + 1 }, () => execute), one({ kind: 'sync' })).map((found) => found.split(':')[0])).toEqual(['cut', 'sync']);
    const long = one({ kind: 'parse', statement: '', text: 'x'.repeat(POSTGRES_LIMITS.segmentBytes), parameterTypes: [] });
    expect(segments(long, one({ kind: 'sync' })).map((found) => found.split(':')[0])).toEqual(['cut', 'sync']);
  });
});
