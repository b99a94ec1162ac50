import { describe, expect, it } from 'vitest';
import { LineIndex } from './line-index.js';

/** Ids at the offsets where the index says their lines begin. */
function indexed(count: number) {
  const index = new LineIndex();
  const lines: string[] = [];
  const set = (id: string) => index.set(id, lines.push(id) - 1, (offset) => lines[offset] === id);
  for (let at = 0; at < count; at += 1) set(`id-${at}`);
  return { set, find: (id: string) => index.find(id, (offset) => lines[offset] === id) };
}

describe('the index of lines', () => {
  it('finds every id of many, and no other; also ids that agree in their hash', () => {
    const { find } = indexed(200_000);
    for (let at = 0; at < 200_000; at += 1) expect(find(`id-${at}`)).toBe(at);
    for (let at = 200_000; at < 210_000; at += 1) expect(find(`id-${at}`)).toBeUndefined();
  });

  it('holds the newest line of an id', () => {
    const { set, find } = indexed(10);
    set('id-3');
    expect([find('id-3'), find('id-4')]).toEqual([10, 4]);
  });
});
