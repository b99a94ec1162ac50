import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CancelBook } from './cancel.js';

describe('a cancel key', () => {
  it('stops its own session, and no other key does', () => {
    const cancelled: string[] = [];
    const book = new CancelBook(randomBytes);
    const [old, newer] = [book.add({ cancel: () => cancelled.push('old') }, 0), book.add({ cancel: () => cancelled.push('newer') }, 2)];
    expect([old.key.length, newer.key.length]).toEqual([4, 32]);
    expect(old.processId).not.toBe(newer.processId);
    book.request(old.processId, newer.key);
    book.request(newer.processId, old.key);
    book.request(newer.processId, newer.key.subarray(0, 4));
    book.request(12_345, old.key);
    expect(cancelled).toEqual([]);
    book.request(newer.processId, Buffer.from(newer.key));
    book.request(old.processId, Buffer.from(old.key));
    expect(cancelled).toEqual(['newer', 'old']);
    book.remove(old);
    book.request(old.processId, old.key);
    expect(cancelled).toHaveLength(2);
  });
});
