/**
 * Bounded work: so many at once, so many waiting, and no more. Who finds no place is told at once.
 */
export class Limiter {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #idle: (() => void)[] = [];

  constructor(private readonly atOnce: number, private readonly inLine: number) {}

  /** Whether one more would find a place, at work or in line. */
  get hasPlace(): boolean {
    return this.#running < this.atOnce || this.#waiting.length < this.inLine;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  /** Resolves when nothing is at work or in line. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** The place goes to the next in line without becoming free. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) return next();
    this.#running -= 1;
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
