import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { EventSeal } from '@interlock/kernel';

/** Bytes of an AES-256 key. */
export const KEY_BYTES = 32;
const BLOCK_BYTES = 16;

/**
 * One running AES-256-CTR stream (NIST SP 800-38A, section 6.5), counter block from zero. The key must be fresh: a second
 * seal under the same key would use the same stream twice and give both payloads away.
 *
 * @throws RangeError when the key does not have 32 bytes.
 */
export function createEventSeal(keyId: string, key: Uint8Array): EventSeal {
  requireKey(key);
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(BLOCK_BYTES));
  let next = 0;
  return {
    keyId,
    encrypt(plain) {
      const offset = next;
      next += plain.length;
      return { ciphertext: cipher.update(plain), offset };
    },
  };
}

/**
 * Decrypts one payload that begins at byte `offset` of its key's stream. Integrity is not checked here: the batch
 * signature and the log cover the ciphertext.
 *
 * @throws RangeError on a key of another size, or an offset that is no whole number from 0.
 */
export function openEvent(key: Uint8Array, offset: number, ciphertext: Uint8Array): Buffer {
  requireKey(key);
  if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError('the offset of an event is a whole number from 0');
  const decipher = createDecipheriv('aes-256-ctr', key, counterBlock(offset));
  decipher.update(Buffer.alloc(offset % BLOCK_BYTES));
  return decipher.update(ciphertext);
}

function counterBlock(offset: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.writeBigUInt64BE(BigInt(Math.floor(offset / BLOCK_BYTES)), 8);
  return block;
}

function requireKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`an event key has ${KEY_BYTES} bytes, not ${key.length}`);
}
