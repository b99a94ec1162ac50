export const KEY_STORE = Symbol('KEY_STORE');
export const SEALED_LOG = Symbol('SEALED_LOG');
export const RECORDER = Symbol('RECORDER');
/** Kernel `LedgerReader`. */
export const LEDGER_READER = Symbol('LEDGER_READER');
