export { accepted, refused, unreachable, type Outcome, type Refusal } from './outcome.js';
export { fold, type Decider } from './decider.js';
export { canonicalJson, type Json } from './canonical-json.js';
export { digestOf, sha256, sha256Hex } from './digest.js';
export { inclusionPath, leafHash, merkleRoot, nodeHash, rootFromPath } from './merkle.js';
export { LIMITS } from './limits.js';
export {
  LedgerUnavailable, type EventDraft, type EventMetadata, type EventSeal, type Ledger, type LedgerReader, type Receipt, type StoredBatch,
} from './event.js';
export {
  decodeBatch, encodeBatch, leafEntry, SALT_BYTES, signedText, type Batch, type BatchHeader, type SealedRecord, type UnsignedRecord,
} from './batch.js';
export { type AggregateStore, type Versioned } from './aggregate.js';
export { LEDGER_START, LedgerChain, runOf, type LedgerPosition, type RunHead, type VerifyProducer } from './chain.js';
export { escaped, escapeUnseen, faithful, printable, printableLines } from './printable.js';
