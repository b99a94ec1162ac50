import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { onDisk, partAtATime } from '../../spec/disk.js';
import { BatchIndex } from './batch-index.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'batches-'))));
afterEach(() => rm(folder, { recursive: true }));

describe('the index of batches', () => {
  it('is whole on a disk that takes a part at a time', async () => {
    onTestFinished(await onDisk(partAtATime));
    const index = await BatchIndex.open(join(folder, 'batches'), 0);
    await index.write([0, 3, 4]);
    index.advance(3);
    await index.close();
    const again = await BatchIndex.open(join(folder, 'batches'), 3);
    expect(await Promise.all([2, 3, 5].map((leaf) => again.find(leaf)))).toEqual([{ sequence: 1, position: 2 }, { sequence: 2, position: 0 }, { sequence: 3, position: 1 }]);
    await again.close();
  });
});
