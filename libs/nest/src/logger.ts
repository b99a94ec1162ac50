import { redact, redactText } from './redaction.js';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured lines about the service itself. What happened to a principal, a session or a command goes to the ledger;
 * here go identifiers only. Never a token, a secret, a command's text or a row.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with these fields in every line. */
  with(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly service: string;
  readonly instance?: string;
  readonly level: LogLevel;
  /** Where finished lines go, without the line break; standard output when absent. */
  readonly write?: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/** Writes one JSON object per line: time, level, service, instance, message, fields. */
export function createLogger(options: LoggerOptions, always: LogFields = {}): Logger {
  const write = options.write ?? ((line) => void process.stdout.write(`${line}\n`));
  const threshold = LEVELS.indexOf(options.level);
  const line = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (LEVELS.indexOf(level) < threshold) return;
    write(jsonLine({ ...always, ...fields }, head(options, level, message)));
  };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    with: (fields) => createLogger(options, { ...always, ...fields }),
  };
}

function head(options: LoggerOptions, level: LogLevel, message: string) {
  const { service, instance } = options;
  return { time: new Date(options.nowMs()).toISOString(), level, service, ...(instance ? { instance } : {}), message: redactText(message) };
}

/** The head comes first and cannot be overwritten by a field of the same name. */
function jsonLine(fields: LogFields, first: Readonly<Record<string, string>>): string {
  try {
    return JSON.stringify({ ...first, ...(redact(fields) as object), ...first });
  } catch {
    return JSON.stringify({ ...first, fields: '[not serialisable]' });
  }
}
