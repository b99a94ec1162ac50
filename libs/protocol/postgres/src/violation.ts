/**
 * What a peer did wrong, as a value.
 *
 * Bytes from the outside never make this package throw: every decoder returns a {@link Decoded}, and the caller
 * decides what the peer gets to see. An exception from here is a fault of the calling program (a string with NUL handed
 * to an encoder, a chunk pushed before the last one was drained).
 */

/** Every way in which bytes can break the protocol. The name is stable: logs, tests and policies refer to it. */
export type ViolationReason =
  /** A declared length cannot hold even the fixed part of its message. */
  | 'length-too-small'
  /** A declared length exceeds the named ceiling of its message; nothing was allocated or awaited for it. */
  | 'length-too-large'
  /** A message type that this side of the dialogue does not have, in this phase. */
  | 'unknown-type'
  /** A field reaches past the end of its message. */
  | 'truncated'
  /** A string without its NUL. */
  | 'missing-terminator'
  /** Bytes behind the last field of a message. */
  | 'trailing-bytes'
  /** Text that is not UTF-8. */
  | 'invalid-utf8'
  /** A value outside its enumeration or range. */
  | 'invalid-value'
  /** Two counts in one message, or a count and its announcement, contradict each other. */
  | 'count-mismatch'
  /** More elements than the named ceiling. */
  | 'count-too-large'
  /** Bytes sent in clear behind a request for encryption (CVE-2021-23214). */
  | 'bytes-before-encryption'
  /** A protocol version whose startup packet this package cannot read. */
  | 'unsupported-version'
  /** A startup packet that names no user. */
  | 'missing-user'
  /** One row of a COPY stream exceeds the named ceiling. */
  | 'row-too-large'
  /** A COPY stream whose newlines, quotes, escapes or end marker contradict its format. */
  | 'copy-malformed'
  /** Bytes behind the end marker of a COPY stream. */
  | 'copy-after-end'
  /** A SASL message that does not follow RFC 5802. */
  | 'scram-malformed'
  /** The server asks for a number of iterations outside the accepted range. */
  | 'scram-iterations'
  /** The server's nonce does not extend ours: a replay or a mix-up. */
  | 'scram-nonce'
  /** The server offers no mechanism that we accept, or no channel binding where it is required. */
  | 'scram-mechanism'
  /** The server could not prove that it knows the password's verifier. */
  | 'scram-server-signature'
  /** The server reported an error instead of its signature. */
  | 'scram-refused';

/** One breach of the protocol: `reason` for machines, `detail` (English, no peer data beyond numbers and type bytes) for people. */
export type Violation = { readonly reason: ViolationReason; readonly detail: string };

/** The outcome of a decoder. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly violation: Violation };

export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

export function violated(reason: ViolationReason, detail: string): { readonly ok: false; readonly violation: Violation } {
  return { ok: false, violation: { reason, detail } };
}
