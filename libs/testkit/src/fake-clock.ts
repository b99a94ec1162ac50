/** A clock that stands still until a test moves it. */
export class FakeClock {
  #nowMs: number;

  /** @param startMs milliseconds since the epoch; 2026-01-01T00:00:00Z by default. */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  readonly nowMs = (): number => this.#nowMs;

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
