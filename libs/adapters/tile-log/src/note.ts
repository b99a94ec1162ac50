import { createHash, createPublicKey, verify } from 'node:crypto';
import { accepted, refused, type Outcome } from '@interlock/kernel';

/** Signs notes under one name. `sign` returns the Ed25519 signature of the text's UTF-8 bytes. */
export interface NoteSigner {
  /** No spaces and no plus sign, e.g. `example.com/log`. */
  readonly name: string;
  /** Ed25519, raw 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(text: string): Uint8Array;
}

/** A key that notes are checked with. */
export interface NoteVerifier {
  readonly name: string;
  readonly publicKey: Uint8Array;
}

const ED25519 = 0x01;
const SIGNATURES_MAX = 64;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** First four bytes of SHA-256(name | newline | 0x01 | key) (C2SP signed-note). */
export function keyId(key: NoteVerifier): Buffer {
  return createHash('sha256').update(`${key.name}\n`).update(Buffer.from([ED25519])).update(key.publicKey).digest().subarray(0, 4);
}

/** The key as text, `name+id+base64`, the form that other tools take. */
export function verifierKeyText(key: NoteVerifier): string {
  return `${key.name}+${keyId(key).toString('hex')}+${Buffer.concat([Buffer.from([ED25519]), key.publicKey]).toString('base64')}`;
}

/** Reads {@link verifierKeyText}; refuses another algorithm and an id that does not belong to the key. */
export function parseVerifierKey(text: string): Outcome<NoteVerifier> {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim());
  const bytes = Buffer.from(match?.[3] ?? '', 'base64');
  if (!match || bytes.length !== 33 || bytes[0] !== ED25519) {
    return refused('verifier_key_malformed', 'The verifier key is not an Ed25519 key of the form name+id+base64.');
  }
  const key = { name: match[1]!, publicKey: bytes.subarray(1) };
  return keyId(key).toString('hex') === match[2]
    ? accepted(key)
    : refused('verifier_key_malformed', `The id in the verifier key of ${key.name} does not belong to its key.`);
}

/**
 * A signed note (C2SP signed-note): the text, a blank line, and one signature line.
 *
 * @throws RangeError when the text does not end in a newline or the name cannot stand in a note.
 */
export function signNote(text: string, signer: NoteSigner): string {
  if (!text.endsWith('\n')) throw new RangeError('the text of a note ends in a newline');
  if (!/^[^\s+]+$/u.test(signer.name)) throw new RangeError('the name of a note key holds no space and no plus sign');
  return `${text}\n${signatureLine(signer, signer.sign(text))}`;
}

function signatureLine(key: NoteVerifier, signature: Uint8Array): string {
  return `\u2014 ${key.name} ${Buffer.concat([keyId(key), signature]).toString('base64')}\n`;
}

/** Checks a note and returns its text. Signatures by other keys (witnesses) are passed over, as the specification asks. */
export function verifyNote(note: string, key: NoteVerifier): Outcome<string> {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return refused('note_malformed', 'The note has no blank line before its signatures.');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) return refused('note_malformed', `The note carries more than ${SIGNATURES_MAX} signatures.`);
  const own = lines.map((line) => signatureBy(line, key)).filter((signature) => signature !== undefined);
  if (own.length === 0) return refused('note_unsigned', `The note carries no signature by ${key.name}.`);
  return own.every((signature) => isSignature(text, signature, key))
    ? accepted(text)
    : refused('note_signature_wrong', `The signature of ${key.name} does not belong to this note.`);
}

function signatureBy(line: string, key: NoteVerifier): Buffer | undefined {
  const match = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line);
  if (match?.[1] !== key.name) return undefined;
  const bytes = Buffer.from(match[2]!, 'base64');
  return bytes.subarray(0, 4).equals(keyId(key)) ? bytes.subarray(4) : undefined;
}

function isSignature(text: string, signature: Buffer, key: NoteVerifier): boolean {
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key.publicKey]), format: 'der', type: 'spki' });
  return signature.length === 64 && verify(null, Buffer.from(text), publicKey, signature);
}
