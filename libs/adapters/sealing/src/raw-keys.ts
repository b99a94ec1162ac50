import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

type Curve = 'Ed25519' | 'X25519';

/** Bytes of a public key of either curve (RFC 8032, RFC 7748). */
export const PUBLIC_KEY_BYTES = 32;

/**
 * The raw 32 bytes of the public half, as trust.json and sealed boxes carry it: the end of its SubjectPublicKeyInfo (RFC 8410). Not by way of a JSON Web
 * Key: Node 20 holds the key's lock while it writes one, and stands still for ever where it collects the job that generated the key meanwhile.
 */
export function rawPublicKey(key: KeyObject): Buffer {
  const half = key.type === 'public' ? key : createPublicKey(key);
  return half.export({ format: 'der', type: 'spki' }).subarray(-PUBLIC_KEY_BYTES);
}

/**
 * A public key from its raw 32 bytes (as a JSON Web Key, RFC 8037).
 *
 * @throws RangeError when there are not 32 of them.
 */
export function publicKeyFromRaw(curve: Curve, raw: Uint8Array): KeyObject {
  if (raw.length !== PUBLIC_KEY_BYTES) throw new RangeError(`a public key of ${curve} has ${PUBLIC_KEY_BYTES} bytes, not ${raw.length}`);
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x: Buffer.from(raw).toString('base64url') }, format: 'jwk' });
}

/** A private key from PKCS #8 DER in base64 (RFC 5958, RFC 8410). @throws when it is not one, or of the other curve. */
export function privateKeyFromBase64(curve: Curve, pkcs8: string): KeyObject {
  const key = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
  if (key.asymmetricKeyType !== curve.toLowerCase()) throw new TypeError(`expected a private key of ${curve}, not of ${key.asymmetricKeyType}`);
  return key;
}

/** PKCS #8 DER in base64, as a key file holds it. */
export function privateKeyToBase64(key: KeyObject): string {
  return key.export({ format: 'der', type: 'pkcs8' }).toString('base64');
}
