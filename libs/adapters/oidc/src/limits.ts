/** Ceilings of token verification. A unit ends each name. */
export const OIDC_LIMITS = {
  /** Bytes of a token; browsers and proxies carry no longer header either. */
  tokenBytes: 16 * 1024,
  /** Bytes of a discovery document or key set. */
  documentBytes: 256 * 1024,
  /** How long an issuer may take for one document. */
  fetchMs: 5_000,
  /** Age at which a key set is read again before it is used. */
  keysFreshMs: 5 * 60_000,
  /** Age up to which an old key set still serves while its issuer cannot be reached. */
  keysStaleMs: 60 * 60_000,
  /** Least distance between two reads that an unknown key or a failed signature asked for. */
  rotationEveryMs: 30_000,
  /** Least distance between two reads of an issuer that did not answer. */
  retryEveryMs: 5_000,
  /** Keys of one issuer. */
  keys: 100,
  /** Verified tokens remembered. */
  cachedTokens: 10_000,
  /** How long a verified token is remembered at most, so that a withdrawn key takes effect. */
  cachedTokenMs: 5 * 60_000,
  /** Latest time a claim may name: the end of the year 9999, in seconds. */
  latestSeconds: 253_402_300_799,
} as const;
