/**
 * Something about this machine or its settings keeps the installation from starting. The message says what, the hint
 * what to do; neither holds a secret.
 */
export class InstallationFault extends Error {
  override readonly name = 'InstallationFault';

  constructor(message: string, readonly hint: string) {
    super(message);
  }
}

/** One paragraph for a terminal: what is wrong, then what to do. Anything else than a known fault keeps its stack. */
export function explainFault(fault: unknown): string {
  if (fault instanceof InstallationFault) return `${fault.message}\n  ${fault.hint}`;
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}
