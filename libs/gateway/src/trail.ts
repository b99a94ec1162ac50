import type { Verdict } from './session.js';

/**
 * Is told how far each command of one session has come, at the moment it has. For traces: nothing depends on it, and it must not
 * throw.
 */
export interface Trail {
  /** A message that may hold commands has come in whole; what is decided next comes from it. */
  received(): void;
  /** Decided, the first time or again after approval. */
  decided(verdict: Verdict): void;
  /** The ledger was asked to record these. */
  recording(verdicts: readonly Verdict[]): void;
  /** The ledger has acknowledged them. */
  recorded(verdicts: readonly Verdict[]): void;
  /** A command came to its end: how, e.g. `completed`, `deny`, `abandoned`. */
  ended(command: string, outcome: string): void;
  /** The session is over. */
  closed(): void;
}

/** Tells nobody. */
export const NO_TRAIL: Trail = { received: () => undefined, decided: () => undefined, recording: () => undefined, recorded: () => undefined, ended: () => undefined, closed: () => undefined };
