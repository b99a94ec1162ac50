import type { LogFields, Logger } from '@interlock/nest';

/** A log that keeps its lines. */
export class KeptLog implements Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];

  debug(message: string, fields: LogFields = {}): void { this.lines.push({ level: 'debug', message, fields }); }
  info(message: string, fields: LogFields = {}): void { this.lines.push({ level: 'info', message, fields }); }
  warn(message: string, fields: LogFields = {}): void { this.lines.push({ level: 'warn', message, fields }); }
  error(message: string, fields: LogFields = {}): void { this.lines.push({ level: 'error', message, fields }); }
  with(): Logger { return this; }
}
