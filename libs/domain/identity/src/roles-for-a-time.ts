import type { AccessState, Configuration, PrincipalEntry } from '@interlock/contracts';

/** A configuration with the roles of this moment, and until when they are these. */
export interface RolesNow {
  readonly configuration: Configuration;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/**
 * The configuration as it is at this moment: to the roles of each principal come those that it was granted for a time. Only such roles as the configuration
 * declares obtainable, by this principal and on the terms under which people agreed: whatever a grant says, it gives nothing that the configuration does not
 * offer now. Every reader goes by its own clock.
 */
export function rolesNow(configuration: Configuration, access: Iterable<AccessState>, nowMs: number): RolesNow {
  const live = [...access].filter((state) => state.status === 'granted' && nowMs < Date.parse(state.until ?? ''));
  const standing = live.filter((state) => Date.parse(state.from ?? '') <= nowMs && isOffered(state, configuration));
  const untilMs = Math.min(Number.POSITIVE_INFINITY, ...live.flatMap(({ from, until }) => [from!, until!]).map((at) => Date.parse(at)).filter((at) => at > nowMs));
  if (standing.length === 0) return { configuration, untilMs };
  const principals = configuration.principals.map((entry) => withRoles(entry, standing, configuration));
  return { configuration: { ...configuration, principals }, untilMs };
}

/** What the configuration offers this principal, on these terms. */
function isOffered({ request }: AccessState, configuration: Configuration): boolean {
  const offer = configuration.roles?.find(({ name }) => name === request.role)?.onRequest;
  return offer !== undefined && offer.for.includes(request.principal.name) && request.seconds <= offer.hoursMax * 3_600 && isSameQuorum(offer.approvers, request.approvers);
}

type Quorum = AccessState['request']['approvers'];

function isSameQuorum(one: Quorum, other: Quorum): boolean {
  const words = (quorum: Quorum): string => quorum.map(({ role, count }) => `${role}:${count}`).toSorted().join();
  return words(one) === words(other);
}

function withRoles(entry: PrincipalEntry, standing: readonly AccessState[], { issuers }: Configuration): PrincipalEntry {
  const issuer = issuers.find(({ name }) => name === entry.issuer);
  // Where tokens carry roles, those of a session could not be told from these when they are over.
  if (!issuer || issuer.rolesClaim !== undefined) return entry;
  const gained = standing.filter(({ request: { principal } }) => principal.name === entry.name && principal.issuer === issuer.url && principal.subject === entry.subject);
  return gained.length === 0 ? entry : { ...entry, roles: [...new Set([...entry.roles, ...gained.map(({ request }) => request.role)])] };
}
