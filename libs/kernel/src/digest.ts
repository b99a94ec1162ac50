import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from './canonical-json.js';

/** SHA-256 of the bytes, 32 bytes. */
export function sha256(bytes: Uint8Array | string): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** SHA-256 of the bytes, 64 lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The identity of a value: SHA-256 over its canonical JSON (RFC 8785), in hexadecimal. */
export function digestOf(value: Json): string {
  return sha256Hex(canonicalJson(value));
}
