import { generateKeyPairSync, hkdfSync, sign, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accepted, type Outcome } from '@interlock/kernel';
import { Trust, type SealedBox } from '@interlock/contracts';
import { privateKeyFromBase64, privateKeyToBase64, rawPublicKey } from './raw-keys.js';
import { openBox } from './sealed-box.js';

/** What `<keysDir>/<service>.json` holds. */
export interface ServiceKeyFile {
  /** Seed of the NATS user key, `SU...`: who this service is on the bus. */
  readonly nkeySeed: string;
  /** Ed25519, PKCS #8 DER, base64. */
  readonly signingPrivateKey: string;
  /** X25519, PKCS #8 DER, base64. */
  readonly sealingPrivateKey: string;
}

/** A key file or trust.json is missing or not what it should be. Never holds any of its content. */
export class KeysUnusable extends Error {
  override readonly name = 'KeysUnusable';
}

const SECRET_BYTES = 32;

/** The private keys of one service. They stay in here: only signatures, opened boxes and secrets made of them come out. */
export class ServiceKeys {
  readonly service: string;
  /** Ed25519, raw 32 bytes, base64. */
  readonly publicSigningKey: string;
  /** X25519, raw 32 bytes, base64. */
  readonly publicSealingKey: string;
  readonly #nkeySeed: string;
  readonly #signing: KeyObject;
  readonly #sealing: KeyObject;

  constructor(service: string, file: ServiceKeyFile) {
    this.service = service;
    this.#nkeySeed = file.nkeySeed;
    this.#signing = privateKeyFromBase64('Ed25519', file.signingPrivateKey);
    this.#sealing = privateKeyFromBase64('X25519', file.sealingPrivateKey);
    this.publicSigningKey = rawPublicKey(this.#signing).toString('base64');
    this.publicSealingKey = rawPublicKey(this.#sealing).toString('base64');
  }

  /** @throws KeysUnusable when the file is missing or malformed. */
  static async load(keysDir: string, service: string): Promise<ServiceKeys> {
    const path = join(keysDir, `${service}.json`);
    const file = await readJson(path, 'Run the operator step that makes the keys, or set INTERLOCK_KEYS_DIR to where they are.');
    try {
      return new ServiceKeys(service, keyFile(file));
    } catch (fault) {
      throw new KeysUnusable(`${path} does not hold the keys of a service: ${(fault as Error).message}`);
    }
  }

  /** For the bus connection only. An accessor, so that printing this object does not print it. */
  get nkeySeed(): string {
    return this.#nkeySeed;
  }

  /** Ed25519 signature (RFC 8032), 64 bytes. */
  sign(text: string | Uint8Array): Buffer {
    return sign(null, typeof text === 'string' ? Buffer.from(text, 'utf8') : text, this.#signing);
  }

  /** The same in base64, as messages carry it. */
  signBase64(text: string | Uint8Array): string {
    return this.sign(text).toString('base64');
  }

  /** A secret of this service for one purpose, 32 bytes: the same in all of its instances while it keeps its keys, and telling nothing of them or of another purpose (HKDF-SHA-256, RFC 5869, of the sealing key). */
  secretFor(purpose: string): Buffer {
    const { d } = this.#sealing.export({ format: 'jwk' });
    return Buffer.from(hkdfSync('sha256', Buffer.from(d!, 'base64url'), '', `interlock ${this.service} ${purpose}`, SECRET_BYTES));
  }

  /** What was sealed to this service for `purpose`. Refuses with `box_purpose` or `box_unopenable`. */
  open(box: SealedBox, purpose: string): Outcome<Buffer> {
    return openBox(this.#sealing, box, purpose);
  }

  /** The same, where words were sealed. */
  openText(box: SealedBox, purpose: string): Outcome<string> {
    const opened = this.open(box, purpose);
    return opened.ok ? accepted(opened.value.toString('utf8')) : opened;
  }
}

/** Every service's public keys, from `<keysDir>/trust.json`. @throws KeysUnusable */
export async function loadTrust(keysDir: string): Promise<Trust> {
  const path = join(keysDir, 'trust.json');
  const parsed = Trust.safeParse(await readJson(path, 'Run the operator step that makes the keys.'));
  if (!parsed.success) throw new KeysUnusable(`${path} does not hold the public keys of the services.`);
  return parsed.data;
}

/** Fresh signing and sealing keys: the private halves for a key file, the public halves for trust.json. */
export function generateServiceKeys(): Omit<ServiceKeyFile, 'nkeySeed'> & Trust['services'][string] {
  const signing = generateKeyPairSync('ed25519').privateKey;
  const sealing = generateKeyPairSync('x25519').privateKey;
  return {
    signingPrivateKey: privateKeyToBase64(signing),
    sealingPrivateKey: privateKeyToBase64(sealing),
    signingKey: rawPublicKey(signing).toString('base64'),
    sealingKey: rawPublicKey(sealing).toString('base64'),
  };
}

async function readJson(path: string, hint: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((fault: NodeJS.ErrnoException) => {
    throw new KeysUnusable(`${path} cannot be read (${fault.code ?? 'fault'}). ${hint}`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new KeysUnusable(`${path} is not JSON.`);
  }
}

function keyFile(value: unknown): ServiceKeyFile {
  const file = value as Partial<ServiceKeyFile> | null;
  const { nkeySeed, signingPrivateKey, sealingPrivateKey } = file ?? {};
  if (typeof nkeySeed !== 'string' || typeof signingPrivateKey !== 'string' || typeof sealingPrivateKey !== 'string') {
    throw new TypeError('nkeySeed, signingPrivateKey and sealingPrivateKey are needed');
  }
  return { nkeySeed, signingPrivateKey, sealingPrivateKey };
}
