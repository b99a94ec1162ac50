import { hkdfSync } from 'node:crypto';
import { aessiv } from '@noble/ciphers/aes.js';
import { FF1 } from '@noble/ciphers/ff1.js';
import type { CipherBook, ValueCipher } from '@interlock/domain-masking';

/** Random bytes of a key. */
export const CIPHER_KEY_BYTES = 32;
/** AES-256 twice, for the tag and for the counter (RFC 5297, section 2.2). */
const SIV_KEY_BYTES = 64;
const FF1_KEY_BYTES = 32;
const DIGITS_MIN = 6;

/** One key of one kind of one tenant's values. */
export interface CipherKey {
  readonly tenant: string;
  readonly kind: string;
  readonly version: number;
  readonly key: Uint8Array;
}

/**
 * One key at work. Both ciphers have a key of their own, derived from it by HKDF-SHA-256 (RFC 5869). What AES-SIV makes is bound to tenant, kind and version
 * as associated data; FF1's tweak is `interlock-digits/v1`, kind and the tweak it is called with.
 */
export class KeyCipher implements ValueCipher {
  readonly kind: string;
  readonly version: number;
  readonly #siv: Uint8Array;
  readonly #ff1: Uint8Array;
  readonly #context: Uint8Array;

  /** @throws RangeError on a key of another length. */
  constructor({ tenant, kind, version, key }: CipherKey) {
    if (key.length !== CIPHER_KEY_BYTES) throw new RangeError(`a key of tokens has ${CIPHER_KEY_BYTES} bytes, not ${key.length}`);
    this.kind = kind;
    this.version = version;
    this.#siv = derived(key, 'interlock-token-siv/v1', SIV_KEY_BYTES);
    this.#ff1 = derived(key, 'interlock-digits-ff1/v1', FF1_KEY_BYTES);
    this.#context = utf8(`interlock-token/v1\n${tenant}\n${kind}\n${version}`);
  }

  seal(value: Uint8Array): Uint8Array {
    return aessiv(this.#siv, this.#context).encrypt(value);
  }

  open(sealed: Uint8Array): Uint8Array | undefined {
    try {
      return aessiv(this.#siv, this.#context).decrypt(sealed);
    } catch {
      return undefined;
    }
  }

  permute(digits: readonly number[], tweak: string): number[] {
    if (digits.length < DIGITS_MIN) throw new RangeError(`${DIGITS_MIN} digits or more are permuted, not ${digits.length}`);
    return FF1(10, this.#ff1, utf8(`interlock-digits/v1\n${this.kind}\n${tweak}`)).encrypt([...digits]);
  }
}

/** Keys by kind and version. */
export class KeyRing implements CipherBook {
  readonly #byKind = new Map<string, Map<number, ValueCipher>>();

  constructor(keys: readonly CipherKey[]) {
    for (const key of keys) {
      const versions = this.#byKind.get(key.kind) ?? new Map<number, ValueCipher>();
      this.#byKind.set(key.kind, versions.set(key.version, new KeyCipher(key)));
    }
  }

  newest(kind: string): ValueCipher | undefined {
    const versions = this.#byKind.get(kind);
    return versions?.get(Math.max(...versions.keys()));
  }

  of(kind: string, version: number): ValueCipher | undefined {
    return this.#byKind.get(kind)?.get(version);
  }
}

function derived(key: Uint8Array, use: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), use, bytes));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
