import { accepted, refused, type Outcome } from '@interlock/kernel';
import { compactVerify } from 'jose';
import type { CompactToken } from './compact-token.js';
import { IssuerFault } from './issuer-document.js';
import type { IssuerKeys, KeySet } from './issuer-keys.js';
import { signingKey, type Algorithm, type SigningKey } from './signing-key.js';

export interface Signer {
  /** What refusals call the issuer. */
  readonly name: string;
  readonly keys: IssuerKeys;
  readonly algorithm: Algorithm;
  /** Which of its keys may sign this at all; all where it is absent. */
  readonly mayUse?: (jwk: unknown) => boolean;
}

/** Whether the issuer signed this token, by a key of its set that is in force; the set is read again where it does not serve. */
export async function signedBy(token: string, read: CompactToken, signer: Signer, nowMs: number): Promise<Outcome<true>> {
  const { keys, name } = signer;
  try {
    const current = await keys.current();
    const first = await tryKeys(token, read, current, signer, nowMs);
    if (first.ok) return first;
    const rotated = await keys.rotated(current);
    return rotated ? await tryKeys(token, read, rotated, signer, nowMs) : first;
  } catch (fault) {
    if (!(fault instanceof IssuerFault)) throw fault;
    return refused('issuer_unavailable', `The keys of issuer ${name} cannot be had: ${fault.message}.`, { hint: 'Check that the issuer is up and that its url in interlock.yaml is exact.', retryable: true });
  }
}

async function tryKeys(token: string, read: CompactToken, set: KeySet, { algorithm, mayUse = () => true }: Signer, nowMs: number): Promise<Outcome<true>> {
  const { kid } = read.header;
  const named = set.keys.filter((jwk) => (kid === undefined || (jwk as { readonly kid?: unknown } | null)?.kid === kid) && mayUse(jwk));
  const usable = await Promise.all(named.map((jwk) => signingKey(jwk, algorithm, nowMs)));
  const [key, second] = usable.filter((candidate): candidate is SigningKey => candidate !== undefined);
  if (!key) return refused('key_unknown', 'The issuer has no key in force that the token could be signed with.', { hint: 'Get a new token.' });
  if (second) return refused('key_ambiguous', 'The issuer has several keys that the token could be signed with, and it does not say which.', { hint: 'Let the issuer name a distinct kid in every token.' });
  return (await isSignedWith(token, key, algorithm)) ? accepted(true) : refused('signature_invalid', 'The signature of the token does not hold.', { hint: 'Get a new token, and send it unchanged.' });
}

async function isSignedWith(token: string, key: SigningKey, algorithm: Algorithm): Promise<boolean> {
  try {
    await compactVerify(token, key.key, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}
