import { accepted, refused, type AggregateStore, type Outcome, type Versioned } from '@interlock/kernel';

/** Keyed states in memory, for unit tests only: the contract of the kernel's AggregateStore, and nothing when the process ends. */
export class MemoryAggregate<T> implements AggregateStore<T> {
  readonly #current = new Map<string, Versioned<T>>();
  readonly #listeners = new Set<(key: string, current: Versioned<T>) => void>();
  #sequence = 0;

  get(key: string): Promise<Versioned<T> | undefined> {
    return Promise.resolve(this.#current.get(key));
  }

  put(key: string, value: T, expectedRevision: number): Promise<Outcome<{ readonly revision: number }>> {
    if ((this.#current.get(key)?.revision ?? 0) !== expectedRevision) {
      return Promise.resolve(refused('conflict', `${key} was changed by someone else.`, { retryable: true, hint: 'Read it again and decide on what it holds now.' }));
    }
    this.#sequence += 1;
    const current = { value: structuredClone(value), revision: this.#sequence };
    this.#current.set(key, current);
    for (const listener of this.#listeners) listener(key, current);
    return Promise.resolve(accepted({ revision: current.revision }));
  }

  list(): Promise<readonly (Versioned<T> & { readonly key: string })[]> {
    return Promise.resolve([...this.#current].map(([key, current]) => ({ key, ...current })));
  }

  follow(onChange: (key: string, current: Versioned<T>) => void, signal: AbortSignal): Promise<void> {
    this.#listeners.add(onChange);
    return new Promise((resolve) => {
      const end = (): void => {
        this.#listeners.delete(onChange);
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }
}
