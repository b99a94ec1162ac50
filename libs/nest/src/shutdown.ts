import type { Logger } from './logger.js';

/** One thing to close, and how long it may take. */
export interface ClosingStep {
  readonly name: string;
  readonly withinMs: number;
  readonly close: () => Promise<unknown>;
}

/** Closes one after the other. A step that hangs or fails is logged and left behind: the next ones still get their turn. */
export async function closeInOrder(steps: readonly ClosingStep[], logger: Logger): Promise<void> {
  for (const step of steps) {
    const problem = await within(step);
    if (problem) logger.warn('a part did not close in order', { part: step.name, ...problem });
  }
}

async function within(step: ClosingStep): Promise<{ readonly error: unknown } | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ readonly error: unknown }>((resolve) => {
    timer = setTimeout(resolve, step.withinMs, { error: `not closed within ${step.withinMs} ms` });
  });
  const closed = Promise.resolve()
    .then(step.close)
    .then(() => undefined, (error: unknown) => ({ error }));
  return Promise.race([closed, late]).finally(() => clearTimeout(timer));
}
