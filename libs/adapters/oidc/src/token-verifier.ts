import { accepted, digestOf, refused, type Json, type Outcome } from '@interlock/kernel';
import type { Issuer } from '@interlock/contracts';
import type { TokenVerifier, VerifiedToken } from '@interlock/domain-identity';
import { checkClaims } from './claims.js';
import { readToken, type CompactToken } from './compact-token.js';
import { IssuerKeys } from './issuer-keys.js';
import { signedBy } from './signed-by.js';
import { VerifiedCache } from './verified-cache.js';

/** {@link TokenVerifier} over OpenID Connect Discovery and JSON Web Keys. One object serves a whole service. */
export class OidcTokenVerifier implements TokenVerifier {
  readonly #keys = new Map<string, IssuerKeys>();
  readonly #verified = new VerifiedCache();
  readonly #digests = new WeakMap<Issuer, string>();

  constructor(private readonly clock: { nowMs(): number }) {}

  async verify(token: string, issuers: readonly Issuer[]): Promise<Outcome<VerifiedToken>> {
    const digests = new Set(issuers.map((issuer) => this.#digest(issuer)));
    const known = this.#verified.get(token, digests, this.clock.nowMs());
    if (known) return accepted(known);
    const read = readToken(token);
    if (!read.ok) return read;
    const issuer = issuerOf(read.value, issuers);
    if (!issuer.ok) return issuer;
    const verified = await this.#verifyFor(token, read.value, issuer.value);
    if (verified.ok) this.#verified.set(token, this.#digest(issuer.value), verified.value, this.clock.nowMs());
    return verified;
  }

  async #verifyFor(token: string, read: CompactToken, issuer: Issuer): Promise<Outcome<VerifiedToken>> {
    const algorithm = issuer.algorithms.find((allowed) => allowed === read.header.alg);
    if (!algorithm) {
      return refused('algorithm_not_allowed', `Issuer ${issuer.name} does not sign with ${JSON.stringify(read.header.alg.slice(0, 16))}.`, { hint: `Its tokens are signed with ${issuer.algorithms.join(' or ')}.` });
    }
    const signed = await signedBy(token, read, { name: issuer.name, keys: this.#keysOf(issuer.url), algorithm }, this.clock.nowMs());
    if (!signed.ok) return signed;
    const sound = checkClaims(read.claims, issuer, this.clock.nowMs());
    return sound.ok ? accepted({ issuer: issuer.name, ...sound.value, claims: read.claims }) : sound;
  }

  #keysOf(url: string): IssuerKeys {
    const known = this.#keys.get(url) ?? new IssuerKeys(url, () => this.clock.nowMs());
    this.#keys.set(url, known);
    return known;
  }

  #digest(issuer: Issuer): string {
    const known = this.#digests.get(issuer) ?? digestOf(issuer as Json);
    this.#digests.set(issuer, known);
    return known;
  }
}

/** The configured issuer that the token names; of several with one url, the one whose audience it has. */
function issuerOf(read: CompactToken, issuers: readonly Issuer[]): Outcome<Issuer> {
  const named = issuers.filter((issuer) => issuer.url === read.claims['iss']);
  const audience = [read.claims['aud']].flat();
  const issuer = named.find((candidate) => audience.includes(candidate.audience)) ?? named[0];
  if (issuer) return accepted(issuer);
  return refused('issuer_unknown', 'The token comes from an issuer that the configuration does not know.', { hint: 'Get a token from an issuer that interlock.yaml names.' });
}
