import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '@interlock/kernel';
import { BusUnavailable, type Bus } from './bus.js';
import { ControlReader, EMPTY_CONTROL, type ControlReaderOptions, type ControlState } from './control-reader.js';
import { followStream, lastSequenceOf } from './follow-stream.js';

const STREAM = 'CONTROL';
const AGAIN_MS = 1_000;
const CATCH_UP_MS = 2_000;

/** Follows stream CONTROL from its first message, across every loss of the bus. */
export class ControlFollower {
  readonly #bus: Bus;
  readonly #options: ControlReaderOptions;
  readonly #listeners = new Set<(state: ControlState) => void>();
  readonly #end = new AbortController();
  #state: ControlState = EMPTY_CONTROL;
  #running: Promise<void> = Promise.resolve();

  private constructor(bus: Bus, options: ControlReaderOptions) {
    this.#bus = bus;
    this.#options = options;
  }

  /**
   * Resolves once everything that CONTROL held at that moment is in `state`.
   *
   * @throws BusUnavailable when that takes longer than `readyMs`, 30,000 by default.
   */
  static async start(bus: Bus, options: ControlReaderOptions, readyMs = 30_000): Promise<ControlFollower> {
    const follower = new ControlFollower(bus, options);
    const sequence = await lastSequenceOf(bus, STREAM);
    follower.#running = follower.#follow();
    if (await follower.reached(sequence, readyMs)) return follower;
    await follower.close();
    throw new BusUnavailable(`Stream ${STREAM} could not be read to sequence ${sequence} within ${readyMs} ms.`);
  }

  get state(): ControlState {
    return this.#state;
  }

  /** Calls `listener` after every change of `state`; the result ends that. */
  onChange(listener: (state: ControlState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** True once `state` contains this sequence; false when that did not happen within `timeoutMs`. */
  reached(sequence: number, timeoutMs: number = LIMITS.rpcMs): Promise<boolean> {
    if (this.#state.sequence >= sequence) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (reached: boolean): void => {
        clearTimeout(timer);
        end();
        resolve(reached);
      };
      const timer = setTimeout(settle, timeoutMs, false);
      const end = this.onChange((state) => {
        if (state.sequence >= sequence) settle(true);
      });
    });
  }

  /**
   * True once `state` contains everything that CONTROL held when this was called; false when that could not be seen to in time.
   * For steps that must not go by what was in force a moment ago: whatever was acknowledged before them counts.
   */
  async caughtUp(): Promise<boolean> {
    try {
      return await this.reached(await lastSequenceOf(this.#bus, STREAM), CATCH_UP_MS);
    } catch (fault) {
      if (fault instanceof BusUnavailable) return false;
      throw fault;
    }
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  /** A damaged stream is read again from its beginning, and until then nothing is known. Locks stand until one is seen lifted. */
  async #follow(): Promise<void> {
    const reader = new ControlReader(this.#options);
    while (!this.#end.signal.aborted) {
      try {
        await followStream(this.#bus, STREAM, this.#state.sequence + 1, (message) => this.#become(reader.after(this.#state, message)), this.#end.signal);
      } catch (fault) {
        this.#options.onProblem?.(`${(fault as Error).message} The control state is read again from the beginning.`);
        this.#become({ ...EMPTY_CONTROL, locks: this.#state.locks });
        await pause(AGAIN_MS, undefined, { signal: this.#end.signal }).catch(() => undefined);
      }
    }
  }

  #become(state: ControlState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
