import { refused, accepted, type Outcome } from '@interlock/kernel';
import { base32, fromBase32 } from './base32.js';
import type { CipherBook, ValueCipher } from './cipher.js';

/** Longer values get no token: they are redacted. */
const TOKEN_VALUE_MAX_BYTES = 1_024;

/** `email_t1_` and base32: kind, version of its key, and what the cipher made of the value. Nothing else is in it. */
const FORM = /^([a-z][a-z0-9-]{0,31})_t([1-9]\d{0,8})_([a-z2-7]{26,})$/;
/** No token is longer. */
export const TOKEN_MAX_CHARACTERS = 2_000;

/** What a token says of itself. */
export interface TokenParts {
  readonly kind: string;
  readonly version: number;
  readonly sealed: Buffer;
}

/** The token of one exact value: always the same one under one key. Undefined where the value is too long for one. */
export function issueToken(cipher: ValueCipher, value: Uint8Array): string | undefined {
  if (value.length > TOKEN_VALUE_MAX_BYTES) return undefined;
  return `${cipher.kind}_t${cipher.version}_${base32(cipher.seal(value))}`;
}

/** Whether a text has the form of a token, whoever made it. */
export function readToken(text: string): TokenParts | undefined {
  const match = text.length <= TOKEN_MAX_CHARACTERS ? FORM.exec(text) : null;
  const sealed = match && fromBase32(match[3]!);
  return match && sealed ? { kind: match[1]!, version: Number(match[2]), sealed } : undefined;
}

/**
 * The value of a token. Refuses with `key_missing` where no key of its kind and version is at hand, and with `forged_token` where that key did
 * not make it; neither says anything of a value.
 */
export function redeemToken(book: CipherBook, { kind, version, sealed }: TokenParts): Outcome<Buffer> {
  const cipher = book.of(kind, version);
  if (!cipher) return refused('key_missing', `There is no key ${version} of kind ${kind}, so this token cannot be read.`);
  const value = cipher.open(sealed);
  return value ? accepted(Buffer.from(value)) : refused('forged_token', `This token of kind ${kind} was not issued here, or was changed.`, { hint: 'Use tokens exactly as they came.' });
}
