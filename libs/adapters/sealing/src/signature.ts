import { verify, type KeyObject } from 'node:crypto';
import { publicKeyFromRaw } from './raw-keys.js';

/** Building a key object costs as much as a verification; an installation has about ten keys. */
const KEPT_KEYS = 64;
const SIGNATURE_BYTES = 64;
const kept = new Map<string, KeyObject>();

/**
 * Whether `signatureBase64` is the Ed25519 signature (RFC 8032) of `text` by the owner of the raw public key. A malformed
 * key or signature is a `false`, never an error: what cannot be checked is not signed. A signature has one spelling.
 */
export function verifySignature(publicKeyRawBase64: string, text: string | Uint8Array, signatureBase64: string): boolean {
  const signature = Buffer.from(signatureBase64, 'base64');
  if (signature.length !== SIGNATURE_BYTES || signature.toString('base64') !== signatureBase64) return false;
  const key = keyOf(publicKeyRawBase64);
  return key !== undefined && verify(null, typeof text === 'string' ? Buffer.from(text, 'utf8') : text, key, signature);
}

function keyOf(rawBase64: string): KeyObject | undefined {
  const known = kept.get(rawBase64);
  if (known) return known;
  try {
    const key = publicKeyFromRaw('Ed25519', Buffer.from(rawBase64, 'base64'));
    if (kept.size >= KEPT_KEYS) kept.clear();
    kept.set(rawBase64, key);
    return key;
  } catch {
    return undefined;
  }
}
