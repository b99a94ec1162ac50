export const VIEWS = Symbol('VIEWS');
export const READERS = Symbol('READERS');
export const VERIFICATION = Symbol('VERIFICATION');
export const REPLAY = Symbol('REPLAY');
export const ANSWERS = Symbol('ANSWERS');
export const GENERATIONS = Symbol('GENERATIONS');
export const LEDGER_READER = Symbol('LEDGER_READER');
export const EVENT_KEYS = Symbol('EVENT_KEYS');
