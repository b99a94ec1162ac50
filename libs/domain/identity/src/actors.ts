import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Configuration, PrincipalEntry } from '@interlock/contracts';
import type { VerifiedToken } from './token.js';

/** Someone who acts with another's token, as the token names them. */
export interface Actor {
  /** Name of the configured issuer, or undefined when it is none of ours. */
  readonly issuer: string | undefined;
  readonly subject: string;
}

/** Longer chains are nobody's honest delegation. */
const CHAIN_MAX = 8;

/**
 * The actors of a token, nearest first: the `act` claim and those nested in it (RFC 8693, section 4.1). An actor
 * without `iss` is of the token's own issuer.
 */
export function actorsOf(token: VerifiedToken, configuration: Configuration): Outcome<readonly Actor[]> {
  const actors: Actor[] = [];
  let claim: unknown = token.claims['act'];
  while (claim !== undefined) {
    const actor = readActor(claim, token.issuer, configuration);
    if (!actor || actors.length === CHAIN_MAX) return malformed();
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
  return refused('actor_malformed', `The token's claim act is not a chain of at most ${CHAIN_MAX} actors with a sub each.`, {
    hint: 'Ask the issuer for a token whose act claim follows RFC 8693, section 4.1.',
  });
}

/** The entry of an actor, or undefined when the configuration does not know it. */
export function entryOf(actor: Actor, configuration: Configuration): PrincipalEntry | undefined {
  const entries = configuration.principals.filter((entry) => entry.issuer === actor.issuer && entry.subject === actor.subject);
  return entries.length === 1 ? entries[0] : undefined;
}
