import { redactText } from './redaction.js';
import type { Running } from './running.js';

/** A service that has not ended its own way in this time is ended. */
const STOP_MS = 20_000;

/**
 * Start and stop of one process, for `main.ts`: starts, stops in order on SIGTERM or SIGINT, and ends with code 0, or
 * with code 1 and one clear message when the service could not start. A fault that nobody caught ends the process too:
 * a supervisor starts it anew, and what was acknowledged is in the ledger.
 */
export async function runProcess(start: (env: NodeJS.ProcessEnv) => Promise<Running>, env: NodeJS.ProcessEnv): Promise<void> {
  process.once('uncaughtException', (fault) => fail('A fault ended the service', fault));
  process.once('unhandledRejection', (fault) => fail('A fault ended the service', fault));
  const stop = stopSignal();
  let running: Running;
  try {
    running = await start(env);
  } catch (fault) {
    return fail('The service could not start', fault);
  }
  await stop;
  setTimeout(() => fail('The service did not stop in time', `${STOP_MS} ms`), STOP_MS).unref();
  await running.close();
  process.exit(0);
}

function stopSignal(): Promise<unknown> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

function fail(what: string, fault: unknown): void {
  const text = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
  process.stderr.write(`${what}. ${redactText(text)}\n`);
  process.exit(1);
}
