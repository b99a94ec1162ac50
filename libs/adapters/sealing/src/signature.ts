import { verify, type KeyObject } from 'node:crypto';
import { publicKeyFromRaw } from './raw-keys.js';

/** Building a key object costs as much as a verification; an installation has about ten keys. */
const KEPT_KEYS = 64;
const SIGNATURE_BYTES = 64;
const kept = new Map<string, KeyObject>();

/**
 * Signatures that held, with their key and text. Recorder and audit of one process check the same batches within moments,
 * and a verification costs more than everything else that a small batch needs.
 */
const HELD_SIGNATURES = 2_048;
const held = new Map<string, { readonly key: string; readonly text: string }>();

/**
 * Whether `signatureBase64` is the Ed25519 signature (RFC 8032) of `text` by the owner of the raw public key. A malformed
 * key or signature is a `false`, never an error: what cannot be checked is not signed. A signature has one spelling.
 */
export function verifySignature(publicKeyRawBase64: string, text: string | Uint8Array, signatureBase64: string): boolean {
  const before = held.get(signatureBase64);
  if (before && before.key === publicKeyRawBase64 && before.text === text) return true;
  const signature = Buffer.from(signatureBase64, 'base64');
  if (signature.length !== SIGNATURE_BYTES || signature.toString('base64') !== signatureBase64) return false;
  const key = keyOf(publicKeyRawBase64);
  if (key === undefined || !verify(null, typeof text === 'string' ? Buffer.from(text, 'utf8') : text, key, signature)) return false;
  if (typeof text === 'string') hold(signatureBase64, publicKeyRawBase64, text);
  return true;
}

function hold(signature: string, key: string, text: string): void {
  if (held.size >= HELD_SIGNATURES) held.delete(held.keys().next().value!);
  held.set(signature, { key, text });
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
