import type { Assertion, AuthenticatorAlgorithm, AuthenticatorState, Principal } from '@interlock/contracts';

/** EdDSA, ES256, RS256: the algorithms that the vault takes, the smallest first. */
const ALGORITHMS: readonly AuthenticatorAlgorithm[] = [-8, -7, -257];
const ANSWER_MS = 60_000;

/** What the vault is told of a new authenticator. */
export interface Registration {
  readonly algorithm: AuthenticatorAlgorithm;
  readonly publicKey: string;
  readonly proof: Assertion;
}

/**
 * Makes a credential on an authenticator of this person, and has it sign its own registration: the vault takes a key only from who holds it. The
 * person touches it twice.
 */
export async function register(rpId: string, person: Principal, mine: readonly AuthenticatorState[]): Promise<Registration> {
  const user = { id: new TextEncoder().encode(await sha256Hex(JSON.stringify([person.issuer, person.subject]))), name: person.name, displayName: person.name };
  const made = (await navigator.credentials.create({
    publicKey: {
      rp: { id: rpId, name: 'Interlock' }, user, challenge: crypto.getRandomValues(new Uint8Array(32)), pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: { userVerification: 'required' }, attestation: 'none', timeout: ANSWER_MS, excludeCredentials: mine.map(({ id }) => ({ type: 'public-key', id: bytesOf(id) })),
    },
  })) as PublicKeyCredential | null;
  const response = made?.response as AuthenticatorAttestationResponse | undefined;
  const key = response?.getPublicKey();
  const algorithm = ALGORITHMS.find((known) => known === response?.getPublicKeyAlgorithm());
  if (!made || !key || algorithm === undefined) throw new Error('This authenticator offers no key that Interlock takes.');
  const [id, publicKey] = [textOf(made.rawId), textOf(key)];
  const digest = await sha256Hex(JSON.stringify(['interlock-authenticator/v1', id, person.issuer, person.subject, algorithm, publicKey]));
  return { algorithm, publicKey, proof: await sign(rpId, digest, [id]) };
}

/** Has one of these authenticators sign a digest of 64 hexadecimal digits; its person has to be verified. */
export async function sign(rpId: string, digest: string, ids: readonly string[]): Promise<Assertion> {
  const challenge = Uint8Array.from(digest.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const given = (await navigator.credentials.get({
    publicKey: { rpId, challenge, userVerification: 'required', timeout: ANSWER_MS, allowCredentials: ids.map((id) => ({ type: 'public-key', id: bytesOf(id) })) },
  })) as PublicKeyCredential | null;
  if (!given) throw new Error('Nothing was signed.');
  const { clientDataJSON, authenticatorData, signature } = given.response as AuthenticatorAssertionResponse;
  return { authenticator: textOf(given.rawId), clientData: textOf(clientDataJSON), authenticatorData: textOf(authenticatorData), signature: textOf(signature) };
}

/** Base64url, as every part travels. */
export function textOf(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}

async function sha256Hex(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
