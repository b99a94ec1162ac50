import { createCipheriv, createDecipheriv, diffieHellman, generateKeyPairSync, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { SealedBox } from '@interlock/contracts';
import { PUBLIC_KEY_BYTES, publicKeyFromRaw, rawPublicKey } from './raw-keys.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LABEL = 'interlock-sealed-box/v1\n';

/**
 * Closes `bytes` so that only the holder of the recipient's private sealing key can read them, and only for `purpose`.
 *
 * X25519 with an ephemeral key (RFC 7748), HKDF-SHA-256 salted with both public keys (RFC 5869), AES-256-GCM with the
 * purpose as associated data (NIST SP 800-38D). It hides and protects the content; it does not say who sealed it.
 *
 * @throws RangeError when the recipient's key does not have 32 bytes.
 */
export function seal(recipientSealingKeyBase64: string, purpose: string, bytes: Uint8Array): SealedBox {
  const recipientRaw = Buffer.from(recipientSealingKeyBase64, 'base64');
  const recipient = publicKeyFromRaw('X25519', recipientRaw);
  const ephemeral = generateKeyPairSync('x25519');
  const ephemeralRaw = rawPublicKey(ephemeral.publicKey);
  const key = boxKey(diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient }), ephemeralRaw, recipientRaw, purpose);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose, 'utf8'));
  const parts = [ephemeralRaw, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()];
  return { box: Buffer.concat(parts).toString('base64'), purpose };
}

/** Opens a box. Refuses with `box_purpose` when it was made for another use and with `box_unopenable` otherwise. */
export function openBox(recipient: KeyObject, box: SealedBox, purpose: string): Outcome<Buffer> {
  if (box.purpose !== purpose) return refused('box_purpose', `The sealed box was made for another use than ${purpose}.`);
  const bytes = Buffer.from(box.box, 'base64');
  if (bytes.length < PUBLIC_KEY_BYTES + NONCE_BYTES + TAG_BYTES) return unopenable(purpose);
  try {
    return accepted(decrypt(recipient, bytes, purpose));
  } catch {
    return unopenable(purpose);
  }
}

function decrypt(recipient: KeyObject, bytes: Buffer, purpose: string): Buffer {
  const ephemeralRaw = bytes.subarray(0, PUBLIC_KEY_BYTES);
  const nonce = bytes.subarray(PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES + NONCE_BYTES);
  const secret = diffieHellman({ privateKey: recipient, publicKey: publicKeyFromRaw('X25519', ephemeralRaw) });
  const key = boxKey(secret, ephemeralRaw, rawPublicKey(recipient), purpose);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(purpose, 'utf8')).setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const ciphertext = bytes.subarray(PUBLIC_KEY_BYTES + NONCE_BYTES, bytes.length - TAG_BYTES);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

function boxKey(secret: Buffer, ephemeral: Buffer, recipient: Buffer, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, Buffer.concat([ephemeral, recipient]), LABEL + purpose, 32));
}

function unopenable(purpose: string): Outcome<Buffer> {
  return refused('box_unopenable', `The sealed box for ${purpose} cannot be opened with this service's key: it was sealed to another key, or changed on the way.`);
}
