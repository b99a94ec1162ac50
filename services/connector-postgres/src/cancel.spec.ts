import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CancelBook } from './cancel.js';

describe('a cancel key', () => {
  it('stops its own session, and no other key does, whether or not their backends share a process id', () => {
    const cancelled: string[] = [];
    const book = new CancelBook(randomBytes);
    const add = (name: string, processId: number, minorVersion: number) => book.add({ cancel: () => cancelled.push(name) }, processId, minorVersion);
    const [old, newer, other] = [add('old', 7, 0), add('newer', 7, 2), add('other', 8, 2)];
    expect([old.key.length, newer.key.length, old.processId, newer.processId]).toEqual([4, 32, 7, 7]);
    book.request(8, newer.key);
    book.request(7, other.key);
    book.request(7, newer.key.subarray(0, 4));
    book.request(12_345, old.key);
    expect(cancelled).toEqual([]);
    book.request(7, Buffer.from(newer.key));
    book.request(7, Buffer.from(old.key));
    expect(cancelled).toEqual(['newer', 'old']);
    book.remove(old);
    book.request(7, old.key);
    book.request(7, newer.key);
    expect(cancelled).toEqual(['newer', 'old', 'newer']);
  });

  it('is no other session\'s, even when chance repeats itself', () => {
    const cancelled: string[] = [];
    const drawn = [1, 1, 2].map((byte) => Buffer.alloc(4, byte));
    const book = new CancelBook(() => drawn.shift()!);
    const [, second] = ['first', 'second'].map((name) => book.add({ cancel: () => cancelled.push(name) }, 7, 0));
    book.request(7, second!.key);
    expect(cancelled).toEqual(['second']);
  });
});
