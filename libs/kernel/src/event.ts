/**
 * Metadata of one ledger event: CloudEvents 1.0 attributes and the extensions of this project. It is pseudonymous:
 * identifiers only, nothing an erased person could be found by. The payload travels encrypted beside it.
 */
export interface EventMetadata {
  readonly specversion: '1.0';
  /** Unique over all producers. */
  readonly id: string;
  /** `interlock/<service>/<instance>`. */
  readonly source: string;
  /** Name and version of the contract, e.g. `command.decided.v1`. */
  readonly type: string;
  /** RFC 3339 with milliseconds, by the producer's clock; order comes from the ledger, never from here. */
  readonly time: string;
  readonly tenant: string;
  /** The session this event belongs to, where there is one. */
  readonly session?: string;
  readonly exchange?: string;
  readonly command?: string;
  /** Names the key under which the payload is encrypted. */
  readonly keyid: string;
  /** Byte offset of the payload in that key's stream (AES-256-CTR). */
  readonly keyoffset: number;
}

/** What a producer hands to the ledger: who it is about, and the plain payload. */
export interface EventDraft {
  readonly type: string;
  readonly tenant?: string;
  readonly session?: string;
  readonly exchange?: string;
  readonly command?: string;
  /** Plain payload; the appender encrypts it. */
  readonly data: object;
  /** The key stream to encrypt under; the producer's own when absent. */
  readonly seal?: EventSeal;
}

/**
 * Encrypts payloads under one key. One seal is one AES-256-CTR stream: every payload takes the next bytes of the
 * stream, so no offset is used twice. Integrity is not the cipher's: the batch signature covers every ciphertext.
 */
export interface EventSeal {
  readonly keyId: string;
  encrypt(plain: Uint8Array): { readonly ciphertext: Uint8Array; readonly offset: number };
}

/** Where an acknowledged event lies. */
export interface Receipt {
  /** Identifiers of the events, in the order they were drafted. */
  readonly ids: readonly string[];
  /** Sequence of the batch in the ledger's stream. */
  readonly sequence: number;
}

/**
 * Appends events to the ledger.
 *
 * Contract: the promise resolves only after the ledger has acknowledged a batch that holds all the drafts, in order
 * and after every draft appended earlier through the same object. It rejects with {@link LedgerUnavailable} when the
 * acknowledgement did not come within {@link LIMITS.ledgerAckMs}; the events may then still become part of the ledger, so the
 * caller must not have acted on them and must not act afterwards.
 */
export interface Ledger {
  append(drafts: readonly EventDraft[]): Promise<Receipt>;
}

/** The ledger gave no acknowledgement in time, or refused. Nothing may be forwarded. */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable';
}

/** One batch as the ledger's stream holds it. */
export interface StoredBatch {
  readonly epoch: string;
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Subject it was stored on, `ledger.<service>.<instance>`; the recorder refuses a batch without one. */
  readonly subject?: string;
  /** When it was stored, by the bus's clock, in milliseconds since the epoch: no producer's word. */
  readonly storedAtMs?: number;
}

/**
 * Reads the ledger in order.
 *
 * Contract: calls `onBatch` with every batch from `fromSequence` on, one at a time, awaiting each; ends when `signal`
 * aborts; throws when the stream skips, repeats or loses a sequence.
 */
export interface LedgerReader {
  follow(fromSequence: number, onBatch: (batch: StoredBatch) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Sequence of the newest batch, 0 for an empty ledger. */
  lastSequence(): Promise<number>;
}
