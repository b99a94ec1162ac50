/**
 * What is left of a rule's condition once who, verb and place are known: a proposition over what only the command itself will
 * say. Atoms are told apart by their text; equal texts are equal in one command, whoever sends it.
 */
export type Proposition =
  | boolean
  | { readonly atom: string }
  | { readonly not: Proposition }
  | { readonly all: readonly Proposition[] }
  | { readonly any: readonly Proposition[] };

/** Steps after which a question counts as undecided. */
export const PROPOSITION_STEPS_MAX = 2_000;

/**
 * Answers whether some command could make a proposition true. Atoms count as independent of each other, so `false` is certain and
 * `true` may be too careful; what takes too many steps is taken as possible and counted.
 */
export class Possibilities {
  readonly #known = new Map<string, boolean>();
  #undecided = 0;

  /** Propositions that could not be decided within {@link PROPOSITION_STEPS_MAX}. */
  get undecided(): number {
    return this.#undecided;
  }

  possible(proposition: Proposition): boolean {
    const plain = assuming(proposition, NOTHING);
    if (typeof plain === 'boolean') return plain;
    const key = JSON.stringify(plain);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const budget = { steps: PROPOSITION_STEPS_MAX };
    const answer = search(plain, budget);
    if (budget.steps < 0) this.#undecided += 1;
    this.#known.set(key, answer);
    return answer;
  }

  certain(proposition: Proposition): boolean {
    return !this.possible({ not: proposition });
  }
}

const NOTHING: ReadonlyMap<string, boolean> = new Map();

/** Splits on one atom after another; out of steps, it answers yes. */
function search(proposition: Proposition, budget: { steps: number }): boolean {
  if (typeof proposition === 'boolean') return proposition;
  budget.steps -= 1;
  if (budget.steps < 0) return true;
  const atom = firstAtom(proposition);
  return [true, false].some((value) => search(assuming(proposition, new Map([[atom, value]])), budget));
}

/** The proposition with these atoms decided, and whatever follows from that left out. */
export function assuming(proposition: Proposition, decided: ReadonlyMap<string, boolean>): Proposition {
  if (typeof proposition === 'boolean') return proposition;
  if ('atom' in proposition) return decided.get(proposition.atom) ?? proposition;
  if ('not' in proposition) {
    const inner = assuming(proposition.not, decided);
    if (typeof inner === 'boolean') return !inner;
    return 'not' in inner ? inner.not : { not: inner };
  }
  return 'all' in proposition ? joined('all', proposition.all, decided) : joined('any', proposition.any, decided);
}

function joined(word: 'all' | 'any', parts: readonly Proposition[], decided: ReadonlyMap<string, boolean>): Proposition {
  const settles = word === 'any';
  const open: Proposition[] = [];
  for (const part of parts) {
    const plain = assuming(part, decided);
    if (plain === settles) return settles;
    if (typeof plain !== 'boolean') open.push(plain);
  }
  if (open.length === 0) return !settles;
  if (open.length === 1) return open[0]!;
  return word === 'all' ? { all: open } : { any: open };
}

function firstAtom(proposition: Exclude<Proposition, boolean>): string {
  if ('atom' in proposition) return proposition.atom;
  const inner = 'not' in proposition ? proposition.not : 'all' in proposition ? proposition.all[0] : proposition.any[0];
  return firstAtom(inner as Exclude<Proposition, boolean>);
}
