import { accepted, refused, type Outcome } from '@interlock/kernel';
import { OIDC_LIMITS } from './limits.js';

/** A token as it was sent, read but not believed. */
export interface CompactToken {
  readonly header: { readonly alg: string; readonly kid?: string };
  readonly claims: Readonly<Record<string, unknown>>;
}

const SEGMENT = /^[A-Za-z0-9_-]+$/;
/** Types of tokens that give access (RFC 9068, RFC 7519); a logout token or a proof is signed by the same keys and is none. */
const TYPES = new Set(['jwt', 'at+jwt']);
const MORE = { hint: 'Send the access token exactly as the issuer gave it.' };

/** Reads a compact JWS (RFC 7515, section 7.1) that must be a signed JWT with nothing in it that we do not understand. */
export function readToken(token: string): Outcome<CompactToken> {
  if (Buffer.byteLength(token) > OIDC_LIMITS.tokenBytes) return refused('token_too_long', `The token has more than ${OIDC_LIMITS.tokenBytes} bytes.`);
  const segments = token.split('.');
  const [header, claims, signature] = segments;
  const parsedHeader = readObject(header);
  if (segments.length !== 3 || !parsedHeader) return refused('token_malformed', 'The token is not a signed JWT of three parts.', MORE);
  const known = checkHeader(parsedHeader);
  if (!known.ok) return known;
  if (signature === '') return unsigned();
  const parsedClaims = readObject(claims);
  if (!parsedClaims || !SEGMENT.test(signature!)) return refused('token_malformed', 'The token is not a signed JWT of three parts.', MORE);
  return accepted({ header: known.value, claims: parsedClaims });
}

function checkHeader(header: Readonly<Record<string, unknown>>): Outcome<CompactToken['header']> {
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string') return refused('token_malformed', 'The token names no signature algorithm.', MORE);
  if (alg.toLowerCase() === 'none' || alg === '') return unsigned();
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    return refused('token_extension_unknown', 'The token demands an extension (crit or b64) that is not understood here.');
  }
  if (typ !== undefined && (typeof typ !== 'string' || !TYPES.has(typ.toLowerCase().replace(/^application\//, '')))) {
    return refused('token_type_wrong', 'The token says it is something else than an access token.', { hint: 'Send an access token (typ JWT or at+jwt).' });
  }
  if (kid !== undefined && typeof kid !== 'string') return refused('token_malformed', 'The token names its key by something else than a text.', MORE);
  return accepted(kid === undefined ? { alg } : { alg, kid });
}

function unsigned() {
  return refused('token_unsigned', 'The token is not signed.', { hint: 'Ask the issuer for a signed access token.' });
}

function readObject(segment: string | undefined): Record<string, unknown> | undefined {
  if (!segment || !SEGMENT.test(segment)) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(segment, 'base64url')));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
