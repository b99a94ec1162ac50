import { IssuerFault, permittedUrl, readDocument } from './issuer-document.js';
import { OIDC_LIMITS } from './limits.js';

/** An issuer's key set as it was read. */
export interface KeySet {
  readonly keys: readonly unknown[];
  readonly readAtMs: number;
}

/**
 * The key set of one issuer: found by discovery, remembered, read again when it is old or when a token asks for a key
 * that is not in it, and kept for a bounded time while the issuer cannot be reached.
 *
 * At most one read is under way; whoever comes meanwhile waits for that one.
 */
export class IssuerKeys {
  #known: KeySet | undefined;
  #reading: Promise<KeySet> | undefined;
  #lastReadMs = Number.NEGATIVE_INFINITY;
  #lastFault: IssuerFault | undefined;

  /** @param metadataUrl below which the issuer's metadata is, where it is not below its own url. */
  constructor(private readonly issuerUrl: string, private readonly nowMs: () => number, private readonly metadataUrl = issuerUrl) {}

  /**
   * Keys that are fresh, or not too stale for an issuer that does not answer.
   *
   * @throws IssuerFault
   */
  async current(): Promise<KeySet> {
    const known = this.#known;
    if (known && this.#age(known) < OIDC_LIMITS.keysFreshMs) return known;
    try {
      return await this.#read(OIDC_LIMITS.retryEveryMs);
    } catch (fault) {
      if (known && this.#age(known) < OIDC_LIMITS.keysStaleMs) return known;
      throw fault;
    }
  }

  /**
   * The key set read again because `seen` did not serve, or undefined when it was read too recently for that.
   *
   * @throws IssuerFault
   */
  async rotated(seen: KeySet): Promise<KeySet | undefined> {
    if (this.#known && this.#known.readAtMs > seen.readAtMs) return this.#known;
    if (this.nowMs() - this.#lastReadMs < OIDC_LIMITS.rotationEveryMs && !this.#reading) return undefined;
    const read = await this.#read(0);
    return read === seen ? undefined : read;
  }

  #age(set: KeySet): number {
    return this.nowMs() - set.readAtMs;
  }

  #read(leastDistanceMs: number): Promise<KeySet> {
    if (this.#reading) return this.#reading;
    if (this.#lastFault && this.nowMs() - this.#lastReadMs < leastDistanceMs) return Promise.reject(this.#lastFault);
    this.#lastReadMs = this.nowMs();
    this.#reading = this.#discover().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #discover(): Promise<KeySet> {
    try {
      const keys = await readKeys(this.issuerUrl, this.metadataUrl);
      this.#lastFault = undefined;
      this.#known = { keys, readAtMs: this.nowMs() };
      return this.#known;
    } catch (fault) {
      this.#lastFault = fault instanceof IssuerFault ? fault : new IssuerFault('its documents could not be read');
      throw this.#lastFault;
    }
  }
}

/** OpenID Connect Discovery 1.0, section 4: the metadata must name the very issuer it was asked for. */
async function readKeys(issuerUrl: string, metadataUrl: string): Promise<readonly unknown[]> {
  const metadata = await readDocument(`${metadataUrl.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (metadata['issuer'] !== issuerUrl) throw new IssuerFault(`the discovery document of ${issuerUrl} names another issuer`);
  const address = metadata['jwks_uri'];
  if (typeof address !== 'string') throw new IssuerFault(`the discovery document of ${issuerUrl} names no jwks_uri`);
  const { keys } = await readDocument(permittedUrl(address).href);
  if (!Array.isArray(keys) || keys.length > OIDC_LIMITS.keys) throw new IssuerFault(`${address} is not a key set of at most ${OIDC_LIMITS.keys} keys`);
  return keys;
}
