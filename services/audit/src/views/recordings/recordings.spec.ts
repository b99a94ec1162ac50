import { describe, expect, it } from 'vitest';
import { chunk } from '../../../spec/events.js';
import { rowsAfter } from '../../../spec/memory-view.js';
import { recordings } from './evolve.js';

describe('the view of recordings', () => {
  it('holds where each chunk lies, once', () => {
    const rows = rowsAfter(recordings, [chunk('x1', 0), chunk('x1', 1), chunk('x1', 1), chunk('x2', 0)]);
    expect([...rows.keys()]).toEqual(['x1/0', 'x1/1', 'x2/0']);
    expect(rows.get('x1/1')).toMatchObject({ session: 's1', exchange: 'x1', index: 1, firstByte: 100, bytes: 100, streamSequence: 2, messageOffset: 0, keyId: 'k', keyOffset: 100 });
  });

  it('has no row for what can no longer be read', () => expect(rowsAfter(recordings, [chunk('x1', 0, { erased: true })]).size).toBe(0));
});
