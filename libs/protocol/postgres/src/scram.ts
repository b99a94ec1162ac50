import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { SCRAM_ITERATIONS_MAX, SCRAM_ITERATIONS_MIN, SCRAM_SALT_MAX_BYTES } from './limits.js';
import type { Decoded } from './violation.js';
import { decoded, violated } from './violation.js';

/**
 * The client side of SCRAM-SHA-256 as values: no socket, no clock, no randomness.
 *
 * ```
 *   scramBegin ──▶ client-first ──▶ server-first ──▶ scramChallenge ──▶ scramAnswer ──▶ client-final
 *                                                        │ salt, iterations   ▲ keys        │
 *                                                        └──▶ scramKeys ──────┘             ▼
 *                                                                     scramVerify ◀── server-final
 * ```
 *
 * Deriving the keys is the slow step (a millisecond and more); they depend on password, salt and iterations only,
 * so a caller may keep them, as secretly as the password itself.
 *
 * Sources: RFC 5802 (SCRAM), RFC 7677 (SHA-256), RFC 5929 (tls-server-end-point), PostgreSQL documentation,
 * "SASL Authentication".
 */
export const SCRAM_SHA_256 = 'SCRAM-SHA-256';
export const SCRAM_SHA_256_PLUS = 'SCRAM-SHA-256-PLUS';

export type ScramMechanism = typeof SCRAM_SHA_256 | typeof SCRAM_SHA_256_PLUS;

export type ScramStart = {
  /** What AuthenticationSASL offers. */
  readonly mechanisms: readonly string[];
  /** Fresh for every exchange, unguessable, printable ASCII without comma; 18 random bytes in base64 are usual. */
  readonly nonce: string;
  /**
   * The hash of the server's certificate, by the hash function of its signature (SHA-256 where that is MD5 or SHA-1).
   * Where present, the connection is TLS and the exchange is bound to it, if the server offers to.
   */
  readonly certificateHash?: Uint8Array | undefined;
  /** Refuses a server that does not offer channel binding. */
  readonly requireChannelBinding?: boolean | undefined;
  /** PostgreSQL takes the user from the startup message and ignores this one. */
  readonly user?: string | undefined;
};

/** Waiting for the server's first message. */
export type ScramBegun = {
  readonly mechanism: ScramMechanism;
  readonly nonce: string;
  readonly clientFirstBare: string;
  /** The GS2 header and the channel-binding data, in base64: `c=` of the client's final message. */
  readonly channelBinding: string;
};

/** What the server asked for; waiting for the keys. */
export type ScramChallenge = {
  readonly begun: ScramBegun;
  readonly salt: Buffer;
  readonly iterations: number;
  readonly serverNonce: string;
  readonly serverFirst: string;
};

/** Secrets: ClientKey and ServerKey of RFC 5802. */
export type ScramKeys = { readonly clientKey: Buffer; readonly serverKey: Buffer };

/** Waiting for the server's final message. */
export type ScramAnswered = { readonly serverSignature: Buffer };

/** Chooses the mechanism and writes the client's first message, for SASLInitialResponse. */
export function scramBegin(start: ScramStart): Decoded<{ readonly response: Buffer; readonly begun: ScramBegun }> {
  if (!isPrintable(start.nonce)) throw new RangeError('a SCRAM nonce must be printable ASCII without comma');
  const mechanism = chooseMechanism(start);
  if (mechanism === undefined) return violated('scram-mechanism', 'the server offers no acceptable mechanism');
  const header = gs2Header(mechanism, start.certificateHash !== undefined);
  const binding = mechanism === SCRAM_SHA_256_PLUS ? (start.certificateHash ?? EMPTY) : EMPTY;
  const clientFirstBare = wireText(`n=${escapeName(start.user ?? '')},r=${start.nonce}`);
  const channelBinding = Buffer.concat([Buffer.from(header), binding]).toString('base64');
  return decoded({ response: Buffer.from(header + clientFirstBare, 'latin1'), begun: { mechanism, nonce: start.nonce, clientFirstBare, channelBinding } });
}

const EMPTY = Buffer.alloc(0);

function chooseMechanism(start: ScramStart): ScramMechanism | undefined {
  if (start.certificateHash !== undefined && start.mechanisms.includes(SCRAM_SHA_256_PLUS)) return SCRAM_SHA_256_PLUS;
  if (start.requireChannelBinding === true) return undefined;
  return start.mechanisms.includes(SCRAM_SHA_256) ? SCRAM_SHA_256 : undefined;
}

/** `y` says "I could, but you do not seem to": a server that did offer it then knows that its offer was tampered with. */
function gs2Header(mechanism: ScramMechanism, canBind: boolean): string {
  if (mechanism === SCRAM_SHA_256_PLUS) return 'p=tls-server-end-point,,';
  return canBind ? 'y,,' : 'n,,';
}

function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

/** The bounds of the iterations that a server may ask for: too few weaken the password's proof, too many are work for us. */
export type ScramIterations = { readonly min?: number | undefined; readonly max?: number | undefined };

/** Reads the server's first message (AuthenticationSASLContinue). */
export function scramChallenge(begun: ScramBegun, serverFirst: Buffer, bounds: ScramIterations = {}): Decoded<ScramChallenge> {
  const text = serverFirst.toString('latin1');
  const match = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/=]+),i=([1-9][0-9]{0,9})(?:,.*)?$/.exec(text);
  if (match === null) return violated('scram-malformed', 'the server-first message');
  const [, serverNonce = '', saltText = '', iterationsText = ''] = match;
  const salt = fromBase64(saltText);
  if (salt === undefined || salt.length === 0 || salt.length > SCRAM_SALT_MAX_BYTES) return violated('scram-malformed', 'the salt');
  if (!serverNonce.startsWith(begun.nonce) || serverNonce.length === begun.nonce.length) return violated('scram-nonce', 'the server nonce does not extend ours');
  const iterations = Number(iterationsText);
  const { min = SCRAM_ITERATIONS_MIN, max = SCRAM_ITERATIONS_MAX } = bounds;
  if (iterations < min || iterations > max) return violated('scram-iterations', `${iterations} iterations; accepted are ${min} to ${max}`);
  return decoded({ begun, salt, iterations, serverNonce, serverFirst: text });
}

/** Derives the keys of a password. Blocks: about half a microsecond per iteration. */
export function scramKeys(password: string, salt: Uint8Array, iterations: number): ScramKeys {
  const salted = pbkdf2Sync(preparePassword(password), salt, iterations, 32, 'sha256');
  return { clientKey: hmac(salted, 'Client Key'), serverKey: hmac(salted, 'Server Key') };
}

/** Writes the client's final message, for SASLResponse. */
export function scramAnswer(challenge: ScramChallenge, keys: ScramKeys): { readonly response: Buffer; readonly answered: ScramAnswered } {
  const withoutProof = `c=${challenge.begun.channelBinding},r=${challenge.serverNonce}`;
  const authMessage = `${challenge.begun.clientFirstBare},${challenge.serverFirst},${withoutProof}`;
  const clientSignature = hmac(createHash('sha256').update(keys.clientKey).digest(), authMessage);
  const proof = Buffer.from(keys.clientKey.map((byte, at) => byte ^ clientSignature[at]!));
  const response = Buffer.from(`${withoutProof},p=${proof.toString('base64')}`);
  return { response, answered: { serverSignature: hmac(keys.serverKey, authMessage) } };
}

/**
 * Checks the server's final message (AuthenticationSASLFinal). Only after this does the client know whom it talks to:
 * an AuthenticationOk that comes without it must be refused.
 */
export function scramVerify(answered: ScramAnswered, serverFinal: Buffer): Decoded<true> {
  const match = /^([ev])=([^,]+)(?:,.*)?$/.exec(serverFinal.toString('latin1'));
  if (match === null) return violated('scram-malformed', 'the server-final message');
  if (match[1] === 'e') return violated('scram-refused', 'the server reports an error instead of its signature');
  const signature = fromBase64(match[2] ?? '');
  if (signature === undefined) return violated('scram-malformed', 'the server signature');
  const equal = signature.length === answered.serverSignature.length && timingSafeEqual(signature, answered.serverSignature);
  return equal ? decoded(true) : violated('scram-server-signature', 'the server does not know the password');
}

/** Node's decoder ignores what is not base64; only text that it writes back unchanged was base64. */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function isPrintable(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(text);
}

/** The texts of an exchange are kept one character per byte, so that both signatures cover the very bytes on the wire. */
function wireText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function hmac(key: Uint8Array, message: string): Buffer {
  return createHmac('sha256', key).update(message, 'latin1').digest();
}

/** RFC 4013 maps these to nothing (table B.1 of RFC 3454) ... */
const MAPPED_TO_NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;
/** ... and these to a space (table C.1.2). */
const MAPPED_TO_SPACE = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
/** Tables C.2 to C.9: controls, private use, non-characters, surrogates, and what is unfit for plain text. */
const PROHIBITED = /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u0340\u0341\u06dd\u070f\u180e\u200c-\u200f\u2028-\u202e\u2060-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u;

/**
 * SASLprep (RFC 4013) as PostgreSQL applies it: a password that the profile prohibits is used as it is.
 *
 * Known gap: the rules for mixed writing directions and for characters unassigned in Unicode 3.2 are not applied.
 * They matter only to a password that also holds characters which the mapping changes.
 */
function preparePassword(password: string): string {
  if (/^[\x20-\x7e]*$/.test(password)) return password;
  const prepared = password.replace(MAPPED_TO_SPACE, ' ').replace(MAPPED_TO_NOTHING, '').normalize('NFKC');
  return prepared === '' || PROHIBITED.test(prepared) ? password : prepared;
}
