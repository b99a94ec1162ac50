import type { Configuration, PrincipalEntry } from '@interlock/contracts';

/** The humans behind someone, or `undefined` when they are not all known. */
export type Party = ReadonlySet<string> | undefined;

/**
 * Every human behind an entry, closed over owners of owners and over the accounts of one person. One unknown or
 * circular name makes the whole party unknown: a party that is not known to be apart counts as shared.
 */
export function partyOf(entry: PrincipalEntry, configuration: Configuration): Party {
  return close(entry, configuration, new Set());
}

/** The humans behind a name as configurations write it: an entry's name, or the human of an account. */
export function partyOfName(name: string, configuration: Configuration): Party {
  return partyBehind(name, configuration, new Set());
}

function close(entry: PrincipalEntry, configuration: Configuration, path: ReadonlySet<string>): Party {
  if (path.has(entry.name)) return undefined;
  const deeper = new Set([...path, entry.name]);
  const owners = union(entry.owners.map((owner) => partyBehind(owner, configuration, deeper)));
  if (entry.kind === 'agent') return entry.owners.length === 0 ? undefined : owners;
  return union([personOf(entry, configuration, deeper), owners]);
}

function partyBehind(name: string, configuration: Configuration, path: ReadonlySet<string>): Party {
  const entry = configuration.principals.find((candidate) => candidate.name === name);
  if (entry) return close(entry, configuration, path);
  return isHuman(name, configuration) ? new Set([name]) : undefined;
}

/** A person with several accounts is one human: the name at the end of the `human` links. */
function personOf(entry: PrincipalEntry, configuration: Configuration, path: ReadonlySet<string>): Party {
  if (entry.human === undefined || entry.human === entry.name) return new Set([entry.name]);
  const linked = configuration.principals.find((candidate) => candidate.name === entry.human);
  return linked ? close(linked, configuration, path) : new Set([entry.human]);
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
