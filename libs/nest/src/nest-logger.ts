import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/**
 * Nest keeps one logger for the whole process, and several services may live in it: its lines name the class that wrote
 * them, not the service. To tell the services apart by asynchronous context would cost every promise of the process.
 */
let sink: Logger | undefined;

/** Where Nest's own lines go, from the first call on. */
export function nestLinesTo(logger: Logger): void {
  sink ??= logger;
}

/** Nest's start-up chatter is for debugging; its warnings and errors keep their level. */
export const nestLogger: LoggerService = {
  log: (message, ...rest) => sink?.debug(text(message), about(rest)),
  debug: (message, ...rest) => sink?.debug(text(message), about(rest)),
  verbose: (message, ...rest) => sink?.debug(text(message), about(rest)),
  warn: (message, ...rest) => sink?.warn(text(message), about(rest)),
  error: (message, ...rest) => sink?.error(text(message), about(rest)),
  fatal: (message, ...rest) => sink?.error(text(message), about(rest)),
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
