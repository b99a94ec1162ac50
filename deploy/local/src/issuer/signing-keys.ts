import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writePrivate } from '../state/secret-file.js';

/** A private Ed25519 key as RFC 8037 writes it, with the id that tokens name. */
export interface SigningKey extends Record<string, unknown> {
  readonly kid: string;
}

/** How many keys are published: the one that signs, and the one before it, for tokens that still live. */
const KEPT_KEYS = 2;

/** The issuer's keys, the signing one first; made at first use. */
export async function ensureSigningKeys(file: string): Promise<readonly SigningKey[]> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  return kept === undefined ? save(file, [freshKey()]) : (JSON.parse(kept) as SigningKey[]);
}

/** Puts a new signing key in front and keeps the former one for verification. */
export async function rotateSigningKeys(file: string): Promise<readonly SigningKey[]> {
  return save(file, [freshKey(), ...(await ensureSigningKeys(file))].slice(0, KEPT_KEYS));
}

async function save(file: string, keys: readonly SigningKey[]): Promise<readonly SigningKey[]> {
  await writePrivate(file, JSON.stringify(keys));
  return keys;
}

function freshKey(): SigningKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'EdDSA' };
}
