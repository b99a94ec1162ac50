import { createCipheriv, createDecipheriv, type Decipher } from 'node:crypto';
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

/** Decrypts the payload that begins at byte `offset` of its key's stream. */
export type EventOpener = (offset: number, ciphertext: Uint8Array) => Buffer;

/** Bytes of the stream that are passed over: a new cipher object costs as much. */
const PASSED_BYTES_MAX = 4 * 1024;
const PASSED = Buffer.alloc(PASSED_BYTES_MAX);

/**
 * Opens payloads of one key. Those that follow each other in its stream, as the events of an exchange do, share one cipher
 * object. Integrity is not checked here: the batch signature and the log cover the ciphertext.
 *
 * @throws RangeError on a key of another size, or an offset that is no whole number from 0.
 */
export function createEventOpener(key: Uint8Array): EventOpener {
  requireKey(key);
  let decipher: Decipher | undefined;
  let next = 0;
  return (offset, ciphertext) => {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError('the offset of an event is a whole number from 0');
    if (!decipher || offset < next || offset - next > PASSED_BYTES_MAX) {
      decipher = createDecipheriv('aes-256-ctr', key, counterBlock(offset));
      next = offset - (offset % BLOCK_BYTES);
    }
    if (offset > next) decipher.update(PASSED.subarray(0, offset - next));
    next = offset + ciphertext.length;
    return decipher.update(ciphertext);
  };
}

/** Decrypts one payload, as {@link createEventOpener} does. */
export function openEvent(key: Uint8Array, offset: number, ciphertext: Uint8Array): Buffer {
  return createEventOpener(key)(offset, ciphertext);
}

function counterBlock(offset: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.writeBigUInt64BE(BigInt(Math.floor(offset / BLOCK_BYTES)), 8);
  return block;
}

function requireKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`an event key has ${KEY_BYTES} bytes, not ${key.length}`);
}
