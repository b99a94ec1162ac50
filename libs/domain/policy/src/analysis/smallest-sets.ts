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
  const candidates = parties.humans.filter((human) => steps.some((ways) => ways.some((way) => takesPart(human, way, parties))));
  let tried = 0;
  for (let size = 1; size <= most; size += 1) {
    const found: CompletingSet[] = [];
    for (const humans of subsets(candidates, size)) {
      tried += 1;
      if (tried > SETS_MAX) return 'undecided';
      const told = completing(humans, steps, parties);
      if (told !== undefined && found.length < TOLD_MAX) found.push({ humans, told });
    }
    if (found.length > 0) return found;
  }
  return [];
}

function takesPart(human: string, { member, quorum }: Way, parties: Parties): boolean {
  return parties.standsBehind(human, member.name) || (quorum ?? []).some(({ role }) => parties.peopleWith(role).some((person) => parties.standsBehind(human, person)));
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
function completing(humans: readonly string[], steps: readonly (readonly Way[])[], parties: Parties): string | undefined {
  const told: { readonly human: string; readonly clause: string }[] = [];
  for (const ways of steps) {
    const taken = ways.flatMap((way) => takenBy(humans, way, parties)).toSorted((a, b) => a.clause.length - b.clause.length)[0];
    if (!taken) return undefined;
    told.push(taken);
  }
  return humans.map((human) => [human, [...new Set(told.filter((one) => one.human === human).map(({ clause }) => clause))]] as const)
    .map(([human, clauses]) => (clauses.length > 0 ? `${human} ${clauses.join(', and ')}` : `${human} agrees`)).join('; ');
}

function takenBy(humans: readonly string[], { member, what, quorum }: Way, parties: Parties): { readonly human: string; readonly clause: string }[] {
  if (quorum && !approversFor(member.name, quorum, parties, (person) => humans.some((human) => parties.standsBehind(human, person)))) return [];
  return humans.filter((human) => parties.standsBehind(human, member.name)).map((human) => ({ human, clause: parties.through(human, member, what) }));
}
