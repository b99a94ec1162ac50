import { describe, expect, it } from 'vitest';
import type { ScramBegun, ScramStart } from './index.js';
import { SCRAM_SHA_256, SCRAM_SHA_256_PLUS, scramAnswer, scramBegin, scramChallenge, scramKeys, scramVerify } from './index.js';

const b = (text: string): Buffer => Buffer.from(text);

/** RFC 7677, section 3. */
const vector = {
  nonce: 'rOprNGfwEbeRWgbNEkqO',
  clientFirst: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  clientFinal: 'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
};

const both = [SCRAM_SHA_256_PLUS, SCRAM_SHA_256];

function begin(start: Partial<ScramStart> = {}): { response: string; begun: ScramBegun } {
  const outcome = scramBegin({ mechanisms: [SCRAM_SHA_256], nonce: vector.nonce, user: 'user', ...start });
  if (!outcome.ok) throw new Error(outcome.violation.reason);
  return { response: outcome.value.response.toString(), begun: outcome.value.begun };
}

function answer(password = 'pencil') {
  const challenge = scramChallenge(begin().begun, b(vector.serverFirst));
  if (!challenge.ok) throw new Error(challenge.violation.reason);
  return scramAnswer(challenge.value, scramKeys(password, challenge.value.salt, challenge.value.iterations));
}

describe('SCRAM-SHA-256', () => {
  it('follows the exchange of RFC 7677', () => {
    expect(begin().response).toBe(vector.clientFirst);
    const { response, answered } = answer();
    expect(response.toString()).toBe(vector.clientFinal);
    expect(scramVerify(answered, b(vector.serverFinal))).toEqual({ ok: true, value: true });
  });

  it('leaves the user to the startup message', () => {
    expect(begin({ user: undefined }).response).toBe(`n,,n=,r=${vector.nonce}`);
    expect(begin({ user: 'a=b,ü' }).response).toBe(`n,,n=a=3Db=2Cü,r=${vector.nonce}`);
  });

  const mechanisms: [name: string, start: Partial<ScramStart>, expected: string][] = [
    ['no TLS', { mechanisms: both }, 'n,,'],
    ['TLS, server offers binding', { mechanisms: both, certificateHash: b('hash') }, 'p=tls-server-end-point,,'],
    ['TLS, server does not offer it', { certificateHash: b('hash') }, 'y,,'],
    ['binding required and offered', { mechanisms: both, certificateHash: b('hash'), requireChannelBinding: true }, 'p=tls-server-end-point,,'],
  ];
  it.each(mechanisms)('chooses channel binding: %s', (_, start, header) => {
    const { response, begun } = begin(start);
    expect(response.startsWith(`${header}n=user`)).toBe(true);
    const data = header.startsWith('p') ? 'hash' : '';
    expect(Buffer.from(begun.channelBinding, 'base64').toString()).toBe(header + data);
    expect(begun.mechanism).toBe(header.startsWith('p') ? SCRAM_SHA_256_PLUS : SCRAM_SHA_256);
  });

  const unacceptable: [name: string, start: Partial<ScramStart>][] = [
    ['none', { mechanisms: [] }],
    ['another', { mechanisms: ['PLAIN', 'OAUTHBEARER'] }],
    ['binding only, without TLS', { mechanisms: [SCRAM_SHA_256_PLUS] }],
    ['binding required, not offered', { certificateHash: b('hash'), requireChannelBinding: true }],
    ['binding required, without TLS', { mechanisms: both, requireChannelBinding: true }],
  ];
  it.each(unacceptable)('refuses the mechanisms: %s', (_, start) => {
    const outcome = scramBegin({ mechanisms: [SCRAM_SHA_256], nonce: 'n', ...start });
    expect(outcome).toMatchObject({ ok: false, violation: { reason: 'scram-mechanism' } });
  });

  const challenges: [serverFirst: string, reason: string][] = [
    ['', 'scram-malformed'],
    ['r=x', 'scram-malformed'],
    [vector.serverFirst.replace('r=', 'm=ext,r='), 'scram-malformed'],
    [vector.serverFirst.replace('i=4096', 'i=0'), 'scram-malformed'],
    [vector.serverFirst.replace('i=4096', 'i=-1'), 'scram-malformed'],
    [vector.serverFirst.replace('i=4096', 'i=4096x'), 'scram-malformed'],
    [vector.serverFirst.replace('W22Z', 'W2*Z'), 'scram-malformed'],
    [vector.serverFirst.replace('W22ZaJ0SNY7soEsUEjb6gQ==', 'W22ZaJ0SNY7soEsUEjb6gQ='), 'scram-malformed'],
    [vector.serverFirst.replace('W22ZaJ0SNY7soEsUEjb6gQ==', Buffer.alloc(1_025).toString('base64')), 'scram-malformed'],
    [vector.serverFirst.replace('rOpr', 'XOpr'), 'scram-nonce'],
    [vector.serverFirst.replace('%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', ''), 'scram-nonce'],
    [vector.serverFirst.replace('i=4096', 'i=4095'), 'scram-iterations'],
    [vector.serverFirst.replace('i=4096', 'i=100001'), 'scram-iterations'],
    [vector.serverFirst.replace('i=4096', 'i=9999999999'), 'scram-iterations'],
  ];
  it.each(challenges)('refuses the challenge %s', (serverFirst, reason) => {
    expect(scramChallenge(begin().begun, b(serverFirst))).toMatchObject({ ok: false, violation: { reason } });
  });

  it('accepts other bounds and later extensions', () => {
    const weak = b(`${vector.serverFirst.replace('4096', '1')},x=later`);
    expect(scramChallenge(begin().begun, weak, { min: 1 })).toMatchObject({ ok: true, value: { iterations: 1 } });
  });

  const finals: [serverFinal: string, reason: string][] = [
    ['', 'scram-malformed'],
    ['v=', 'scram-malformed'],
    ['v=***', 'scram-malformed'],
    ['e=other-error', 'scram-refused'],
    [vector.serverFinal.replace('6rri', '7rri'), 'scram-server-signature'],
    ['v=6rri', 'scram-server-signature'],
  ];
  it.each(finals)('refuses the server-final message %j', (serverFinal, reason) => {
    expect(scramVerify(answer().answered, b(serverFinal))).toMatchObject({ ok: false, violation: { reason } });
  });

  it('refuses the right server for the wrong password', () => {
    expect(scramVerify(answer('pencils').answered, b(vector.serverFinal)).ok).toBe(false);
  });

  it('refuses a nonce that would be read as something else', () => {
    expect(() => scramBegin({ mechanisms: both, nonce: 'a,b' })).toThrow(RangeError);
    expect(() => scramBegin({ mechanisms: both, nonce: '' })).toThrow(RangeError);
  });

  const prepared: [name: string, password: string, same: string][] = [
    ['compatibility forms', '\u2168', 'IX'],
    ['soft hyphens', 'I\u00adX', 'IX'],
    ['spaces of all kinds', 'a\u00a0b\u3000c', 'a b c'],
    ['combining characters', 'e\u0301', '\u00e9'],
  ];
  it.each(prepared)('prepares passwords with %s (RFC 4013)', (_, password, same) => {
    expect(scramKeys(password, b('salt'), 1)).toEqual(scramKeys(same, b('salt'), 1));
  });

  it('uses a prohibited password as it is', () => {
    expect(scramKeys('\u0007\u2168', b('salt'), 1)).not.toEqual(scramKeys('\u0007IX', b('salt'), 1));
  });
});
