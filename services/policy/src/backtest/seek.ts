import type { LedgerReader, StoredBatch } from '@interlock/kernel';

/** A ledger whose batches can be read one by one. */
export type SeekableLedger = LedgerReader & { read(sequence: number): Promise<StoredBatch | undefined> };

/** Sequence of the first batch that was stored at this time or later, by the bus's clock; one behind the last where there is none. Some 30 reads. */
export async function firstSince(ledger: SeekableLedger, atMs: number): Promise<number> {
  let [low, high] = [1, (await ledger.lastSequence()) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const stored = await ledger.read(middle);
    if ((stored?.storedAtMs ?? Number.NEGATIVE_INFINITY) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
