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

/** Parts of propositions that are looked at before one question counts as undecided, and before every further question of an analysis does. */
export const PROPOSITION_LIMITS = { question: 200_000, analysis: 50_000_000 } as const;

interface Budget {
  left: number;
}

/**
 * Answers whether some command could make a proposition true. Atoms count as independent of each other, so `false` is certain and
 * `true` may be too careful; what takes too long is taken as possible and counted.
 */
export class Possibilities {
  readonly #known = new Map<string, boolean>();
  #left: number = PROPOSITION_LIMITS.analysis;
  #undecided = 0;

  /** Propositions that could not be decided within {@link PROPOSITION_LIMITS}. */
  get undecided(): number {
    return this.#undecided;
  }

  /** Whether nothing more can be decided. */
  get exhausted(): boolean {
    return this.#left <= 0;
  }

  possible(proposition: Proposition): boolean {
    const budget = { left: Math.min(PROPOSITION_LIMITS.question, this.#left) };
    const before = budget.left;
    const answer = this.#answer(proposition, budget);
    this.#left -= before - budget.left;
    if (budget.left < 0) this.#undecided += 1;
    return answer;
  }

  #answer(proposition: Proposition, budget: Budget): boolean {
    const plain = assuming(proposition, NOTHING, budget);
    if (typeof plain === 'boolean') return plain;
    const key = JSON.stringify(plain);
    budget.left -= key.length >> 4;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const answer = search(plain, budget);
    if (budget.left >= 0) this.#known.set(key, answer);
    return answer;
  }
}

const NOTHING: ReadonlyMap<string, boolean> = new Map();

/** Splits on one atom after another; with nothing left to spend, it answers yes. */
function search(proposition: Proposition, budget: Budget): boolean {
  if (typeof proposition === 'boolean') return proposition;
  if (budget.left < 0) return true;
  const atom = firstAtom(proposition);
  return [true, false].some((value) => search(assuming(proposition, new Map([[atom, value]]), budget), budget));
}

/** The proposition with these atoms decided, and whatever follows from that left out. */
export function assuming(proposition: Proposition, decided: ReadonlyMap<string, boolean>, budget: Budget = { left: 0 }): Proposition {
  budget.left -= 1;
  if (typeof proposition === 'boolean') return proposition;
  if ('atom' in proposition) return decided.get(proposition.atom) ?? proposition;
  if ('not' in proposition) {
    const inner = assuming(proposition.not, decided, budget);
    if (typeof inner === 'boolean') return !inner;
    return 'not' in inner ? inner.not : { not: inner };
  }
  return 'all' in proposition ? joined('all', proposition.all, decided, budget) : joined('any', proposition.any, decided, budget);
}

function joined(word: 'all' | 'any', parts: readonly Proposition[], decided: ReadonlyMap<string, boolean>, budget: Budget): Proposition {
  const settles = word === 'any';
  const open: Proposition[] = [];
  for (const part of parts) {
    const plain = assuming(part, decided, budget);
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
