import { describe, expect, it } from 'vitest';
import { accepted, fold, refused } from '@interlock/kernel';
import type { Authenticator } from '@interlock/contracts';
import { SoftAuthenticator } from '@interlock/testkit';
import { authenticator, authenticatorDigest, AUTHENTICATORS_PER_PERSON, type AuthenticatorCommand, type AuthenticatorEvent } from './authenticators.js';

const key = new SoftAuthenticator('aWQ');
const unnamed = { id: 'aWQ', person: { name: 'dba', issuer: 'i', subject: 'dba' }, algorithm: -7 as const, publicKey: key.publicKey };
const one: Authenticator = { ...unnamed, label: 'key', digest: authenticatorDigest(unnamed) };
const at = { rpId: 'localhost', origins: ['http://localhost:8800'] };
const propose = (more: Partial<Extract<AuthenticatorCommand, { kind: 'propose' }>> = {}): AuthenticatorCommand => ({ kind: 'propose', authenticator: one, proof: key.sign(one.digest), at, owned: 0, ...more });
const confirm = (more: Partial<Extract<AuthenticatorCommand, { kind: 'confirm' }>> = {}): AuthenticatorCommand => ({ kind: 'confirm', digest: one.digest, by: 'security', independent: accepted(undefined), ...more });
const proposed: AuthenticatorEvent = { kind: 'proposed', authenticator: one };
const confirmed: AuthenticatorEvent = { kind: 'confirmed', by: 'security' };
const revoked: AuthenticatorEvent = { kind: 'revoked' };

describe('an authenticator', () => {
  it.each<[string, AuthenticatorEvent[], AuthenticatorCommand, string]>([
    ['is proposed by who holds it', [], propose(), 'proposed'],
    ['is not proposed with a proof by another', [], propose({ proof: new SoftAuthenticator('aWQ').sign(one.digest) }), 'refused signature_wrong'],
    ['is not proposed with a proof for another person', [], propose({ authenticator: { ...one, person: { ...one.person, subject: 'evil' } } }), 'refused digest_mismatch'],
    ['is proposed once', [proposed], propose(), 'nothing'],
    ['keeps its owner', [proposed], propose({ authenticator: { ...one, digest: 'other' } }), 'refused authenticator_id_taken'],
    ['is one of a few', [], propose({ owned: AUTHENTICATORS_PER_PERSON }), 'refused authenticators_too_many'],
    ['is confirmed by a second person', [proposed], confirm(), 'confirmed'],
    ['is not confirmed by its owner', [proposed], confirm({ independent: refused('not_independent', 'x') }), 'refused not_independent'],
    ['is not confirmed for another digest', [proposed], confirm({ digest: 'other' }), 'refused digest_mismatch'],
    ['is not confirmed before it is proposed', [], confirm(), 'refused authenticator_unknown'],
    ['is confirmed once', [proposed, confirmed], confirm(), 'nothing'],
    ['is revoked', [proposed, confirmed], { kind: 'revoke', by: 'dba' }, 'revoked'],
    ['stays revoked', [proposed, confirmed, revoked], confirm(), 'refused authenticator_revoked'],
    ['is not proposed again once it was revoked', [proposed, revoked], propose(), 'refused authenticator_id_taken'],
  ])('%s', (_what, history, command, expected) => {
    const outcome = authenticator.decide(command, fold(authenticator, history));
    expect(outcome.ok ? (outcome.value[0]?.kind ?? 'nothing') : `refused ${outcome.refusal.reason}`).toBe(expected);
  });

  it('is its key, its person and its id', () => {
    const digests = [unnamed, { ...unnamed, id: 'x' }, { ...unnamed, publicKey: 'x' }, { ...unnamed, algorithm: -8 as const }, { ...unnamed, person: { ...unnamed.person, issuer: 'j' } }].map(authenticatorDigest);
    expect(new Set(digests).size).toBe(5);
  });
});
