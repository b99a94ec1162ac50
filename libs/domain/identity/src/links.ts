import type { Configuration, Principal, PrincipalEntry } from '@interlock/contracts';
import { parentsOf, partyOfName } from './party.js';

/**
 * By which links two principals that share humans come to share them, one clause per link, so that whoever is refused sees
 * which one it was. Told by the configuration of now; what it no longer says is left out. Explains, and decides nothing.
 */
export function linksBetween(first: Principal, second: Principal, configuration: Configuration): readonly string[] {
  const links = [first, second].flatMap((principal) => linksTo(principal, [first, second], configuration));
  return [...new Set(links)];
}

function linksTo(principal: Principal, both: readonly [Principal, Principal], configuration: Configuration): readonly string[] {
  const entry = configuration.principals.find(({ name }) => name === principal.name);
  const own = partyOfName(principal.name, configuration);
  const shared = [...new Set([...principal.party, ...(own ?? [])])].filter((human) => both.every((one) => one.party.includes(human) || partyOfName(one.name, configuration)?.has(human)));
  if (!entry) return [];
  return shared.flatMap((human) => {
    const actor = principal.actors?.find((name) => partyOfName(name, configuration)?.has(human));
    if (actor !== undefined && own?.has(human) !== true) return [`${human} stands behind ${actor}, which acts with the token of ${principal.name}`];
    if (own?.has(human) !== true) return [];
    if (principal.actors !== undefined && entry.kind === 'human') return [`${principal.actors[0]!} acts with a token that ${principal.name} delegated to it`];
    if (entry.kind === 'agent') return [ownerLink(human, entry, configuration)];
    return entry.name === human ? [] : [`${principal.name} is another account of the human ${human}`];
  });
}

/** The nearest tie comes first: the owner's, then the maker's, then the scheduler's; else through whom they stand behind it. */
function ownerLink(human: string, entry: PrincipalEntry, configuration: Configuration): string {
  const { name, owners, createdBy = [], scheduledBy = [] } = entry;
  if (owners.includes(human)) return `${human} owns ${name}`;
  if (createdBy.includes(human)) return `${human} made ${name}`;
  if (scheduledBy.includes(human)) return `${human} has ${name} run`;
  const through = parentsOf(entry).find((parent) => partyOfName(parent, configuration)?.has(human));
  return `${human} stands behind ${name} through ${through ?? 'others'}`;
}
