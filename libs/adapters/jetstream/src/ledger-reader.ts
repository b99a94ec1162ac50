import type { LedgerReader, StoredBatch } from '@interlock/kernel';
import type { Bus } from './bus.js';

export class JetStreamLedgerReader implements LedgerReader {
  constructor(readonly bus: Bus) {}
  follow(_fromSequence: number, _onBatch: (batch: StoredBatch) => Promise<void>, _signal: AbortSignal): Promise<void> {
    return Promise.reject(new Error('not connected'));
  }
  /** The batch at this sequence, undefined when there is none. */
  read(_sequence: number): Promise<StoredBatch | undefined> {
    return Promise.reject(new Error('not connected'));
  }
  lastSequence(): Promise<number> {
    return Promise.reject(new Error('not connected'));
  }
}
