/**
 * A guard, not a licence: nobody hands secrets to the log. What slips in under a known name, or looks like a token, a
 * seed or a password in an address, is replaced before the line is written.
 *
 * Known failure: a secret in free text that looks like an ordinary word passes.
 */
const REPLACEMENT = '[redacted]';
const SECRET_NAMES =
  /^(.*(token|password|passwd|passphrase|secret|credential|(private|signing|sealing|data|event|api)[_-]?key|seed|kek|cookie|authorization|assertion)s?|key|box|jwt|pgpassword)$/i;
const SECRET_SHAPES: readonly [RegExp, string][] = [
  [/\bey[AJ][A-Za-z0-9_-]{7,}(\.[A-Za-z0-9_-]*){0,2}/g, REPLACEMENT],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${REPLACEMENT}`],
  [/\bS[UACNO][A-Z2-7]{50,60}\b/g, REPLACEMENT],
  [/(:\/\/[^\s:/@]*):[^\s@/]+@/g, `$1:${REPLACEMENT}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REPLACEMENT],
];
/** Deeper values are cut: a log line is not a dump. */
const DEPTH_MAX = 6;
const TEXT_MAX = 8_192;

/** A copy of the value that may be logged. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value).slice(0, 64);
  if (value === null || typeof value !== 'object') return value;
  if (depth >= DEPTH_MAX) return '[deeper]';
  if (value instanceof Error) return redactError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return redactMembers(value, depth);
}

function redactMembers(value: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    copy[name] = member !== undefined && SECRET_NAMES.test(name) ? REPLACEMENT : redact(member, depth + 1);
  }
  return copy;
}

/** An error keeps its name, message, code, stack and cause; other members may hold anything and stay out. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: redactText(error.message),
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(error.stack ? { stack: redactText(error.stack) } : {}),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

export function redactText(text: string): string {
  let clean = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
  for (const [shape, replacement] of SECRET_SHAPES) clean = clean.replace(shape, replacement);
  return clean;
}
