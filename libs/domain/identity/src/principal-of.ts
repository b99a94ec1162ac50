import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Configuration, Issuer, Principal, PrincipalEntry } from '@interlock/contracts';
import { actorsOf } from './actors.js';
import { mayBeActedFor } from './delegation.js';
import { partyOf, union } from './party.js';
import type { VerifiedToken } from './token.js';

const ROLE = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const ROLES_MAX = 64;

/**
 * Who a verified token belongs to. Identity is the pair of issuer and subject; nothing else of the token, neither name
 * nor e-mail address, makes someone known.
 *
 * With actors in the token (RFC 8693) the humans of each join the party, and the principal counts as an agent: what another does with a
 * person's token is not that person's own act, so it approves and administers nothing. Who may act for whom, the configuration declares.
 */
export function principalOf(token: VerifiedToken, configuration: Configuration): Outcome<Principal> {
  const issuer = configuration.issuers.find((candidate) => candidate.name === token.issuer);
  if (!issuer) return refused('issuer_unknown', `The configuration has no issuer ${token.issuer}.`);
  const entry = onlyEntry(token, configuration);
  if (!entry.ok) return entry;
  const roles = rolesOf(token, entry.value, issuer);
  if (!roles.ok) return roles;
  const actors = actorsOf(token, configuration);
  if (!actors.ok) return actors;
  const principal = compose(entry.value, issuer, roles.value, actors.value, configuration);
  const acting = mayBeActedFor(principal, configuration);
  return acting.ok ? accepted(principal) : acting;
}

function onlyEntry(token: VerifiedToken, configuration: Configuration): Outcome<PrincipalEntry> {
  const entries = configuration.principals.filter((entry) => entry.issuer === token.issuer && entry.subject === token.subject);
  const [entry, second] = entries;
  if (!entry) {
    return refused('principal_unknown', `No principal of the configuration has this subject at issuer ${token.issuer}.`, {
      hint: 'Add an entry with this issuer and subject to principals in interlock.yaml and apply it.',
    });
  }
  if (second) return refused('principal_ambiguous', `The principals ${entry.name} and ${second.name} have the same issuer and subject.`, { hint: 'Keep one of them in interlock.yaml.' });
  return accepted(entry);
}

/** Roles of the entry and, where the issuer is trusted to grant them, those of its claim. */
function rolesOf(token: VerifiedToken, entry: PrincipalEntry, issuer: Issuer): Outcome<readonly string[]> {
  if (issuer.rolesClaim === undefined || !Object.hasOwn(token.claims, issuer.rolesClaim)) return accepted(entry.roles);
  const claim = token.claims[issuer.rolesClaim];
  const sound = Array.isArray(claim) && claim.length <= ROLES_MAX && claim.every((role) => typeof role === 'string' && ROLE.test(role));
  if (!sound) {
    return refused('roles_claim_malformed', `The token's claim ${issuer.rolesClaim} is not a list of at most ${ROLES_MAX} role names.`, {
      hint: `Let issuer ${issuer.name} write lower-case role names into it, or take rolesClaim out of interlock.yaml.`,
    });
  }
  return accepted([...new Set([...entry.roles, ...(claim as string[])])]);
}

function compose(entry: PrincipalEntry, issuer: Issuer, roles: readonly string[], actors: readonly PrincipalEntry[], configuration: Configuration): Principal {
  const party = union([entry, ...actors].map((one) => partyOf(one, configuration)));
  return {
    name: entry.name,
    kind: actors.length === 0 ? entry.kind : 'agent',
    issuer: issuer.url,
    subject: entry.subject,
    roles: [...roles],
    party: party ? [...party].sort() : [],
    ...(actors.length > 0 ? { actors: actors.map(({ name }) => name) } : {}),
  };
}
