export { CIPHER_KEY_BYTES, KeyCipher, KeyRing, type CipherKey } from './key-cipher.js';
