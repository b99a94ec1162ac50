import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Configuration, Principal, PrincipalEntry } from '@interlock/contracts';
import { partyOf } from './party.js';

/**
 * Whether someone may have these roles beside what they stand behind already, through whatever accounts and agents. What a configuration may not give
 * for good, nothing else gives for a time: roles that exclude each other stay apart, and under `approvers: by-role` nobody who answers for an agent
 * gets a role by which they would approve.
 */
export function separateWith(person: Principal, roles: readonly string[], configuration: Configuration): Outcome<unknown> {
  const behind = configuration.principals.filter((entry) => isBehind(person, entry, configuration));
  for (const { name, roles: set } of configuration.separation?.exclusiveRoles ?? []) {
    const held = set.filter((role) => behind.some((entry) => entry.roles.includes(role)) || person.roles.includes(role) || roles.includes(role));
    const gained = held.find((role) => roles.includes(role));
    if (gained !== undefined && held.length > 1) {
      return refused('roles_exclude', `Role ${gained} excludes ${held.filter((role) => role !== gained).join(' and ')} (${name}), and ${person.name} would stand behind both.`, { hint: 'Choose someone else.' });
    }
  }
  const agent = behind.find(({ kind }) => kind === 'agent');
  if (!agent || (configuration.separation?.approvers ?? 'by-role') !== 'by-role') return accepted(undefined);
  return refused('delegate_asks', `${person.name} answers for ${agent.name}, and whoever may ask does not get a role that approves (separation: approvers: by-role).`, { hint: 'Choose someone who answers for no agent.' });
}

/** Unknown humans count as everyone. */
function isBehind(person: Principal, entry: PrincipalEntry, configuration: Configuration): boolean {
  const party = partyOf(entry, configuration);
  return party === undefined || person.party.some((human) => party.has(human));
}
