import type { Batch, StoredBatch, VerifyProducer } from '@interlock/kernel';
import type { TileSource } from '@interlock/adapter-tile-log';

/** The first thing that is wrong: where, with which event, and what. */
export interface Finding {
  /** Sequence of the ledger; 0 where it is the log that is wrong. */
  readonly sequence: number;
  readonly event?: string;
  readonly detail: string;
}

/** What comparing the recorded chunks of one batch came to. */
export interface ChunksChecked {
  /** The first chunk that is not as the ledger tells of it. */
  readonly wrong?: Finding;
  /** Chunks that could not be compared. No event records an erasure yet, so each of them needs an explanation. */
  readonly uncompared: readonly Finding[];
}

/** The batches of a ledger, in order, wherever they are kept. */
export interface BatchSource {
  /** 0 for an empty ledger. */
  lastSequence(): Promise<number>;
  /** Every batch from a sequence on, one at a time, until `signal` aborts. @throws LedgerDamaged where it cannot go on. */
  follow(from: number, onBatch: (batch: StoredBatch) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** Batches that are kept skip, repeat or lose a sequence, or cannot be read as batches. */
export class LedgerDamaged extends Error {
  override readonly name = 'LedgerDamaged';
}

/** Everything that a check reads, and by whose keys. */
export interface Evidence {
  readonly ledger: BatchSource;
  readonly tiles: TileSource;
  /** The signed checkpoint, a C2SP signed note. */
  readonly checkpoint: string;
  /** The recorder's key that must have signed it, Ed25519, raw. */
  readonly logKey: Buffer;
  readonly verify: VerifyProducer;
  /** Compares the recordings that a batch tells of; none are where it is left out. */
  readonly recordings?: (sequence: number, batch: Batch) => Promise<ChunksChecked>;
}
