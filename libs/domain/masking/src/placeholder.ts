const REDACTED = new Set(['[redacted]', '"[redacted]"']);
const PARTLY = /^(\*{4,})([^*].*)$/su;

/**
 * Whether a value is one that masking put in place of another: what `redact` leaves of a text or a JSON document, or `partial` of a text, whose hidden
 * half is the longer one. Written into a column it would take the place of what its writer was not shown. NULL, tokens and coarser values are none: they
 * cannot be told from values, or lead back to one.
 */
export function isPlaceholder(value: string): boolean {
  if (REDACTED.has(value)) return true;
  const [, hidden = '', shown = ''] = PARTLY.exec(value) ?? [];
  return hidden !== '' && [...shown].length <= hidden.length;
}
