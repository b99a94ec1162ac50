import { setTimeout as sleep } from 'node:timers/promises';

/** What a poll found; anything but `undefined` and `false` ends it. */
type Found<T> = T | undefined | false;

/** Thrown by a question whose answer no waiting changes. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/**
 * Asks again and again until there is an answer; faults with `what` (and the last fault) at the deadline. The only form of
 * waiting in these tests: nothing is assumed to have happened because time has passed.
 */
export async function eventually<T>(what: string, ask: () => Found<T> | Promise<Found<T>>, { withinMs = 15_000, everyMs = 100 } = {}): Promise<T> {
  let last: unknown;
  for (const deadline = Date.now() + withinMs; ;) {
    try {
      const found = await ask();
      if (found !== undefined && found !== false) return found;
      last = undefined;
    } catch (fault) {
      if (fault instanceof GivenUp) throw fault;
      last = fault;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms${last === undefined ? '' : `; at last: ${String(last)}`}`, { cause: last });
    await sleep(everyMs);
  }
}
