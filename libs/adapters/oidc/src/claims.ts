import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Issuer } from '@interlock/contracts';
import { OIDC_LIMITS } from './limits.js';

/** What of the claims the rest of the house builds on. */
export interface SoundClaims {
  readonly subject: string;
  readonly expiresAtMs: number;
}

const SUBJECT_MAX = 512;

/**
 * Checks the claims of a token whose signature holds, at `nowMs`. Times are numbers of seconds and nothing else (RFC
 * 7519, section 2); a token without an expiry is refused. `clockSkewSeconds` of the issuer widens every time.
 */
export function checkClaims(claims: Readonly<Record<string, unknown>>, issuer: Issuer, nowMs: number): Outcome<SoundClaims> {
  if (!namesAudience(claims['aud'], issuer.audience)) {
    return refused('audience_wrong', `The token is not meant for ${issuer.audience}.`, { hint: `Ask the issuer for a token with audience ${issuer.audience}.` });
  }
  if (Object.hasOwn(claims, 'cnf')) {
    return refused('token_bound', 'The token is bound to a key (claim cnf), and its holder cannot prove that key here.', { hint: 'Ask the issuer for a bearer token.' });
  }
  const subject = claims['sub'];
  if (typeof subject !== 'string' || subject === '' || subject.length > SUBJECT_MAX) {
    return refused('subject_missing', `The token's claim sub is not a text of 1 to ${SUBJECT_MAX} characters.`);
  }
  const times = checkTimes(claims, issuer.clockSkewSeconds, nowMs / 1_000);
  return times.ok ? accepted({ subject, expiresAtMs: times.value * 1_000 }) : times;
}

export function namesAudience(claim: unknown, audience: string): boolean {
  if (typeof claim === 'string') return claim === audience;
  return Array.isArray(claim) && claim.every((one) => typeof one === 'string') && claim.includes(audience);
}

/** The expiry in seconds, if every time of the token holds now. */
export function checkTimes(claims: Readonly<Record<string, unknown>>, skew: number, now: number): Outcome<number> {
  const broken = ['exp', 'nbf', 'iat'].find((name) => Object.hasOwn(claims, name) && !isTime(claims[name]));
  if (broken) return refused('claim_malformed', `The token's claim ${broken} is not a time in seconds.`);
  const { exp, nbf, iat } = claims as { readonly exp?: number; readonly nbf?: number; readonly iat?: number };
  if (exp === undefined) return refused('expiry_missing', 'The token has no expiry (claim exp).', { hint: 'Ask the issuer for a token that expires.' });
  if (exp <= now - skew) return refused('token_expired', `The token expired ${Math.floor(now - exp)} s ago; ${skew} s of clock skew are allowed.`, { hint: 'Get a new token.' });
  if (nbf !== undefined && nbf > now + skew) return tooEarly('token_not_yet_valid', 'valid', nbf - now, skew);
  if (iat !== undefined && iat > now + skew) return tooEarly('token_issued_in_future', 'issued', iat - now, skew);
  return accepted(exp);
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= OIDC_LIMITS.latestSeconds;
}

function tooEarly(reason: string, what: string, seconds: number, skew: number) {
  return refused(reason, `The token is ${what} only ${Math.ceil(seconds)} s from now; ${skew} s of clock skew are allowed.`, {
    hint: 'Compare the clocks of this machine and of the issuer.', retryable: true,
  });
}
