import type { Configuration, PrincipalEntry } from '@interlock/contracts';

/** Who stands behind whom, by a configuration: told from outside, for independence is not this package's to judge. */
export class Parties {
  readonly #parties: ReadonlyMap<string, readonly string[] | undefined>;
  readonly #entries: ReadonlyMap<string, PrincipalEntry>;
  readonly #peopleWith = new Map<string, readonly string[]>();
  readonly #accounts = new Map<string, string[]>();
  /** Every human behind anyone. */
  readonly humans: readonly string[];
  /** Principals of whom not every human behind them is known: they count as everyone's. */
  readonly unknown: readonly string[];

  /** `parties`: by principal, the humans behind it; undefined where they are not all known. */
  constructor(configuration: Configuration, parties: ReadonlyMap<string, readonly string[] | undefined>) {
    this.#parties = parties;
    this.#entries = new Map(configuration.principals.map((entry) => [entry.name, entry]));
    this.humans = [...new Set([...parties.values()].flatMap((party) => party ?? []))].sort();
    for (const { name, kind } of configuration.principals) {
      if (kind === 'human') for (const human of parties.get(name) ?? this.humans) this.#accounts.set(human, [...(this.#accounts.get(human) ?? []), name]);
    }
    this.unknown = [...parties].filter(([, party]) => party === undefined).map(([name]) => name);
  }

  of(principal: string): readonly string[] | undefined {
    return this.#parties.get(principal);
  }

  entry(principal: string): PrincipalEntry | undefined {
    return this.#entries.get(principal);
  }

  independent(one: string, other: string): boolean {
    const [first, second] = [this.of(one), this.of(other)];
    return first !== undefined && second !== undefined && first.length > 0 && second.length > 0 && !first.some((human) => second.includes(human));
  }

  /** The accounts of people with this role. */
  peopleWith(role: string): readonly string[] {
    const known = this.#peopleWith.get(role);
    if (known) return known;
    const people = [...this.#entries.values()].filter((entry) => entry.kind === 'human' && entry.roles.includes(role)).map((entry) => entry.name);
    this.#peopleWith.set(role, people);
    return people;
  }

  /** The accounts of people that this human stands behind. */
  accountsOf(human: string): readonly string[] {
    return this.#accounts.get(human) ?? [];
  }

  /** Of each human, the first of these that they stand behind: their own account before others. */
  firstBehind<T extends { readonly name: string }>(members: Iterable<T>): ReadonlyMap<string, T> {
    const first = new Map<string, T>();
    for (const member of members) {
      for (const human of this.of(member.name) ?? this.humans) if (!first.has(human) || member.name === human) first.set(human, member);
    }
    return first;
  }

  /** In words, how a human comes to what a principal does: `owns agent-etl, which may delete ...`. */
  through(human: string, { name, lent }: { readonly name: string; readonly lent: boolean }, what: string): string {
    const road = this.#road(human, name);
    const doing = lent ? `can let an agent act with its own token, which then ${what}` : what;
    return road === '' ? doing : `${road}, which ${doing}`;
  }

  #road(human: string, principal: string): string {
    const entry = this.entry(principal);
    if (principal === human || !entry) return '';
    if (this.of(principal) === undefined) return `counts as standing behind ${principal}, whose owners are not all known`;
    if (entry.kind === 'human' && entry.human === human) return `has the account ${principal}`;
    const owner = entry.owners.find((name) => name === human || (this.#entries.has(name) && this.of(name)?.includes(human) === true));
    const word = `owns ${principal}`;
    if (owner === undefined) return `stands behind ${principal}`;
    const before = owner === human ? '' : this.#road(human, owner);
    return before === '' ? word : `${before}, which ${word}`;
  }
}
