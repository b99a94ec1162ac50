import { createHash } from 'node:crypto';
import { accepted, refused, unreachable, type Decider, type Outcome } from '@interlock/kernel';
import type { Assertion, Authenticator, AuthenticatorState } from '@interlock/contracts';
import { publicKeyOf, verifyAssertion, type RelyingParty } from './assertion.js';

/**
 * One authenticator's life:
 *
 *     proposed ─confirm (a second independent person)─▶ confirmed ─revoke─▶ revoked
 *        └─revoke─▶ revoked
 */
export type AuthenticatorCommand =
  | { readonly kind: 'propose'; readonly authenticator: Authenticator; readonly proof: Assertion; readonly at: RelyingParty; readonly owned: number }
  | { readonly kind: 'confirm'; readonly digest: string; readonly by: string; /** Whether they share no human with its owner. */ readonly independent: Outcome<unknown> }
  | { readonly kind: 'revoke'; readonly by: string };

export type AuthenticatorEvent =
  | { readonly kind: 'proposed'; readonly authenticator: Authenticator }
  | { readonly kind: 'confirmed'; readonly by: string }
  | { readonly kind: 'revoked' };

/** Authenticators of one person that are not revoked. */
export const AUTHENTICATORS_PER_PERSON = 10;

export const authenticator: Decider<AuthenticatorCommand, AuthenticatorEvent, AuthenticatorState | undefined> = {
  initial: undefined,
  decide(command, state) {
    if (command.kind === 'propose') return propose(command, state);
    if (!state) return refused('authenticator_unknown', 'There is no authenticator with this id.');
    switch (command.kind) {
      case 'confirm':
        return confirm(command, state);
      case 'revoke':
        return accepted(state.status === 'revoked' ? [] : [{ kind: 'revoked' }]);
      default:
        return unreachable(command);
    }
  },
  evolve(state, event) {
    if (event.kind === 'proposed') return { ...event.authenticator, status: 'proposed' };
    if (!state) throw new Error(`an authenticator cannot begin with ${event.kind}`);
    return event.kind === 'confirmed' ? { ...state, status: 'confirmed', confirmedBy: event.by } : { ...state, status: 'revoked' };
  },
};

type Decided = Outcome<readonly AuthenticatorEvent[]>;

/** Its owner proves to hold it by signing the registration itself. */
function propose({ authenticator: proposed, proof, at, owned }: Extract<AuthenticatorCommand, { kind: 'propose' }>, state: AuthenticatorState | undefined): Decided {
  if (state) return state.digest === proposed.digest && state.status !== 'revoked' ? accepted([]) : refused('authenticator_id_taken', 'An authenticator with this id is registered already.');
  if (owned >= AUTHENTICATORS_PER_PERSON) return refused('authenticators_too_many', `${proposed.person.name} has ${AUTHENTICATORS_PER_PERSON} authenticators.`, { hint: 'Revoke one that is not used any more.' });
  const key = publicKeyOf(proposed.publicKey, proposed.algorithm);
  if (!key.ok) return key;
  const proven = verifyAssertion(proof, { ...at, digest: authenticatorDigest(proposed), algorithm: proposed.algorithm, publicKey: proposed.publicKey, counter: 0 });
  return proven.ok ? accepted([{ kind: 'proposed', authenticator: proposed }]) : proven;
}

function confirm({ digest, by, independent }: Extract<AuthenticatorCommand, { kind: 'confirm' }>, state: AuthenticatorState): Decided {
  if (state.status === 'revoked') return refused('authenticator_revoked', 'This authenticator is revoked; nothing brings it back.');
  if (digest !== state.digest) return refused('digest_mismatch', 'The digest that was confirmed is not this authenticator’s.', { hint: 'Read it again and send the digest it shows.' });
  if (!independent.ok) return independent;
  return accepted(state.status === 'confirmed' ? [] : [{ kind: 'confirmed', by }]);
}

/** SHA-256 over the JSON of `["interlock-authenticator/v1", id, issuer, subject, algorithm, publicKey]`, as hexadecimal digits. The page computes the same. */
export function authenticatorDigest({ id, person, algorithm, publicKey }: Omit<Authenticator, 'digest' | 'label'>): string {
  return createHash('sha256').update(JSON.stringify(['interlock-authenticator/v1', id, person.issuer, person.subject, algorithm, publicKey])).digest('hex');
}
