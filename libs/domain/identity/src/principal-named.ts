import type { Configuration, Principal } from '@interlock/contracts';
import { principalOf } from './principal-of.js';

/** A principal by its name, with what the configuration alone says of it; undefined when there is none, or not exactly one. Roles that only a token carries are not known here. */
export function principalNamed(name: string, configuration: Configuration): Principal | undefined {
  const entries = configuration.principals.filter((entry) => entry.name === name);
  const [entry] = entries;
  if (!entry || entries.length > 1) return undefined;
  const principal = principalOf({ issuer: entry.issuer, subject: entry.subject, claims: {}, expiresAtMs: 0 }, configuration);
  return principal.ok && principal.value.name === name ? principal.value : undefined;
}
