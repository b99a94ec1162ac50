import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalIssuer, newKey, type IssuerKey } from '../spec/local-issuer.js';
import { BotTokenVerifier } from './bot-token-verifier.js';

const ISSUER = 'https://api.botframework.com';
const APP = '6f1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c10';
const SERVICE = 'https://smba.example/emea/';
const NOW_MS = Date.UTC(2026, 0, 1);
const NOW = NOW_MS / 1_000;

let place: LocalIssuer;
let key: IssuerKey;
let verifier: BotTokenVerifier;
beforeEach(async () => {
  place = await LocalIssuer.start();
  place.metadata = ({ jwks_uri }) => ({ issuer: ISSUER, jwks_uri });
  key = await newKey('RS256', 'k1');
  place.keys = [{ ...key.jwk, endorsements: ['msteams', 'webchat'] }];
  verifier = new BotTokenVerifier({ nowMs: () => NOW_MS });
});
afterEach(() => place.close());

const claims = (more: object = {}) => ({ iss: ISSUER, aud: APP, nbf: NOW - 10, exp: NOW + 3_600, serviceurl: SERVICE, ...more });
const verify = (token: string, activity = { serviceUrl: SERVICE, channel: 'msteams' }) => verifier.verify(token, { issuer: ISSUER, metadata: place.url, audience: APP }, activity);

describe('the token of a request to a bot', () => {
  it('is the Bot Framework\'s, though it names no subject', async () => {
    expect(await verify(await place.sign(key, claims()))).toEqual({ ok: true, value: true });
    expect(await verify(await place.sign(key, claims({ exp: NOW - 299 })))).toMatchObject({ ok: true });
  });

  it.each<[string, object, string]>([
    ['another issuer', { iss: 'https://sts.windows.net/x' }, 'issuer_unknown'], ['another bot', { aud: 'other' }, 'audience_wrong'], ['no bot', { aud: undefined }, 'audience_wrong'],
    ['another service', { serviceurl: 'https://evil.example/' }, 'service_url_wrong'], ['no service', { serviceurl: undefined }, 'service_url_wrong'],
    ['an end that is over', { exp: NOW - 301 }, 'token_expired'], ['no end', { exp: undefined }, 'expiry_missing'], ['a beginning to come', { nbf: NOW + 301 }, 'token_not_yet_valid'],
  ])('is refused with %s', async (_what, more, reason) => {
    expect(await verify(await place.sign(key, JSON.parse(JSON.stringify(claims(more))) as Record<string, unknown>))).toMatchObject({ ok: false, refusal: { reason } });
  });

  it('is refused under another key, one for another channel, another algorithm, and none', async () => {
    const other = await newKey('RS256', 'k1');
    const small = await newKey('ES256', 'k1');
    const [header, body] = (await place.sign(key, claims())).split('.') as [string, string];
    const reasonOf = async (token: string, channel = 'msteams') => {
      const outcome = await verify(token, { serviceUrl: SERVICE, channel });
      return outcome.ok ? 'accepted' : outcome.refusal.reason;
    };
    expect(await reasonOf(await place.sign(other, claims()))).toBe('signature_invalid');
    expect(await reasonOf(await place.sign(key, claims()), 'directline')).toBe('key_unknown');
    expect(await reasonOf(await place.sign(small, claims()))).toBe('algorithm_not_allowed');
    expect(await reasonOf(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`)).toBe('token_unsigned');
    expect(await reasonOf(`${header}.${body}`)).toBe('token_malformed');
    place.keys = [key.jwk];
    verifier = new BotTokenVerifier({ nowMs: () => NOW_MS });
    expect(await reasonOf(await place.sign(key, claims()))).toBe('key_unknown');
  });

  it('is not believed while the keys cannot be had, or come from metadata of someone else', async () => {
    place.metadata = (own) => own;
    expect(await verify(await place.sign(key, claims()))).toMatchObject({ ok: false, refusal: { reason: 'issuer_unavailable', retryable: true } });
  });
});
