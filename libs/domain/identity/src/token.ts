import type { Outcome } from '@interlock/kernel';
import type { Issuer } from '@interlock/contracts';

/** A token whose signature, issuer, audience and times hold. It says who; what they may do is not its business. */
export interface VerifiedToken {
  /** Name of the configured issuer. */
  readonly issuer: string;
  /** The `sub` claim, byte for byte: no case folding, no normalisation, never an e-mail address instead. */
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch after which the token is refused, clock skew not included. */
  readonly expiresAtMs: number;
}

/**
 * Verifies a token against the issuers of one configuration.
 *
 * Contract: accepts only a token that one of `issuers` signed for its audience with one of its algorithms and that is
 * in force now; every other token is refused with a named reason. Throws never; an issuer that cannot be reached is
 * the refusal `issuer_unavailable`, retryable.
 */
export interface TokenVerifier {
  verify(token: string, issuers: readonly Issuer[]): Promise<Outcome<VerifiedToken>>;
}
