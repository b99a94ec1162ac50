/** One key of one kind of values, as what it can do. */
export interface ValueCipher {
  readonly kind: string;
  /** Which of the kind's keys: 1 is the first. */
  readonly version: number;
  /** Deterministic and authenticated (AES-SIV, RFC 5297): equal values give equal bytes, other bytes do not open. Longer than the value by 16 bytes. */
  seal(value: Uint8Array): Uint8Array;
  /** The value; undefined for bytes that this key did not make. */
  open(sealed: Uint8Array): Uint8Array | undefined;
  /**
   * A permutation of digit strings of one length (FF1, NIST SP 800-38G, radix 10), another one for every tweak. Six digits or more: fewer are too
   * few to hide among.
   *
   * @throws RangeError for fewer.
   */
  permute(digits: readonly number[], tweak: string): number[];
}

/** The keys that are at hand. */
export interface CipherBook {
  /** The key that new tokens are made with; undefined where there is none, and then nothing of the kind may be shown. */
  newest(kind: string): ValueCipher | undefined;
  /** Any key that ever made tokens. */
  of(kind: string, version: number): ValueCipher | undefined;
}

/** No key at all. */
export const NO_CIPHERS: CipherBook = { newest: () => undefined, of: () => undefined };
