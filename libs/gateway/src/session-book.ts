import type { Session } from './session.js';
import type { Clock } from './ports.js';
import type { ControlPlaneWatch } from './control-plane-watch.js';
import { REFUSALS } from './refusals.js';

/** Distance between two looks at the live sessions. */
export const TICK_MS = 50;

/** The live sessions of one connector: ends those that a lock or a change of the configuration stops, and moves on what waits. */
export class SessionBook {
  readonly #sessions = new Set<Session>();
  readonly #clock: Clock;
  readonly #stop: () => void;
  #cancelTick: (() => void) | undefined;

  constructor(clock: Clock, watch: ControlPlaneWatch) {
    this.#clock = clock;
    this.#stop = watch.onChange(() => this.#review());
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Enters a session; what was said while it was being opened counts for it too. */
  add(session: Session): void {
    this.#sessions.add(session);
    session.review();
    this.#cancelTick ??= this.#clock.after(TICK_MS, () => this.#tick());
  }

  remove(session: Session): void {
    this.#sessions.delete(session);
  }

  /** Ends all of them, for shutdown. */
  endAll(): void {
    for (const session of this.#sessions) session.end('shutdown', REFUSALS.shutdown);
  }

  close(): void {
    this.#stop();
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #review(): void {
    for (const session of this.#sessions) session.review();
  }

  #tick(): void {
    const now = this.#clock.nowMs();
    for (const session of this.#sessions) session.tick(now);
    this.#cancelTick = this.#sessions.size > 0 ? this.#clock.after(TICK_MS, () => this.#tick()) : undefined;
  }
}
