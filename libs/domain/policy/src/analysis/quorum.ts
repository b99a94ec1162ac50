import type { Ask } from '@interlock/contracts';
import type { Member } from './member.js';
import type { Parties } from './parties.js';

/** Tries after which a search for approvers counts as undecided. */
export const SEATING_STEPS_MAX = 20_000;

/**
 * Approvers who could fill a quorum for a requester at run time: people with the roles, each seated once, independent of the
 * requester and of each other. `peopleWith` says who is considered for a role. Undefined when there are none, or none were found in time.
 */
export function approversFor(requester: Member, quorum: Ask['quorum'], parties: Parties, peopleWith = (role: string) => parties.peopleWith(role)): readonly string[] | undefined {
  const seats = quorum.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  return seat(seats, [], { requester, parties, peopleWith, steps: SEATING_STEPS_MAX });
}

interface Seating {
  readonly requester: Member;
  readonly parties: Parties;
  readonly peopleWith: (role: string) => readonly string[];
  steps: number;
}

function seat(seats: readonly string[], seated: readonly string[], seating: Seating): readonly string[] | undefined {
  const [role, ...others] = seats;
  if (role === undefined) return seated;
  const { requester, parties, peopleWith } = seating;
  for (const person of peopleWith(role)) {
    seating.steps -= 1;
    if (seating.steps < 0) return undefined;
    if (seated.includes(person) || !parties.independent(requester, itself(person)) || !seated.every((other) => parties.independent(itself(other), itself(person)))) continue;
    const whole = seat(others, [...seated, person], seating);
    if (whole) return whole;
  }
  return undefined;
}

function itself(name: string): Member {
  return { name, actors: [] };
}

/** `2 of dba and 1 of security`. */
export function quorumInWords(quorum: Ask['quorum']): string {
  return quorum.map(({ role, count }) => `${count} of ${role}`).join(' and ');
}
