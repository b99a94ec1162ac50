import type { Parties } from './parties.js';
import { approversFor } from './quorum.js';
import type { Way } from './way.js';

/** Sets of people that are tried before a task counts as undecided. */
export const SETS_MAX = 20_000;
/** Counterexamples told of one task. */
const TOLD_MAX = 5;

export interface CompletingSet {
  readonly humans: readonly string[];
  readonly told: string;
}

/** The smallest sets of at most `most` people who can take every step between them: with nobody else, approvers included. */
export function smallestSets(most: number, steps: readonly (readonly Way[])[], parties: Parties): readonly CompletingSet[] | 'undecided' {
  const own = steps.map((ways) => waysByHuman(ways, parties));
  const approvers = new Set(steps.flat().flatMap(({ quorum }) => quorum ?? []).flatMap(({ role }) => parties.peopleWith(role)).flatMap((person) => parties.of(person) ?? []));
  const candidates = parties.humans.filter((human) => approvers.has(human) || own.some((ways) => ways.has(human)));
  let tried = 0;
  for (let size = 1; size <= most; size += 1) {
    const found: CompletingSet[] = [];
    for (const humans of subsets(candidates, size)) {
      tried += 1;
      if (tried > SETS_MAX) return 'undecided';
      const told = completing(humans, own, parties);
      if (told !== undefined && found.length < TOLD_MAX) found.push({ humans, told });
    }
    if (found.length > 0) return found;
  }
  return [];
}

function waysByHuman(ways: readonly Way[], parties: Parties): ReadonlyMap<string, readonly Way[]> {
  const own = new Map<string, Way[]>();
  for (const way of ways) {
    for (const human of parties.behind(way.member) ?? parties.humans) {
      const ofHuman = own.get(human);
      if (ofHuman) ofHuman.push(way);
      else own.set(human, [way]);
    }
  }
  return own;
}

function* subsets(all: readonly string[], size: number, from = 0): Generator<readonly string[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let index = from; index <= all.length - size; index += 1) {
    for (const rest of subsets(all, size - 1, index + 1)) yield [all[index]!, ...rest];
  }
}

/** How these people take every step, in words; undefined when they cannot. */
function completing(humans: readonly string[], steps: readonly ReadonlyMap<string, readonly Way[]>[], parties: Parties): string | undefined {
  const told: { readonly human: string; readonly clause: string }[] = [];
  for (const own of steps) {
    const taken = humans.flatMap((human) => (own.get(human) ?? []).filter((way) => isAgreedTo(way, humans, parties)).map((way) => ({ human, clause: parties.through(human, way.member, way.what) })))
      .toSorted((a, b) => a.clause.length - b.clause.length)[0];
    if (!taken) return undefined;
    told.push(taken);
  }
  return humans.map((human) => [human, [...new Set(told.filter((one) => one.human === human).map(({ clause }) => clause))]] as const)
    .map(([human, clauses]) => (clauses.length > 0 ? `${human} ${clauses.join(', and ')}` : `${human} agrees`)).join('; ');
}

/** Whether nobody has to agree to it, or people among these can. */
function isAgreedTo({ member, quorum }: Way, humans: readonly string[], parties: Parties): boolean {
  if (!quorum) return true;
  const accounts = [...new Set(humans.flatMap((human) => parties.accountsOf(human)))];
  return approversFor(member, quorum, parties, (role) => accounts.filter((account) => parties.entry(account)!.roles.includes(role))) !== undefined;
}
