import type { GrantState, ShownGrant } from '@interlock/contracts';
import type { AggregateStore } from '@interlock/kernel';
import { LIST_BYTES, shortened } from './listed.js';

/** The newest step of one approval: its place in stream `GRANTS`, and the state that it led to. */
export interface Change {
  readonly step: number;
  readonly approval: ShownGrant;
}

export interface ChangesSince {
  readonly changes: readonly Change[];
  /** Where to go on from. */
  readonly next: number;
  /** Nothing is told of what was before `next`. */
  readonly fresh: boolean;
}

/** Readers that wait at once. Each keeps one of the places that this service has for requests, and votes need some, too. */
const WAITING_MAX = 32;

/**
 * Tells what became of approvals. A reader that is slow misses steps, never an end: each approval is told as it is now. Nothing is
 * kept for any reader; where it is, it says itself.
 */
export class Changes {
  readonly #grants: AggregateStore<GrantState>;
  readonly #waiting = new Set<() => void>();
  readonly #ends = new AbortController();

  constructor(grants: AggregateStore<GrantState>, onProblem: (problem: string) => void) {
    this.#grants = grants;
    grants.follow(() => this.#wake(), this.#ends.signal)
      .catch((fault: unknown) => onProblem(`grants cannot be followed (${fault instanceof Error ? fault.name : 'fault'}); readers hear of a step when they ask again`));
  }

  /** What `concerns` lets through of the steps after `after`, at once or when `waitMs` are over at the latest. */
  async since(after: number | undefined, concerns: (approval: GrantState) => boolean, waitMs: number): Promise<ChangesSince> {
    const woken = this.#woken(waitMs);
    try {
      const found = await this.#look(after, concerns);
      if (found.fresh || found.changes.length > 0 || waitMs === 0) return found;
      await woken.promise;
      return await this.#look(after, concerns);
    } finally {
      woken.cancel();
    }
  }

  /** Lets go of everyone who waits. */
  onApplicationShutdown(): void {
    this.#ends.abort();
    this.#wake();
  }

  async #look(after: number | undefined, concerns: (approval: GrantState) => boolean): Promise<ChangesSince> {
    const all = await this.#grants.list();
    const last = all.reduce((newest, { revision }) => Math.max(newest, revision), 0);
    if (after === undefined || after > last) return { changes: [], next: last, fresh: true };
    const news = all.filter(({ revision }) => revision > after).sort((one, other) => one.revision - other.revision);
    const changes: Change[] = [];
    let bytes = 0;
    for (const { value, revision } of news) {
      if (!concerns(value)) continue;
      const approval = shortened(value);
      bytes += Buffer.byteLength(JSON.stringify(approval));
      if (bytes > LIST_BYTES) return { changes, next: changes.at(-1)!.step, fresh: false };
      changes.push({ step: revision, approval });
    }
    return { changes, next: last, fresh: false };
  }

  /** Registered before the first look, so that no step falls between the two. */
  #woken(waitMs: number): { readonly promise: Promise<void>; cancel(): void } {
    if (waitMs === 0 || this.#waiting.size >= WAITING_MAX || this.#ends.signal.aborted) return { promise: Promise.resolve(), cancel: () => undefined };
    let wake!: () => void;
    const promise = new Promise<void>((resolve) => (wake = resolve));
    const timer = setTimeout(wake, waitMs);
    this.#waiting.add(wake);
    return { promise, cancel: () => { clearTimeout(timer); this.#waiting.delete(wake); } };
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
