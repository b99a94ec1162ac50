import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { piecesOf } from './batch-pieces.js';

const batches = [100, 900 * 1024, 10, 600 * 1024, 1].map((length, index) => ({ epoch: '1', sequence: index + 1, subject: 'ledger.x.1', bytes: randomBytes(length) }));
const ledger = { read: (sequence: number) => Promise.resolve(batches[sequence - 1]) };

describe('pieces of the ledger', () => {
  it('put together are its batches, and each page fits a message of the bus', async () => {
    const whole: Buffer[] = [];
    let begun: Buffer = Buffer.alloc(0);
    for (let after = 0; after < batches.length;) {
      const pieces = await piecesOf(ledger, after, begun.length);
      expect(JSON.stringify(pieces).length).toBeLessThan(1024 * 1024);
      expect(pieces.length).toBeGreaterThan(0);
      for (const { sequence, ofBytes, bytes } of pieces) {
        begun = Buffer.concat([begun, Buffer.from(bytes, 'base64')]);
        if (begun.length < ofBytes) break;
        whole.push(begun);
        begun = Buffer.alloc(0);
        after = sequence;
      }
    }
    expect(whole.map((one, index) => one.equals(batches[index]!.bytes))).toEqual(batches.map(() => true));
  });

  it('end with the ledger', async () => expect(await piecesOf(ledger, batches.length, 0)).toEqual([]));
});
