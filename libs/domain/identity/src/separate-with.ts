import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Configuration, Principal, PrincipalEntry } from '@interlock/contracts';
import { partyOf } from './party.js';

/**
 * Whether someone may have these roles beside those that they stand behind already, through whatever accounts and agents: roles that exclude each other
 * for good stay apart for a time as well.
 */
export function separateWith(principal: Principal, roles: readonly string[], configuration: Configuration): Outcome<unknown> {
  const behind = entriesBehind(principal, configuration);
  for (const { name, roles: set } of configuration.separation?.exclusiveRoles ?? []) {
    const held = set.filter((role) => behind.some((entry) => entry.roles.includes(role)) || principal.roles.includes(role) || roles.includes(role));
    const gained = held.find((role) => roles.includes(role));
    if (gained !== undefined && held.length > 1) {
      return refused('roles_exclude', `Role ${gained} excludes ${held.filter((role) => role !== gained).join(' and ')} (${name}), and the humans behind ${principal.name} would stand behind both.`, { hint: 'Choose someone else.' });
    }
  }
  return accepted(undefined);
}

/** Under `separation: approvers: by-role`, nobody who answers for an agent may approve, not for a time either. */
export function mayApproveBeside(person: Principal, configuration: Configuration): Outcome<unknown> {
  const agent = entriesBehind(person, configuration).find(({ kind }) => kind === 'agent');
  if (!agent || (configuration.separation?.approvers ?? 'by-role') !== 'by-role') return accepted(undefined);
  return refused('delegate_asks', `${person.name} answers for ${agent.name}, and whoever may ask does not approve (separation: approvers: by-role).`, { hint: 'Choose someone who answers for no agent.' });
}

function entriesBehind(principal: Principal, configuration: Configuration): readonly PrincipalEntry[] {
  return configuration.principals.filter((entry) => sharesHuman(principal, entry, configuration));
}

/** Unknown humans count as everyone. */
function sharesHuman(principal: Principal, entry: PrincipalEntry, configuration: Configuration): boolean {
  const party = partyOf(entry, configuration);
  return party === undefined || principal.party.length === 0 || principal.party.some((human) => party.has(human));
}
