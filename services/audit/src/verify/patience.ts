import { setTimeout as sleep } from 'node:timers/promises';
import { BusUnavailable } from '@interlock/adapter-jetstream';
import { KeysUnavailable } from '@interlock/adapter-sealing';

/** The recorder did not give a file of the log. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
}

/** Whoever a verification asks did not answer: that proves nothing, and the same question may be asked again. */
export function isUnanswered(fault: unknown): fault is Error {
  return fault instanceof KeysUnavailable || fault instanceof LogUnavailable || fault instanceof BusUnavailable;
}

const PATIENCE_MS = 60_000;
const AGAIN_MS = 250;

/**
 * Asks until there is an answer, for as long as a restart takes. A walk over the whole ledger asks many thousand questions: one
 * that a busy or restarting recorder did not answer in time shall not cost all of it.
 *
 * @throws what `ask` threw last, or at once when that says more than that nobody answered.
 */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(AGAIN_MS)) {
    try {
      return await ask();
    } catch (fault) {
      if (!isUnanswered(fault) || performance.now() > deadline) throw fault;
    }
  }
}
