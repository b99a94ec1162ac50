import { hash } from 'node:crypto';
import { canonicalJson, type Json } from './canonical-json.js';

/**
 * SHA-256 of the bytes, 32 bytes. The one-shot digest as a binary string costs a quarter of a hash object, and every
 * event is hashed three times on its way to the ledger.
 */
export function sha256(bytes: Uint8Array | string): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary');
}

/** SHA-256 of the bytes, 64 lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}

/** The identity of a value: SHA-256 over its canonical JSON (RFC 8785), in hexadecimal. */
export function digestOf(value: Json): string {
  return sha256Hex(canonicalJson(value));
}
