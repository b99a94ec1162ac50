import type { AggregateStore, Versioned } from '@interlock/kernel';
import type { GrantState } from '@interlock/contracts';
import type { Clock } from './ports.js';

/** A lost change is found by looking again after this. */
const LOOK_MS = 2_000;

/** Follows stream GRANTS once for all parked commands of one connector. */
export class GrantBoard {
  readonly #store: AggregateStore<GrantState>;
  readonly #clock: Clock;
  readonly #ends = new AbortController();
  readonly #watchers = new Map<string, (state: Versioned<GrantState>) => void>();

  constructor(store: AggregateStore<GrantState>, clock: Clock, onProblem: (problem: string) => void) {
    this.#store = store;
    this.#clock = clock;
    store.follow((id, state) => this.#watchers.get(id)?.(state), this.#ends.signal)
      .catch((fault: unknown) => onProblem(`Grants cannot be followed (${fault instanceof Error ? fault.name : 'fault'}); parked commands look again every ${LOOK_MS} ms.`));
  }

  get store(): AggregateStore<GrantState> {
    return this.#store;
  }

  /** Resolves with the first state from now on that `isAwaited` accepts, or with the present one where that is to count; with undefined once `signal` aborts. */
  when(id: string, isAwaited: (state: GrantState) => boolean, signal: AbortSignal, from: 'next' | 'now' = 'next'): Promise<Versioned<GrantState> | undefined> {
    return new Promise((resolve) => {
      let cancelLook: () => void = () => undefined;
      const end = (state: Versioned<GrantState> | undefined): void => {
        if (this.#watchers.get(id) === look) this.#watchers.delete(id);
        cancelLook();
        signal.removeEventListener('abort', onAbort);
        resolve(state);
      };
      const onAbort = (): void => end(undefined);
      const look = (state: Versioned<GrantState>): void => {
        if (isAwaited(state.value)) end(state);
      };
      const lookNow = (): void => void this.#store.get(id).then((state) => state && this.#watchers.get(id) === look && look(state), () => undefined);
      const lookAgain = (): void => {
        cancelLook = this.#clock.after(LOOK_MS, () => {
          lookAgain();
          lookNow();
        });
      };
      if (signal.aborted) return resolve(undefined);
      this.#watchers.set(id, look);
      signal.addEventListener('abort', onAbort);
      lookAgain();
      if (from === 'now') lookNow();
    });
  }

  close(): void {
    this.#ends.abort();
  }
}
