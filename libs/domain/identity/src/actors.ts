import { accepted, refused, type Outcome } from '@interlock/kernel';
import { ACTORS_MAX, type Configuration, type PrincipalEntry } from '@interlock/contracts';
import type { VerifiedToken } from './token.js';

/** Someone who acts with another's token, as the token names them. */
interface Actor {
  /** Name of the configured issuer, or undefined when it is none of ours. */
  readonly issuer: string | undefined;
  readonly subject: string;
}

/**
 * The actors of a token, nearest first: the `act` claim, who acts now, and those nested in it, who acted before and handed it on (RFC
 * 8693, section 4.1). An actor without `iss` is of the token's own issuer. One that the configuration does not know is refused.
 */
export function actorsOf(token: VerifiedToken, configuration: Configuration): Outcome<readonly PrincipalEntry[]> {
  const named = namedActors(token, configuration);
  if (!named.ok) return named;
  const entries = named.value.map((actor) => entryOf(actor, configuration));
  const unknown = entries.indexOf(undefined);
  if (unknown === -1) return accepted(entries as PrincipalEntry[]);
  return refused('actor_unknown', `Actor ${unknown + 1} of the token's claim act, the nearest counted first, is no principal of the configuration.`, {
    hint: 'Add an entry with its issuer and subject to principals in interlock.yaml and apply it, or send a token without it.',
  });
}

function namedActors(token: VerifiedToken, configuration: Configuration): Outcome<readonly Actor[]> {
  const actors: Actor[] = [];
  let claim: unknown = token.claims['act'];
  while (claim !== undefined) {
    const actor = readActor(claim, token.issuer, configuration);
    if (!actor || actors.length === ACTORS_MAX) return malformed();
    actors.push(actor);
    claim = (claim as { readonly act?: unknown }).act;
  }
  return accepted(actors);
}

function readActor(claim: unknown, ownIssuer: string, configuration: Configuration): Actor | undefined {
  if (typeof claim !== 'object' || claim === null || Array.isArray(claim)) return undefined;
  const { sub, iss } = claim as { readonly sub?: unknown; readonly iss?: unknown };
  if (typeof sub !== 'string' || sub === '' || (iss !== undefined && typeof iss !== 'string')) return undefined;
  const issuer = iss === undefined ? ownIssuer : configuration.issuers.find((candidate) => candidate.url === iss)?.name;
  return { issuer, subject: sub };
}

function malformed(): Outcome<readonly Actor[]> {
  return refused('actor_malformed', `The token's claim act is not a chain of at most ${ACTORS_MAX} actors with a sub each.`, {
    hint: 'Ask the issuer for a token whose act claim follows RFC 8693, section 4.1.',
  });
}

/** The entry of an actor, or undefined when the configuration does not know it, or not which one it is. */
function entryOf(actor: Actor, configuration: Configuration): PrincipalEntry | undefined {
  const entries = configuration.principals.filter((entry) => entry.issuer === actor.issuer && entry.subject === actor.subject);
  return entries.length === 1 ? entries[0] : undefined;
}
