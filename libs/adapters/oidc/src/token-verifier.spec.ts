import { createHmac } from 'node:crypto';
import type { Issuer } from '@interlock/contracts';
import { exportJWK, exportSPKI, importJWK, type CryptoKey } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalIssuer, newKey, type IssuerKey } from '../spec/local-issuer.js';
import { selfSigned } from '../spec/self-signed.js';
import { OIDC_LIMITS } from './limits.js';
import { OidcTokenVerifier } from './token-verifier.js';

let issuer: LocalIssuer;
let key: IssuerKey;
let nowMs: number;
let verifier: OidcTokenVerifier;
let configured: Issuer;

beforeEach(async () => {
  issuer = await LocalIssuer.start();
  key = await newKey('EdDSA', 'k1');
  issuer.keys = [key.jwk];
  nowMs = Date.UTC(2026, 0, 1);
  verifier = new OidcTokenVerifier({ nowMs: () => nowMs });
  configured = { name: 'local', url: issuer.url, audience: 'interlock', algorithms: ['EdDSA'], clockSkewSeconds: 60 };
});
afterEach(() => issuer.close());

const seconds = () => Math.floor(nowMs / 1_000);
const claims = (more: Record<string, unknown> = {}) => ({ iss: issuer.url, aud: 'interlock', sub: 'agent-1', iat: seconds(), exp: seconds() + 300, ...more });
const part = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const verify = (token: string, issuers: readonly Issuer[] = [configured]) => verifier.verify(token, issuers);
async function reason(token: string, issuers?: readonly Issuer[]): Promise<string> {
  const outcome = await verify(token, issuers);
  return outcome.ok ? 'accepted' : outcome.refusal.reason;
}

describe('a sound token', () => {
  it('is accepted, with issuer, subject, claims and expiry', async () => {
    const outcome = await verify(await issuer.sign(key, claims({ aud: ['other', 'interlock'] })));
    expect(outcome).toMatchObject({ ok: true, value: { issuer: 'local', subject: 'agent-1', expiresAtMs: (seconds() + 300) * 1_000, claims: { sub: 'agent-1' } } });
  });

  it.each(['EdDSA', 'ES256', 'ES384', 'RS256', 'PS256'] as const)('may be signed with %s where its issuer says so', async (algorithm) => {
    const other = await newKey(algorithm, 'k2');
    issuer.keys = [key.jwk, other.jwk, null, 7, { kty: 'oct', k: 'AAAA', kid: 'k2' }];
    expect(await reason(await issuer.sign(other, claims()), [{ ...configured, algorithms: [algorithm] }])).toBe('accepted');
  });

  it.each(['JWT', 'at+jwt', 'application/at+jwt'])('may say typ %s', async (typ) => {
    expect(await reason(await issuer.sign(key, claims(), { typ }))).toBe('accepted');
  });
});

describe('ID-01: unsigned', () => {
  it.each(['none', 'None', 'nOnE', 'NONE', ''])('alg %j', async (alg) => {
    const body = `${part({ alg, kid: 'k1' })}.${part(claims())}`;
    expect(await reason(`${body}.`)).toBe('token_unsigned');
    expect(await reason(`${body}.${part('x')}`)).toBe('token_unsigned');
  });

  it('an empty signature under a good algorithm', async () => {
    const [header, body] = (await issuer.sign(key, claims())).split('.');
    expect(await reason(`${header}.${body}.`)).toBe('token_unsigned');
  });

  it('an algorithm that the issuer does not use, also HMAC with its public key', async () => {
    const rsa = await newKey('RS256', 'k2');
    issuer.keys = [rsa.jwk];
    const pem = await exportSPKI((await importJWK(rsa.jwk, 'RS256', { extractable: true })) as CryptoKey);
    const body = `${part({ alg: 'HS256', kid: 'k2' })}.${part(claims())}`;
    const forged = `${body}.${createHmac('sha256', pem).update(body).digest('base64url')}`;
    expect(await reason(forged, [{ ...configured, algorithms: ['RS256'] }])).toBe('algorithm_not_allowed');
    expect(await reason(await issuer.sign(rsa, claims()))).toBe('algorithm_not_allowed');
  });

  it('another key, a changed claim, a changed header', async () => {
    const stranger = await newKey('EdDSA', 'k1');
    const token = await issuer.sign(key, claims());
    const [header, , signature] = token.split('.');
    expect(await reason(await issuer.sign(stranger, claims()))).toBe('signature_invalid');
    expect(await reason(`${header}.${part(claims({ sub: 'dba' }))}.${signature}`)).toBe('signature_invalid');
    expect(await reason(`${part({ alg: 'EdDSA', kid: 'k1', extra: 1 })}.${token.split('.').slice(1).join('.')}`)).toBe('signature_invalid');
  });

  it('a key that the token brings itself', async () => {
    const own = await newKey('EdDSA', 'mine');
    expect(await reason(await issuer.sign(own, claims(), { jwk: own.jwk }))).toBe('key_unknown');
    expect(await reason(await issuer.sign(own, claims(), { kid: 'k1', jwk: own.jwk, jku: `${issuer.url}/mine` }))).toBe('signature_invalid');
    expect(issuer.requests).not.toContain('/mine');
  });
});

describe('ID-05: extensions', () => {
  it.each([{ crit: ['exp2'], exp2: 1 }, { crit: [] }, { crit: ['b64'], b64: false }, { b64: false }, { b64: true }, { crit: 'exp' }])('%j', async (more) => {
    const header = { alg: 'EdDSA', kid: 'k1', ...more };
    const [, body, signature] = (await issuer.sign(key, claims())).split('.');
    expect(await reason(`${part(header)}.${body}.${signature}`)).toBe('token_extension_unknown');
  });

  it.each(['logout+jwt', 'dpop+jwt', 'secevent+jwt', 7])('a token of another type: %j', async (typ) => {
    expect(await reason(await issuer.sign(key, claims(), { typ }))).not.toBe('accepted');
  });
});

describe('ID-09: times', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['exp one minute past, within 60 s', { exp: -59 }, 'accepted'],
    ['exp 61 s past', { exp: -61 }, 'token_expired'],
    ['nbf 59 s ahead', { nbf: 59 }, 'accepted'],
    ['nbf 61 s ahead', { nbf: 61 }, 'token_not_yet_valid'],
    ['iat 59 s ahead', { iat: 59 }, 'accepted'],
    ['iat 61 s ahead', { iat: 61 }, 'token_issued_in_future'],
  ])('%s', async (_what, offsets, expected) => {
    const times = Object.fromEntries(Object.entries(offsets).map(([name, offset]) => [name, seconds() + Number(offset)]));
    expect(await reason(await issuer.sign(key, claims(times)))).toBe(expected);
  });

  it('a missing exp', async () => expect(await reason(await issuer.sign(key, claims({ exp: undefined })))).toBe('expiry_missing'));

  it.each<[string, string]>([
    ['exp', '"4102444800"'], ['exp', '1e400'], ['exp', '-1'], ['exp', 'null'], ['exp', '[4102444800]'], ['exp', 'true'], ['exp', '1e15'],
    ['nbf', '"0"'], ['nbf', 'null'], ['nbf', '-1'], ['iat', '"0"'], ['iat', '{}'], ['iat', '1e400'],
  ])('%s is %s', async (name, literal) => {
    const json = JSON.stringify(claims({ [name]: '@' })).replace('"@"', literal);
    const { CompactSign } = await import('jose');
    const token = await new CompactSign(Buffer.from(json)).setProtectedHeader({ alg: 'EdDSA', kid: 'k1' }).sign(key.privateKey);
    expect(await reason(token)).toBe('claim_malformed');
  });

  it('an expiry is seen although the token was verified before', async () => {
    const token = await issuer.sign(key, claims());
    expect(await reason(token)).toBe('accepted');
    nowMs += 361_000;
    expect(await reason(token)).toBe('token_expired');
  });
});

describe('ID-17: issuer, audience, subject', () => {
  it('a stranger is not told which issuers there are', async () => expect(JSON.stringify(await verify(await issuer.sign(key, claims({ iss: 'https://elsewhere.example' }))))).not.toContain('local'));

  it.each<[string, Record<string, unknown>, string]>([
    ['a foreign issuer', { iss: 'https://elsewhere.example' }, 'issuer_unknown'],
    ['the issuer with a slash', { iss: 'SLASH' }, 'issuer_unknown'],
    ['no issuer', { iss: undefined }, 'issuer_unknown'],
    ['a list of issuers', { iss: ['LIST'] }, 'issuer_unknown'],
    ['another audience', { aud: 'else' }, 'audience_wrong'],
    ['no audience', { aud: undefined }, 'audience_wrong'],
    ['an audience in part', { aud: 'interlock-admin' }, 'audience_wrong'],
    ['an audience list with a stranger', { aud: ['interlock', 7] }, 'audience_wrong'],
    ['no subject', { sub: undefined }, 'subject_missing'],
    ['an empty subject', { sub: '' }, 'subject_missing'],
    ['a number as subject', { sub: 1 }, 'subject_missing'],
    ['a key-bound token', { cnf: { jkt: 'x' } }, 'token_bound'],
  ])('%s', async (_what, more, expected) => {
    const sent = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, value === 'SLASH' ? `${issuer.url}/` : Array.isArray(value) && value[0] === 'LIST' ? [issuer.url] : value]));
    expect(await reason(await issuer.sign(key, claims(sent)))).toBe(expected);
  });

  it('the same subject of two issuers stays two', async () => {
    const other = await LocalIssuer.start();
    const otherKey = await newKey('EdDSA', 'k1');
    other.keys = [otherKey.jwk];
    const issuers = [configured, { ...configured, name: 'other', url: other.url }];
    const mine = await verify(await issuer.sign(key, claims()), issuers);
    const theirs = await verify(await other.sign(otherKey, claims({ iss: other.url })), issuers);
    expect([mine, theirs]).toMatchObject([{ value: { issuer: 'local', subject: 'agent-1' } }, { value: { issuer: 'other', subject: 'agent-1' } }]);
    expect(await reason(await other.sign(otherKey, claims()), issuers)).toBe('signature_invalid');
    await other.close();
  });

  it('an audience change of the configuration counts for a remembered token', async () => {
    const token = await issuer.sign(key, claims());
    expect(await reason(token)).toBe('accepted');
    expect(await reason(token, [{ ...configured, audience: 'renamed' }])).toBe('audience_wrong');
    expect(await reason(token, [])).toBe('issuer_unknown');
  });
});

describe('ID-21: the issuer\'s documents', () => {
  it.each<[string, () => void]>([
    ['another issuer in the metadata', () => (issuer.metadata = (own) => ({ ...own, issuer: 'https://elsewhere.example' }))],
    ['a slash more in the metadata', () => (issuer.metadata = (own) => ({ ...own, issuer: `${own.issuer}/` }))],
    ['no jwks_uri', () => (issuer.metadata = ({ issuer: url }) => ({ issuer: url }))],
    ['a jwks_uri in clear elsewhere', () => (issuer.metadata = (own) => ({ ...own, jwks_uri: 'http://keys.example/jwks' }))],
    ['a jwks_uri that is a file', () => (issuer.metadata = (own) => ({ ...own, jwks_uri: 'file:///etc/passwd' }))],
    ['a redirect', () => (issuer.answer = () => ({ status: 302, body: '', headers: { location: 'https://elsewhere.example' } }))],
    ['an error', () => (issuer.answer = () => ({ status: 500, body: 'no' }))],
    ['no JSON', () => (issuer.answer = () => ({ status: 200, body: '<html>' }))],
    ['a list', () => (issuer.answer = () => ({ status: 200, body: '[]' }))],
    ['too many bytes', () => (issuer.answer = () => ({ status: 200, body: JSON.stringify({ issuer: issuer.url, pad: 'x'.repeat(OIDC_LIMITS.documentBytes) }) }))],
    ['keys that are no list', () => (issuer.answer = (path) => (path === '/jwks' ? { status: 200, body: '{"keys":{}}' } : undefined))],
    ['too many keys', () => (issuer.keys = Array.from({ length: OIDC_LIMITS.keys + 1 }, () => ({})))],
  ])('%s', async (_what, bend) => {
    bend();
    expect(await reason(await issuer.sign(key, claims()))).toBe('issuer_unavailable');
  });

  it('an issuer in clear that is not this machine is not even asked', async () => {
    const url = 'http://issuer.example';
    const outcome = await verify(await issuer.sign(key, claims({ iss: url })), [{ ...configured, url }]);
    expect(outcome).toMatchObject({ refusal: { reason: 'issuer_unavailable', retryable: true, detail: expect.stringContaining('not https') } });
  });

  it('silence ends after its limit', { timeout: OIDC_LIMITS.fetchMs + 5_000 }, async () => {
    issuer.answer = () => 'silence';
    const startedMs = Date.now();
    expect(await reason(await issuer.sign(key, claims()))).toBe('issuer_unavailable');
    expect(Date.now() - startedMs).toBeLessThan(OIDC_LIMITS.fetchMs + 2_000);
  });

  it.each<[string, number, number, boolean, string]>([
    ['in force', -1, 1, true, 'accepted'], ['expired', -2, -1, true, 'key_unknown'], ['not yet in force', 1, 2, true, 'key_unknown'], ['of another key', -1, 1, false, 'key_unknown'],
  ])('a signing certificate that is %s', async (_what, fromDays, untilDays, own, expected) => {
    const signing = await newKey('ES256', 'c1');
    const certified = own ? signing : await newKey('ES256', 'c2');
    const at = (days: number) => nowMs + days * 86_400_000;
    issuer.keys = [{ ...signing.jwk, x5c: [selfSigned(await exportJWK(certified.privateKey), at(fromDays), at(untilDays))] }];
    expect(await reason(await issuer.sign(signing, claims()), [{ ...configured, algorithms: ['ES256'] }])).toBe(expected);
  });

  it.each<[string, object]>([['for encryption', { use: 'enc' }], ['not for verifying', { use: undefined, key_ops: ['sign'] }], ['for another algorithm', { alg: 'ES256' }], ['private', { d: 'AAAA' }]])(
    'a key that is %s does not serve', async (_what, more) => {
      issuer.keys = [{ ...key.jwk, ...more }];
      expect(await reason(await issuer.sign(key, claims()))).toBe('key_unknown');
    });

  it('two keys and no kid are ambiguous; one is enough', async () => {
    const token = await issuer.sign(key, claims(), { kid: undefined });
    expect(await reason(token)).toBe('accepted');
    verifier = new OidcTokenVerifier({ nowMs: () => nowMs });
    issuer.keys = [key.jwk, (await newKey('EdDSA', 'k2')).jwk];
    expect(await reason(token)).toBe('key_ambiguous');
  });
});

describe('the key set', () => {
  const reads = () => issuer.requests.filter((path) => path === '/jwks').length;

  it('is read once for many tokens at once, and not again for a remembered token', async () => {
    const tokens = await Promise.all([1, 2, 3, 4].map((jti) => issuer.sign(key, claims({ jti }))));
    expect(await Promise.all(tokens.map((token) => reason(token)))).toEqual(Array(4).fill('accepted'));
    expect(reads()).toBe(1);
    await issuer.close();
    expect(await reason(tokens[0]!)).toBe('accepted');
    issuer = await LocalIssuer.start();
  });

  it('is read again for a new kid, at a bounded rate', async () => {
    expect(await reason(await issuer.sign(key, claims()))).toBe('accepted');
    const rotated = await newKey('EdDSA', 'k2');
    issuer.keys = [rotated.jwk];
    nowMs += OIDC_LIMITS.rotationEveryMs;
    expect(await reason(await issuer.sign(rotated, claims()))).toBe('accepted');
    expect(reads()).toBe(2);
    const stranger = await newKey('EdDSA', 'k3');
    for (let jti = 0; jti < 20; jti += 1) expect(await reason(await issuer.sign(stranger, claims({ jti })))).toBe('key_unknown');
    expect(reads()).toBe(2);
  });

  it('withdraws a key within its freshness, also for a remembered token', async () => {
    const token = await issuer.sign(key, claims({ exp: seconds() + 3_600 }));
    expect(await reason(token)).toBe('accepted');
    issuer.keys = [(await newKey('EdDSA', 'k2')).jwk];
    nowMs += OIDC_LIMITS.keysFreshMs;
    expect(await reason(token)).toBe('key_unknown');
  });

  it('serves stale while the issuer is down, and not for ever', async () => {
    const soon = () => issuer.sign(key, claims({ jti: String(nowMs) }));
    expect(await reason(await soon())).toBe('accepted');
    issuer.answer = () => ({ status: 503, body: '' });
    nowMs += OIDC_LIMITS.keysFreshMs;
    expect(await reason(await soon())).toBe('accepted');
    const asked = issuer.requests.length;
    nowMs += 1_000;
    expect(await reason(await soon())).toBe('accepted');
    expect(issuer.requests.length).toBe(asked);
    nowMs += OIDC_LIMITS.keysStaleMs;
    expect(await reason(await soon())).toBe('issuer_unavailable');
  });
});

describe('garbage', () => {
  it.each(['', '.', '..', '...', 'a.b.c', 'a.b', 'x'.repeat(1_000), `${'A'.repeat(20_000)}.b.c`, ' ', '\0', 'e30.e30.e30', 'bnVsbA.e30.e30', '{"payload":"e30"}'])('%#', async (token) => {
    expect(await reason(token)).toMatch(/^token_(malformed|too_long)$/);
  });

  it('a token with blanks, padding or a fourth part', async () => {
    const token = await issuer.sign(key, claims());
    expect(await reason(token)).toBe('accepted');
    for (const bent of [` ${token}`, `${token} `, `${token}\n`, `${token}=`, `${token}.x`]) expect(await reason(bent)).toBe('token_malformed');
  });

  it('no refusal repeats the token', async () => {
    const stranger = await newKey('EdDSA', 'k1');
    const token = await issuer.sign(stranger, claims({ jti: 'needle-in-the-claims' }));
    const text = JSON.stringify(await verify(token));
    expect(text).not.toContain('needle-in-the-claims');
    for (const segment of token.split('.')) expect(text).not.toContain(segment);
  });
});
