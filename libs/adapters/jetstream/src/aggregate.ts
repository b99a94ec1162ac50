import type { AggregateStore, Outcome, Versioned } from '@interlock/kernel';
import type { Bus } from './bus.js';

/** Streams of small keyed states, and the subject each key lies under. */
export type AggregateStream = 'GRANTS' | 'CHANGES' | 'SECRETS';

/** What a stored state must look like; a zod schema fits. */
export interface Schema<T> {
  parse(value: unknown): T;
}

/** One key's state per message on `<stream in lower case>.<key>`, appended by compare-and-set on the subject's last sequence. */
export class JetStreamAggregate<T> implements AggregateStore<T> {
  constructor(readonly bus: Bus, readonly options: { readonly stream: AggregateStream; readonly schema: Schema<T> }) {}
  get(_key: string): Promise<Versioned<T> | undefined> {
    return Promise.reject(new Error('not connected'));
  }
  put(_key: string, _value: T, _expectedRevision: number): Promise<Outcome<{ readonly revision: number }>> {
    return Promise.reject(new Error('not connected'));
  }
  list(): Promise<readonly (Versioned<T> & { readonly key: string })[]> {
    return Promise.reject(new Error('not connected'));
  }
  follow(_onChange: (key: string, current: Versioned<T>) => void, _signal: AbortSignal): Promise<void> {
    return Promise.reject(new Error('not connected'));
  }
}
