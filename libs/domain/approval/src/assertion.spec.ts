import { describe, expect, it } from 'vitest';
import { SoftAuthenticator, type Signing } from '@interlock/testkit';
import { verifyAssertion, type Expected } from './assertion.js';

const DIGEST = 'ab'.repeat(32);
const key = new SoftAuthenticator('one');
const expected: Expected = { rpId: 'localhost', origins: ['http://localhost:8800'], digest: DIGEST, algorithm: -7, publicKey: key.publicKey, counter: 0 };
const reasonOf = (outcome: ReturnType<typeof verifyAssertion>) => (outcome.ok ? `counted ${outcome.value.counter}` : outcome.refusal.reason);

describe('an assertion', () => {
  it.each([-7, -8, -257] as const)('of algorithm %d is verified', (algorithm) => {
    const one = new SoftAuthenticator('one', algorithm);
    expect(reasonOf(verifyAssertion(one.sign(DIGEST, { counter: 3 }), { ...expected, algorithm, publicKey: one.publicKey }))).toBe('counted 3');
  });

  it.each<[string, Signing, string]>([
    ['made at registration', { type: 'webauthn.create' }, 'assertion_malformed'],
    ['of another origin', { origin: 'http://localhost:8801' }, 'origin_wrong'],
    ['of an origin that begins alike', { origin: 'http://localhost:8800.evil.example' }, 'origin_wrong'],
    ['for another domain', { rpId: 'evil.example' }, 'origin_wrong'],
    ['in a page within a page', { clientData: { crossOrigin: true } }, 'origin_wrong'],
    ['below another page', { clientData: { topOrigin: 'https://evil.example' } }, 'origin_wrong'],
    ['over a challenge of its own', { clientData: { challenge: 'AAAA' } }, 'digest_mismatch'],
    ['without a person', { flags: 0x04 }, 'person_unverified'],
    ['whose person is not verified', { flags: 0x01 }, 'person_unverified'],
    ['of contradicting flags', { flags: 0x15 }, 'assertion_malformed'],
    ['of a passkey that is backed up', { flags: 0x1d }, 'counted 0'],
    ['with extensions', { flags: 0x85, extensions: Buffer.from([0xa0]) }, 'counted 0'],
  ])('%s', (_what, signing, reason) => expect(reasonOf(verifyAssertion(key.sign(DIGEST, signing), expected))).toBe(reason));

  it.each<[string, Partial<Expected>, string]>([
    ['over another digest', { digest: 'cd'.repeat(32) }, 'digest_mismatch'],
    ['by another key', { publicKey: new SoftAuthenticator('two').publicKey }, 'signature_wrong'],
    ['by a key of another kind', { algorithm: -8 }, 'authenticator_key_invalid'],
    ['by something that is no key', { publicKey: 'AAAA' }, 'authenticator_key_invalid'],
    ['counted before', { counter: 7 }, 'authenticator_cloned'],
  ])('%s is refused', (_what, more, reason) => expect(reasonOf(verifyAssertion(key.sign(DIGEST, { counter: 7 }), { ...expected, ...more }))).toBe(reason));

  it('that no longer counts after it did is refused', () => expect(reasonOf(verifyAssertion(key.sign(DIGEST), { ...expected, counter: 1 }))).toBe('authenticator_cloned'));

  it('of which one bit differs is refused, whichever it is', () => {
    const good = key.sign(DIGEST, { counter: 5 });
    for (const part of ['clientData', 'authenticatorData', 'signature'] as const) {
      for (let bit = 0; bit < Buffer.from(good[part], 'base64url').length * 8; bit += 7) {
        const bytes = Buffer.from(good[part], 'base64url');
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(verifyAssertion({ ...good, [part]: bytes.toString('base64url') }, expected).ok, `${part} bit ${bit}`).toBe(false);
      }
      expect(verifyAssertion({ ...good, [part]: 'AA' }, expected).ok).toBe(false);
    }
  });
});
