import type { Ask } from '@interlock/contracts';
import type { Parties } from './parties.js';

/** Tries after which a search for approvers counts as undecided. */
export const SEATING_STEPS_MAX = 20_000;

/**
 * Approvers who could fill a quorum for a requester at run time: people with the roles, each seated once, independent of the
 * requester and of each other. `among` says who is considered. Undefined when there are none, or none were found in time.
 */
export function approversFor(requester: string, quorum: Ask['quorum'], parties: Parties, among: (person: string) => boolean = () => true): readonly string[] | undefined {
  const seats = quorum.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  const people = new Map(quorum.map(({ role }) => [role, parties.peopleWith(role).filter((person) => among(person) && parties.independent(person, requester))]));
  const budget = { steps: SEATING_STEPS_MAX };
  return seat(seats, people, [], parties, budget);
}

function seat(seats: readonly string[], people: ReadonlyMap<string, readonly string[]>, seated: readonly string[], parties: Parties, budget: { steps: number }): readonly string[] | undefined {
  const [role, ...others] = seats;
  if (role === undefined) return seated;
  for (const person of people.get(role) ?? []) {
    budget.steps -= 1;
    if (budget.steps < 0) return undefined;
    if (seated.includes(person) || !seated.every((other) => parties.independent(other, person))) continue;
    const whole = seat(others, people, [...seated, person], parties, budget);
    if (whole) return whole;
  }
  return undefined;
}

/** `2 of dba and 1 of security`. */
export function quorumInWords(quorum: Ask['quorum']): string {
  return quorum.map(({ role, count }) => `${count} of ${role}`).join(' and ');
}
