import type { Configuration, PrincipalEntry } from '@interlock/contracts';
import { parentsOf, partyOfName, union } from './party.js';

/** A principal of a new configuration behind which humans who made it no longer stand. */
export interface ForgottenCreators {
  /** Its place among the principals. */
  readonly index: number;
  readonly name: string;
  readonly humans: readonly string[];
}

/**
 * Principals whose makers a new configuration leaves out. Owners change; who made something does not: the humans that the configuration
 * in force puts behind it by `createdBy` stay behind the same identity (issuer and subject), under whatever name and tie.
 */
export function creatorsForgotten(inForce: Configuration, proposed: Configuration): ForgottenCreators[] {
  const made = new Map(inForce.principals.filter(({ createdBy }) => createdBy).map((entry) => [identityOf(entry, inForce), entry]));
  return proposed.principals.flatMap((entry, index) => {
    const creators = made.get(identityOf(entry, proposed))?.createdBy;
    const before = creators && union(creators.map((name) => partyOfName(name, inForce)));
    const after = new Set([entry.name, ...parentsOf(entry)].flatMap((name) => [...(partyOfName(name, proposed) ?? [])]));
    const humans = [...(before ?? [])].filter((human) => !after.has(human)).sort();
    return humans.length > 0 ? [{ index, name: entry.name, humans }] : [];
  });
}

function identityOf({ issuer, subject }: PrincipalEntry, { issuers }: Configuration): string {
  return JSON.stringify([issuers.find(({ name }) => name === issuer)?.url, subject]);
}
