import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Configuration, Principal } from '@interlock/contracts';

/** What people may do in Interlock itself, each with roles of its own. */
export type AdministrationTask = keyof Configuration['administration'];

const IN_WORDS: Readonly<Record<AdministrationTask, string>> = {
  changes: 'propose and approve changes of the configuration',
  secrets: 'set secrets of targets',
  audit: 'read sessions, replay and verify',
  locks: 'lock and unlock',
};

/** Whether this principal may do this in Interlock itself. Only people may: an agent's role does not count here. */
export function allowedTo(principal: Principal, task: AdministrationTask, configuration: Configuration): Outcome<Principal> {
  return allowedToAny(principal, [task], configuration);
}

/** Whether this principal may do one of these: what is asked for serves them all. */
export function allowedToAny(principal: Principal, tasks: readonly AdministrationTask[], configuration: Configuration): Outcome<Principal> {
  const what = tasks.length === 1 ? IN_WORDS[tasks[0]!] : 'ask this';
  const roles = [...new Set(tasks.flatMap((task) => configuration.administration[task]))];
  if (principal.kind !== 'human') {
    return refused('human_required', `${principal.name} may not ${what}: only a person may, acting with a token of their own.`, { hint: `Ask a person who has role ${roles.join(' or ')}.` });
  }
  if (roles.some((role) => principal.roles.includes(role))) return accepted(principal);
  return refused('role_missing', `${principal.name} may not ${what}: that takes role ${roles.join(' or ')}.`, {
    hint: 'Ask someone who has this role, or for a change of the configuration.',
  });
}
