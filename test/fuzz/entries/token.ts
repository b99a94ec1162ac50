import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import { must, type FuzzEntry } from '../fuzz.js';

const ISSUER = { name: 'demo', url: 'http://127.0.0.1:9/', audience: 'interlock', algorithms: ['EdDSA' as const], clockSkewSeconds: 60 };
const verifier = new OidcTokenVerifier({ nowMs: () => 1_800_000_000_000 });

function token(header: object, claims: object): Buffer {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return Buffer.from(`${part(header)}.${part(claims)}.${Buffer.alloc(64, 1).toString('base64url')}`);
}

const CLAIMS = { iss: 'http://example.test', aud: 'interlock', sub: 'agent-etl', exp: 1_800_000_600, iat: 1_800_000_000 };

/** The issuer is foreign on purpose: no key is ever fetched, and nothing may be believed. */
export const accessToken: FuzzEntry = {
  name: 'tokens',
  seeds: [token({ alg: 'EdDSA', kid: 'k' }, CLAIMS), token({ alg: 'none' }, CLAIMS), token({ alg: 'EdDSA', crit: ['exp2'] }, CLAIMS), token({ alg: 'HS256', typ: 'logout+jwt' }, { ...CLAIMS, exp: '1e400' })],
  run: async (input) => {
    const result = await verifier.verify(input.toString('latin1'), [ISSUER]);
    must(!result.ok, 'nobody is let in by a token of a foreign issuer');
    return result.ok ? '' : result.refusal.reason;
  },
};
