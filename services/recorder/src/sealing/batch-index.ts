import type { FileHandle } from 'node:fs/promises';
import { LogDamaged } from '@interlock/adapter-tile-log';
import { openDurable, writeWhole } from '../durable-file.js';

/** Where a leaf lies in the ledger. */
export interface LeafPlace {
  readonly sequence: number;
  /** Position in the batch, from 0. */
  readonly position: number;
}

const RECORD_BYTES = 8;

/**
 * First leaf of every batch of the ledger, by sequence: one 64-bit number each, in one file. Records beyond the sealed
 * position are left from a crash and are written again.
 */
export class BatchIndex {
  /** Batches that can be looked up: the sealed ones, and those that a checkpoint under way will cover. */
  private written: number;

  private constructor(private readonly file: FileHandle, private batches: number) {
    this.written = batches;
  }

  /** @param batches sealed so far. */
  static async open(path: string, batches: number): Promise<BatchIndex> {
    const file = await openDurable(path);
    const { size } = await file.stat();
    if (size < batches * RECORD_BYTES) {
      await file.close();
      throw new LogDamaged(`${path} ends before the sealed position: it was cut or replaced`);
    }
    return new BatchIndex(file, batches);
  }

  /** Adds the batches that follow the sealed ones; durable when it returns. `batches` counts them only after {@link advance}. */
  async write(firstLeaves: readonly number[]): Promise<void> {
    const bytes = Buffer.alloc(firstLeaves.length * RECORD_BYTES);
    firstLeaves.forEach((leaf, at) => bytes.writeBigUInt64BE(BigInt(leaf), at * RECORD_BYTES));
    await writeWhole(this.file, bytes, this.batches * RECORD_BYTES);
    await this.file.datasync();
    this.written = this.batches + firstLeaves.length;
  }

  /** What was written is sealed now. */
  advance(count: number): void {
    this.batches += count;
  }

  /** The batch that holds a sealed leaf. */
  async find(leaf: number): Promise<LeafPlace> {
    let [low, high] = [0, this.written - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((await this.firstLeaf(middle)) <= leaf) low = middle;
      else high = middle - 1;
    }
    return { sequence: low + 1, position: leaf - (await this.firstLeaf(low)) };
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async firstLeaf(at: number): Promise<number> {
    const { buffer } = await this.file.read(Buffer.alloc(RECORD_BYTES), 0, RECORD_BYTES, at * RECORD_BYTES);
    return Number(buffer.readBigUInt64BE(0));
  }
}
