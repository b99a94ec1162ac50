import type { Configuration, PrincipalEntry } from '@interlock/contracts';

/** The humans behind someone, or `undefined` when they are not all known. */
export type Party = ReadonlySet<string> | undefined;

/**
 * Every human behind an entry, closed over its owners, whoever made it and whoever has it run, over theirs, and over the accounts of one
 * person. One unknown or circular name makes the whole party unknown: a party that is not known to be apart counts as shared.
 * An agent without an owner is unknown, whoever made it.
 */
export function partyOf(entry: PrincipalEntry, configuration: Configuration): Party {
  return close(entry, configuration, new Map());
}

/** The humans behind a name as configurations write it: an entry's name, or the human of an account. */
export function partyOfName(name: string, configuration: Configuration): Party {
  return partyBehind(name, configuration, new Map());
}

/** Whom an entry names as standing behind it, by whatever tie. */
export function parentsOf({ owners, createdBy, scheduledBy }: PrincipalEntry): readonly string[] {
  return [...owners, ...(createdBy ?? []), ...(scheduledBy ?? [])];
}

/** Parties by name, each found once. Of whoever is still being looked at it is unknown: who comes back to them is behind itself. */
type Found = Map<string, Party>;

function close(entry: PrincipalEntry, configuration: Configuration, found: Found): Party {
  if (found.has(entry.name)) return found.get(entry.name);
  found.set(entry.name, undefined);
  const party = entry.kind === 'agent' && entry.owners.length === 0 ? undefined : union([
    ...(entry.kind === 'human' ? [personOf(entry, configuration, found)] : []),
    ...parentsOf(entry).map((name) => partyBehind(name, configuration, found)),
  ]);
  found.set(entry.name, party);
  return party;
}

function partyBehind(name: string, configuration: Configuration, found: Found): Party {
  const entry = configuration.principals.find((candidate) => candidate.name === name);
  if (entry) return close(entry, configuration, found);
  return isHuman(name, configuration) ? new Set([name]) : undefined;
}

/** A person with several accounts is one human: the name at the end of the `human` links. */
function personOf(entry: PrincipalEntry, configuration: Configuration, found: Found): Party {
  if (entry.human === undefined || entry.human === entry.name) return new Set([entry.name]);
  const linked = configuration.principals.find((candidate) => candidate.name === entry.human);
  return linked ? close(linked, configuration, found) : new Set([entry.human]);
}

function isHuman(name: string, configuration: Configuration): boolean {
  return configuration.principals.some((candidate) => candidate.kind === 'human' && candidate.human === name);
}

export function union(parties: readonly Party[]): Party {
  const all = new Set<string>();
  for (const party of parties) {
    if (!party) return undefined;
    for (const human of party) all.add(human);
  }
  return all;
}
