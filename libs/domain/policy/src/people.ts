import type { Configuration, PrincipalEntry } from '@interlock/contracts';

/** Where an issuer's tokens carry roles, who has a role is not known from the configuration. */
export function grantsRolesByToken(configuration: Configuration): boolean {
  return configuration.issuers.some((issuer) => issuer.rolesClaim !== undefined);
}

/** The accounts of people in any of these roles. */
export function peopleIn(roles: readonly string[], configuration: Configuration): PrincipalEntry[] {
  return configuration.principals.filter((entry) => entry.kind === 'human' && entry.roles.some((role) => roles.includes(role)));
}

export function oneOf(names: readonly string[]): string {
  return names.length === 0 ? 'one that exists' : names.length === 1 ? names[0]! : `one of ${names.join(', ')}`;
}
