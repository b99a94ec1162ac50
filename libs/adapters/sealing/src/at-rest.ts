import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import { KEY_BYTES } from './event-seal.js';

const MAGIC = Buffer.from('ILW1', 'latin1');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LOCKED_KEY_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/**
 * Encrypts `plaintext` under a random data key, and that key under the key-encryption key: both AES-256-GCM (NIST
 * SP 800-38D) with `context` (what this is and whose) as associated data, so a stored value cannot be moved elsewhere.
 *
 *     "ILW1" | nonce (12) | data key (32) | tag (16) | nonce (12) | ciphertext | tag (16)
 *
 * @throws RangeError when the key-encryption key does not have 32 bytes.
 */
export function wrapAtRest(kek: Uint8Array, plaintext: Uint8Array, context: string): Buffer {
  requireKek(kek);
  const dataKey = randomBytes(KEY_BYTES);
  return Buffer.concat([MAGIC, lock(kek, dataKey, context), lock(dataKey, plaintext, context)]);
}

/** The plaintext again. Refuses with `wrap_unopenable` on another key, another context, or a changed byte. */
export function unwrapAtRest(kek: Uint8Array, wrapped: Uint8Array, context: string): Outcome<Buffer> {
  requireKek(kek);
  const bytes = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
  const start = MAGIC.length + LOCKED_KEY_BYTES;
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || bytes.length < start + NONCE_BYTES + TAG_BYTES) return unopenable();
  try {
    return accepted(unlock(unlock(kek, bytes.subarray(MAGIC.length, start), context), bytes.subarray(start), context));
  } catch {
    return unopenable();
  }
}

/** A key-encryption key as configuration carries it: 32 bytes in base64. Refuses with `kek_malformed`; never names the value. */
export function parseKek(base64: string): Outcome<Buffer> {
  const text = base64.trim();
  const key = Buffer.from(text, 'base64');
  if (key.length === KEY_BYTES && /^[A-Za-z0-9+/]{43}=$/.test(text)) return accepted(key);
  return refused('kek_malformed', 'The key-encryption key is not 32 bytes in base64.', { hint: 'Make one with: head -c 32 /dev/urandom | base64' });
}

function lock(key: Uint8Array, plaintext: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function unlock(key: Uint8Array, locked: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, locked.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context, 'utf8')).setAuthTag(locked.subarray(locked.length - TAG_BYTES));
  return Buffer.concat([decipher.update(locked.subarray(NONCE_BYTES, locked.length - TAG_BYTES)), decipher.final()]);
}

function requireKek(kek: Uint8Array): void {
  if (kek.length !== KEY_BYTES) throw new RangeError(`a key-encryption key has ${KEY_BYTES} bytes, not ${kek.length}`);
}

function unopenable(): Outcome<Buffer> {
  return refused('wrap_unopenable', 'The stored value cannot be decrypted: it was encrypted under another key or for another use, or it was changed.');
}
