import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Configuration, Principal, SealedBox } from '@interlock/contracts';
import { principalOf } from './principal-of.js';
import type { TokenVerifier } from './token.js';

/** What a service needs to find out for itself who stands behind a request: no service's word is taken for it. */
export interface RecognitionPorts {
  readonly verifier: TokenVerifier;
  /** Opens a box sealed to this service for purpose `token`; refuses any other. */
  openToken(sealed: SealedBox): Outcome<string>;
  /** The configuration in force; undefined before the first. */
  configuration(): Configuration | undefined;
}

export interface Recognised {
  readonly principal: Principal;
  readonly configuration: Configuration;
  /** Milliseconds since the epoch after which the token is refused. */
  readonly expiresAtMs: number;
}

/** Opens the token, verifies it against the issuers of the configuration in force, and says whose it is. */
export async function recognise(sealed: SealedBox, ports: RecognitionPorts): Promise<Outcome<Recognised>> {
  const configuration = ports.configuration();
  if (!configuration) return refused('not_configured', 'This installation has no configuration yet.', { retryable: true, hint: 'Run `interlock apply` with the first one.' });
  const token = ports.openToken(sealed);
  if (!token.ok) return token;
  const verified = await ports.verifier.verify(token.value, configuration.issuers);
  if (!verified.ok) return verified;
  const principal = principalOf(verified.value, configuration);
  return principal.ok ? accepted({ principal: principal.value, configuration, expiresAtMs: verified.value.expiresAtMs }) : principal;
}
