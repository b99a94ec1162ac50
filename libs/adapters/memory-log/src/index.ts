export { MemoryAggregate } from './aggregate.js';
export { MemoryLedger, type MemoryEvent, type MemoryLedgerOptions } from './ledger.js';
