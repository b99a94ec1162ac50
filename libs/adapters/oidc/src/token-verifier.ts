import { accepted, digestOf, refused, type Json, type Outcome } from '@interlock/kernel';
import type { Issuer } from '@interlock/contracts';
import type { TokenVerifier, VerifiedToken } from '@interlock/domain-identity';
import { compactVerify } from 'jose';
import { checkClaims } from './claims.js';
import { readToken, type CompactToken } from './compact-token.js';
import { IssuerFault } from './issuer-document.js';
import { IssuerKeys, type KeySet } from './issuer-keys.js';
import { signingKey, type Algorithm, type SigningKey } from './signing-key.js';
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
    const signed = await this.#checkSignature(token, read, issuer, algorithm);
    if (!signed.ok) return signed;
    const sound = checkClaims(read.claims, issuer, this.clock.nowMs());
    return sound.ok ? accepted({ issuer: issuer.name, ...sound.value, claims: read.claims }) : sound;
  }

  async #checkSignature(token: string, read: CompactToken, issuer: Issuer, algorithm: Algorithm): Promise<Outcome<true>> {
    const keys = this.#keysOf(issuer.url);
    try {
      const current = await keys.current();
      const first = await this.#tryKeys(token, read, current, algorithm);
      if (first.ok) return first;
      const rotated = await keys.rotated(current);
      return rotated ? await this.#tryKeys(token, read, rotated, algorithm) : first;
    } catch (fault) {
      if (!(fault instanceof IssuerFault)) throw fault;
      return refused('issuer_unavailable', `The keys of issuer ${issuer.name} cannot be had: ${fault.message}.`, { hint: 'Check that the issuer is up and that its url in interlock.yaml is exact.', retryable: true });
    }
  }

  async #tryKeys(token: string, read: CompactToken, set: KeySet, algorithm: Algorithm): Promise<Outcome<true>> {
    const { kid } = read.header;
    const named = set.keys.filter((jwk) => kid === undefined || (jwk as { readonly kid?: unknown } | null)?.kid === kid);
    const usable = await Promise.all(named.map((jwk) => signingKey(jwk, algorithm, this.clock.nowMs())));
    const [key, second] = usable.filter((candidate): candidate is SigningKey => candidate !== undefined);
    if (!key) return refused('key_unknown', 'The issuer has no key in force that the token could be signed with.', { hint: 'Get a new token.' });
    if (second) return refused('key_ambiguous', 'The issuer has several keys that the token could be signed with, and it does not say which.', { hint: 'Let the issuer name a distinct kid in every token.' });
    return (await isSignedWith(token, key, algorithm)) ? accepted(true) : refused('signature_invalid', 'The signature of the token does not hold.', { hint: 'Get a new token, and send it unchanged.' });
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

async function isSignedWith(token: string, key: SigningKey, algorithm: Algorithm): Promise<boolean> {
  try {
    await compactVerify(token, key.key, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}
