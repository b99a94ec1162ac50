import { createPublicKey, X509Certificate, type JsonWebKey as NodeJsonWebKey } from 'node:crypto';
import { importJWK, type CryptoKey, type JWK } from 'jose';
import type { Issuer } from '@interlock/contracts';

export type Algorithm = Issuer['algorithms'][number];

/** One public key of an issuer's key set, for one algorithm. */
export interface SigningKey {
  readonly key: CryptoKey;
}

const KEY_OF: Readonly<Record<Algorithm, { readonly kty: string; readonly crv?: string }>> = {
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
};

/**
 * The key, if it may verify signatures of this algorithm now; undefined otherwise. A key set may hold keys of other kinds
 * and other uses, which are nobody's fault; a symmetric key is never one of ours.
 */
export async function signingKey(jwk: unknown, algorithm: Algorithm, nowMs: number): Promise<SigningKey | undefined> {
  if (!isKeyFor(jwk, algorithm) || !certificateHolds(jwk, nowMs)) return undefined;
  try {
    const { kty, crv, n, e, x, y } = jwk;
    const key = await importJWK(JSON.parse(JSON.stringify({ kty, crv, n, e, x, y })) as JWK, algorithm);
    return key instanceof Uint8Array ? undefined : { key };
  } catch {
    return undefined;
  }
}

function isKeyFor(value: unknown, algorithm: Algorithm): value is JWK {
  if (typeof value !== 'object' || value === null || 'd' in value || 'k' in value) return false;
  const jwk = value as Readonly<Record<string, unknown>>;
  const { kty, crv } = KEY_OF[algorithm];
  const operations = jwk['key_ops'];
  return (
    jwk['kty'] === kty && jwk['crv'] === crv &&
    (jwk['use'] === undefined || jwk['use'] === 'sig') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) &&
    (jwk['alg'] === undefined || jwk['alg'] === algorithm || isSameCurve(jwk['alg'], algorithm))
  );
}

/** RFC 9864 renamed EdDSA over Ed25519; both names mean the same signature. */
function isSameCurve(name: unknown, algorithm: Algorithm): boolean {
  return (name === 'EdDSA' || name === 'Ed25519') && (algorithm === 'EdDSA' || algorithm === 'Ed25519');
}

/** A key that comes with a certificate (RFC 7517, section 4.7) is good only while that certificate is, and only if it is that key's. */
function certificateHolds(jwk: JWK, nowMs: number): boolean {
  if (jwk.x5c === undefined) return true;
  try {
    const certificate = new X509Certificate(Buffer.from(jwk.x5c[0]!, 'base64'));
    const inForce = Date.parse(certificate.validFrom) <= nowMs && nowMs < Date.parse(certificate.validTo);
    return inForce && certificate.publicKey.equals(createPublicKey({ key: jwk as NodeJsonWebKey, format: 'jwk' }));
  } catch {
    return false;
  }
}
