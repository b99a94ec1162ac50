import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Assertion, AuthenticatorAlgorithm } from '@interlock/contracts';

/** Where people sign: what an assertion must have been made for. */
export interface RelyingParty {
  /** The domain that credentials belong to, e.g. `localhost`. */
  readonly rpId: string;
  /** Pages that may ask for signatures, e.g. `http://localhost:8800`. */
  readonly origins: readonly string[];
}

/** Whose signature it must be, and over what. */
export interface Expected extends RelyingParty {
  /** SHA-256 digest as 64 hexadecimal digits: the challenge is its 32 bytes. */
  readonly digest: string;
  readonly algorithm: AuthenticatorAlgorithm;
  /** SubjectPublicKeyInfo, DER, base64url. */
  readonly publicKey: string;
  /** Signatures that the authenticator had counted the last time; 0 where it counts none. */
  readonly counter: number;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const BACKUP_POSSIBLE = 0x08;
const BACKED_UP = 0x10;
/** RP id hash, flags, counter (WebAuthn, section 6.1). Extensions may follow; they are signed, and nothing is read in them. */
const DATA_BYTES_MIN = 37;
const RSA_BITS_MIN = 2_048;

/**
 * Verifies an assertion (WebAuthn Level 3, section 7.2) made by one known key over one digest, and gives the authenticator's new counter. The person
 * must have been present and verified. Nothing here decodes CBOR: keys come as SubjectPublicKeyInfo, which the browser gives beside the attestation.
 */
export function verifyAssertion(assertion: Assertion, expected: Expected): Outcome<{ readonly counter: number }> {
  const [clientData, data, signature] = [assertion.clientData, assertion.authenticatorData, assertion.signature].map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer, Buffer];
  const said = clientDataProblem(clientData, expected) ?? authenticatorDataProblem(data, expected);
  if (said) return wrong(...said);
  const key = publicKeyOf(expected.publicKey, expected.algorithm);
  if (!key.ok) return key;
  const signed = Buffer.concat([data, createHash('sha256').update(clientData).digest()]);
  if (!isSignedBy(key.value, signed, signature)) return wrong('signature_wrong', 'The signature is not this authenticator’s, or not over this.');
  const counter = data.readUInt32BE(33);
  if ((counter !== 0 || expected.counter !== 0) && counter <= expected.counter) {
    return refused('authenticator_cloned', `The authenticator counted ${counter} signatures after ${expected.counter}: there may be two of it.`, { hint: 'Revoke it and register another one.' });
  }
  return accepted({ counter });
}

/** The key, if it is one of the kind that the algorithm means. */
export function publicKeyOf(spki: string, algorithm: AuthenticatorAlgorithm): Outcome<KeyObject> {
  try {
    const key = createPublicKey({ key: Buffer.from(spki, 'base64url'), format: 'der', type: 'spki' });
    if (KINDS[algorithm](key)) return accepted(key);
  } catch {
    // Told below, like a key of another kind.
  }
  return wrong('authenticator_key_invalid', 'The public key is not one of the algorithm that it is said to be for.');
}

const KINDS: Readonly<Record<AuthenticatorAlgorithm, (key: KeyObject) => boolean>> = {
  [-8]: (key) => key.asymmetricKeyType === 'ed25519',
  [-7]: (key) => key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
  [-257]: (key) => key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS_MIN,
};

function isSignedBy(key: KeyObject, signed: Buffer, signature: Buffer): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', signed, key, signature);
  } catch {
    return false;
  }
}

type Problem = readonly [reason: string, detail: string];

function clientDataProblem(bytes: Buffer, { digest, origins }: Expected): Problem | undefined {
  const said = parsed(bytes);
  if (said['type'] !== 'webauthn.get') return ['assertion_malformed', 'It is no assertion.'];
  if (said['challenge'] !== Buffer.from(digest, 'hex').toString('base64url')) return ['digest_mismatch', 'What was signed is not the digest of this request.'];
  if (typeof said['origin'] !== 'string' || !origins.includes(said['origin'])) return ['origin_wrong', 'It was signed on another page than the approval page of this installation.'];
  return said['crossOrigin'] === true || said['topOrigin'] !== undefined ? ['origin_wrong', 'It was signed in a page within another page.'] : undefined;
}

function authenticatorDataProblem(data: Buffer, { rpId }: Expected): Problem | undefined {
  if (data.length < DATA_BYTES_MIN) return ['assertion_malformed', 'The authenticator’s data is cut short.'];
  if (!data.subarray(0, 32).equals(createHash('sha256').update(rpId).digest())) return ['origin_wrong', `It was signed for another domain than ${rpId}.`];
  const flags = data[32]!;
  if ((flags & PRESENT) === 0 || (flags & VERIFIED) === 0) return ['person_unverified', 'The authenticator did not verify its person (PIN, fingerprint or face).'];
  return (flags & BACKED_UP) !== 0 && (flags & BACKUP_POSSIBLE) === 0 ? ['assertion_malformed', 'The authenticator’s flags contradict each other.'] : undefined;
}

function parsed(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function wrong(reason: string, detail: string): Outcome<never> {
  return refused(reason, detail, { hint: 'Open the request on the approval page and sign it there.' });
}
