import { sha256Hex } from '@interlock/kernel';
import type { VerifiedToken } from '@interlock/domain-identity';
import { OIDC_LIMITS } from './limits.js';

interface Entry {
  /** Identity of the issuer's configuration it was verified under. */
  readonly issuerDigest: string;
  readonly token: VerifiedToken;
  readonly untilMs: number;
}

/**
 * Verified tokens, by the SHA-256 of the token: the token itself is not kept. Least recently used ones go first. An entry
 * serves only under the same issuer configuration, and never longer than the token or {@link OIDC_LIMITS.cachedTokenMs}.
 */
export class VerifiedCache {
  readonly #entries = new Map<string, Entry>();

  get(token: string, issuerDigests: ReadonlySet<string>, nowMs: number): VerifiedToken | undefined {
    const key = sha256Hex(token);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.untilMs <= nowMs || !issuerDigests.has(entry.issuerDigest)) return undefined;
    this.#entries.set(key, entry);
    return entry.token;
  }

  set(token: string, issuerDigest: string, verified: VerifiedToken, nowMs: number): void {
    const untilMs = Math.min(verified.expiresAtMs, nowMs + OIDC_LIMITS.cachedTokenMs);
    this.#entries.set(sha256Hex(token), { issuerDigest, token: verified, untilMs });
    if (this.#entries.size <= OIDC_LIMITS.cachedTokens) return;
    const oldest = this.#entries.keys().next().value;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  get size(): number {
    return this.#entries.size;
  }
}
