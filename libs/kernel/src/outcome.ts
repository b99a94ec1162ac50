/**
 * What a decision or a check returns: the value, or a refusal with a named reason.
 *
 * Refusals are answers and are returned; faults (a bug, a broken disk) are thrown.
 */
export type Outcome<T, R = Refusal> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: R };

/** Why something was not done, in words its reader can act on. */
export interface Refusal {
  /** Stable, machine-readable name, lower case with underscores, e.g. `token_expired`. */
  readonly reason: string;
  /** One sentence: what was refused and why. Never holds a secret or a masked value. */
  readonly detail: string;
  /** The policy rule that refused, where one did. */
  readonly rule?: string;
  /** What the reader can do next. */
  readonly hint?: string;
  /** Whether the same request may succeed later without a change. */
  readonly retryable?: boolean;
}

export function accepted<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refused(
  reason: string,
  detail: string,
  more: Omit<Refusal, 'reason' | 'detail'> = {},
): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { reason, detail, ...more } };
}

/** Closes a switch over a tagged union: a new member stops compiling here. */
export function unreachable(value: never): never {
  throw new Error(`a case was not handled: ${JSON.stringify(value)}`);
}
