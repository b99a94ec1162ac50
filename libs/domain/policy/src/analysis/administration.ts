import type { Configuration } from '@interlock/contracts';
import { grantsRolesByToken } from '../people.js';
import type { Finding } from './finding.js';
import type { Parties } from './parties.js';

/** What takes two independent people in Interlock itself, and has not got them. */
export function administrationFindings(configuration: Configuration, parties: Parties): Finding[] {
  if (grantsRolesByToken(configuration)) return [];
  const { changes, locks } = configuration.administration;
  return [
    ...(twoAmong(changes, parties) ? [] : [{
      level: 'conflict', kind: 'administration-impossible', at: { path: ['administration', 'changes'] },
      detail: `a change of the configuration takes an author and an approver who share no human, and no two of ${peopleWith(changes, parties).join(', ') || 'nobody'} are`,
      remedy: 'Give one of these roles to someone with nobody of the others behind them.',
    } as const]),
    ...(twoAmong(locks, parties) ? [] : [{
      level: 'warning', kind: 'unlock-impossible', at: { path: ['administration', 'locks'] },
      detail: `a lock is lifted by two people who share no human, and no two of ${peopleWith(locks, parties).join(', ') || 'nobody'} are: it would stand for ever`,
      remedy: 'Give one of these roles to a second, independent person.',
    } as const]),
  ];
}

function twoAmong(roles: readonly string[], parties: Parties): boolean {
  const people = peopleWith(roles, parties);
  return people.some((one, index) => people.slice(index + 1).some((other) => parties.independent({ name: one, actors: [] }, { name: other, actors: [] })));
}

function peopleWith(roles: readonly string[], parties: Parties): string[] {
  return [...new Set(roles.flatMap((role) => parties.peopleWith(role)))];
}
