import type { Clock } from '../src/ports.js';

/** Time that stands still until a test moves it; what is due then runs in order. */
export class FakeTime implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Time that has passed before anything that is due then came to run. */
  slip(ms: number): void {
    this.#nowMs += ms;
  }

  /** Lets time pass, and everything that waits for promises in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const [next] = this.#timers.filter(({ atMs }) => atMs <= untilMs).toSorted((one, other) => one.atMs - other.atMs);
      if (!next) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets promises that are already resolved go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
