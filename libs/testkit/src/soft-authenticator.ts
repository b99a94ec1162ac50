import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Assertion, AuthenticatorAlgorithm } from '@interlock/contracts';

/** What an authenticator and its browser put into an assertion; whatever a test wants otherwise. */
export interface Signing {
  readonly type?: string;
  readonly origin?: string;
  readonly rpId?: string;
  readonly flags?: number;
  readonly counter?: number;
  readonly clientData?: object;
  /** Bytes after the counter. */
  readonly extensions?: Buffer;
}

/** An authenticator in software, with its browser: signs like one, and as wrongly as a test asks it to. */
export class SoftAuthenticator {
  readonly publicKey: string;
  readonly #key: KeyObject;

  constructor(readonly id: string, readonly algorithm: AuthenticatorAlgorithm = -7) {
    const { publicKey, privateKey } = pairFor(algorithm);
    this.#key = privateKey;
    this.publicKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
  }

  /** Signs the 32 bytes that this digest writes in hexadecimal. */
  sign(digest: string, { type = 'webauthn.get', origin = 'http://localhost:8800', rpId = 'localhost', flags = 0x05, counter = 0, clientData = {}, extensions = Buffer.alloc(0) }: Signing = {}): Assertion {
    const client = Buffer.from(JSON.stringify({ type, challenge: Buffer.from(digest, 'hex').toString('base64url'), origin, crossOrigin: false, ...clientData }));
    const data = Buffer.concat([sha256(Buffer.from(rpId)), Buffer.from([flags]), uint32(counter), extensions]);
    const signature = sign(this.algorithm === -8 ? null : 'sha256', Buffer.concat([data, sha256(client)]), this.#key);
    return { authenticator: this.id, clientData: client.toString('base64url'), authenticatorData: data.toString('base64url'), signature: signature.toString('base64url') };
  }
}

function pairFor(algorithm: AuthenticatorAlgorithm): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (algorithm === -8) return generateKeyPairSync('ed25519');
  return algorithm === -7 ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' }) : generateKeyPairSync('rsa', { modulusLength: 2_048 });
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
