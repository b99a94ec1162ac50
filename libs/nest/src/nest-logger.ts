import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/**
 * Nest keeps one logger for the whole process, and several services may live in it. The line therefore goes to the
 * service whose asynchronous context it was written in; a line from nowhere is dropped.
 */
const current = new AsyncLocalStorage<Logger>();

/** Runs `work`, and everything it starts, with Nest's own lines going to `logger`. */
export function withNestLinesTo<T>(logger: Logger, work: () => T): T {
  return current.run(logger, work);
}

/** Nest's start-up chatter is for debugging; its warnings and errors keep their level. */
export const nestLogger: LoggerService = {
  log: (message, ...rest) => current.getStore()?.debug(text(message), about(rest)),
  debug: (message, ...rest) => current.getStore()?.debug(text(message), about(rest)),
  verbose: (message, ...rest) => current.getStore()?.debug(text(message), about(rest)),
  warn: (message, ...rest) => current.getStore()?.warn(text(message), about(rest)),
  error: (message, ...rest) => current.getStore()?.error(text(message), about(rest)),
  fatal: (message, ...rest) => current.getStore()?.error(text(message), about(rest)),
};

function text(message: unknown): string {
  return message instanceof Error ? `${message.name}: ${message.message}` : String(message);
}

/** Nest passes the name of the writing class last, and for errors a stack before it. */
function about(rest: readonly unknown[]): { readonly by?: string; readonly stack?: string } {
  const by = rest.at(-1);
  const stack = rest.length > 1 ? rest[0] : undefined;
  return { ...(typeof by === 'string' ? { by } : {}), ...(typeof stack === 'string' ? { stack } : {}) };
}
