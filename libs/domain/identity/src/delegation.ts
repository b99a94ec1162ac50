import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Configuration, Principal } from '@interlock/contracts';

/**
 * Whether a principal may be acted for as it is, by what the configuration declares now: each actor for the one before it, the first for
 * the principal itself; nobody twice; and no more of them than its depth. Whoever acts itself may.
 */
export function mayBeActedFor({ name, actors = [] }: Pick<Principal, 'name' | 'actors'>, { delegation }: Configuration): Outcome<unknown> {
  const chain = [...actors, name];
  const twice = chain.find((one, index) => chain.indexOf(one) < index);
  if (twice !== undefined) return refused('delegation_circular', `${twice} stands in the token's claim act twice: nobody acts for themselves through others.`, { hint: 'Ask the issuer for a token that names everyone once.' });
  const gap = actors.findIndex((actor, index) => !declares(delegation, actor, chain[index + 1]!));
  if (gap !== -1) {
    return refused('delegation_undeclared', `The configuration does not say that ${chain[gap]} may act for ${chain[gap + 1]}.`, {
      hint: `Have it added to delegation in interlock.yaml, or let ${chain[gap]} send a token of its own.`,
    });
  }
  if (delegation && actors.length > delegation.depth) {
    return refused('delegation_too_deep', `${actors.length} act for ${name} one through the other, and the configuration allows ${delegation.depth} (delegation, depth).`, { hint: 'Let someone nearer to the principal do it.' });
  }
  return accepted(undefined);
}

function declares(delegation: Configuration['delegation'], actor: string, principal: string): boolean {
  return delegation?.allowed.some((one) => one.actor === actor && one.for.includes(principal)) === true;
}
