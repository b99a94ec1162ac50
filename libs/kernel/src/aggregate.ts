import type { Outcome } from './outcome.js';

/** The newest message of one subject in an aggregate's stream. */
export interface Versioned<T> {
  readonly value: T;
  /** Stream sequence of that message; 0 when there is none yet. */
  readonly revision: number;
}

/**
 * Small keyed states where one writer must win: grants, objects, budgets.
 *
 * Contract: `put` stores `value` only if the key's revision still is `expectedRevision` (0: the key does not exist) and
 * otherwise refuses with reason `conflict`. A put whose answer was lost is read back and compared before it is reported,
 * so `ok` means stored once. `get` reads the newest acknowledged value, never a replica's older one.
 */
export interface AggregateStore<T> {
  get(key: string): Promise<Versioned<T> | undefined>;
  put(key: string, value: T, expectedRevision: number): Promise<Outcome<{ readonly revision: number }>>;
  list(): Promise<readonly (Versioned<T> & { readonly key: string })[]>;
  /** Calls `onChange` for every stored change from now on, in order, until `signal` aborts. */
  follow(onChange: (key: string, current: Versioned<T>) => void, signal: AbortSignal): Promise<void>;
}
