import type { Configuration, Principal, PrincipalEntry } from '@interlock/contracts';
import { partyOfName } from './party.js';

/** Someone with the roles and the humans that the configuration of now gives them; undefined when it does not know them. */
export function asOfNow(principal: Principal, configuration: Configuration): Principal | undefined {
  const issuer = configuration.issuers.find((candidate) => candidate.url === principal.issuer && entryAt(candidate.name, principal, configuration));
  const entry = issuer && entryAt(issuer.name, principal, configuration);
  if (!entry) return undefined;
  const parties = [principal.name, ...(principal.actors ?? [])].map((name) => partyOfName(name, configuration));
  const party = parties.every((one) => one !== undefined) ? parties.flatMap((one) => [...one]) : [];
  return { ...principal, roles: issuer.rolesClaim === undefined ? entry.roles : principal.roles, party: [...new Set(party)].sort() };
}

function entryAt(issuer: string, principal: Principal, configuration: Configuration): PrincipalEntry | undefined {
  return configuration.principals.find((entry) => entry.name === principal.name && entry.issuer === issuer && entry.subject === principal.subject);
}
