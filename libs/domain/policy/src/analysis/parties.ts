import type { Configuration, PrincipalEntry } from '@interlock/contracts';
import { chainsOf, type Member } from './member.js';
import { isObtainable } from './obtainable-roles.js';

/** Who stands behind whom, by a configuration: told from outside, for independence is not this package's to judge. */
export class Parties {
  readonly #parties: ReadonlyMap<string, readonly string[] | undefined>;
  readonly #entries: ReadonlyMap<string, PrincipalEntry>;
  readonly #peopleWith = new Map<string, readonly string[]>();
  readonly #chains: ReturnType<typeof chainsOf>;
  readonly #accounts = new Map<string, string[]>();
  /** Every human behind anyone. */
  readonly humans: readonly string[];
  /** Principals of whom not every human behind them is known: they count as everyone's. */
  readonly unknown: readonly string[];

  /** `parties`: by principal, the humans behind it; undefined where they are not all known. */
  constructor(private readonly configuration: Configuration, parties: ReadonlyMap<string, readonly string[] | undefined>) {
    this.#parties = parties;
    this.#entries = new Map(configuration.principals.map((entry) => [entry.name, entry]));
    this.humans = [...new Set([...parties.values()].flatMap((party) => party ?? []))].sort();
    for (const { name, kind } of configuration.principals) {
      if (kind === 'human') for (const human of parties.get(name) ?? this.humans) this.#accounts.set(human, [...(this.#accounts.get(human) ?? []), name]);
    }
    this.#chains = chainsOf(configuration);
    this.unknown = [...parties].filter(([, party]) => party === undefined).map(([name]) => name);
  }

  of(principal: string): readonly string[] | undefined {
    return this.#parties.get(principal);
  }

  entry(principal: string): PrincipalEntry | undefined {
    return this.#entries.get(principal);
  }

  /** Whether there are more ways of acting for others than are looked at. */
  get tooManyChains(): boolean {
    return this.#chains === undefined;
  }

  /** Every way in which a principal may act: itself, and in the hands of whoever may act for it. */
  waysOf(principal: string): readonly Member[] {
    return [[], ...(this.#chains?.get(principal) ?? [])].map((actors) => ({ name: principal, actors }));
  }

  /** The humans behind a principal and everyone who acts with its token; undefined where they are not all known. */
  behind({ name, actors }: Member): readonly string[] | undefined {
    if (actors.length === 0) return this.of(name);
    const parties = [name, ...actors].map((one) => this.of(one));
    return parties.every((party) => party !== undefined) ? [...new Set(parties.flat())].sort() : undefined;
  }

  independent(one: Member, other: Member): boolean {
    const [first, second] = [this.behind(one), this.behind(other)];
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

  /** Of each human, which of these they stand behind: their own account before others, and what acts itself before what others act for. */
  allBehind<T extends Member>(members: Iterable<T>): ReadonlyMap<string, readonly T[]> {
    const all = new Map<string, T[]>();
    for (const member of [...members].toSorted((one, other) => one.actors.length - other.actors.length)) {
      for (const human of this.behind(member) ?? this.humans) {
        const known = all.get(human);
        if (!known) all.set(human, [member]);
        else if (member.name === human && member.actors.length === 0) known.unshift(member);
        else known.push(member);
      }
    }
    return all;
  }

  /** Of each human, the first of these that they stand behind. */
  firstBehind<T extends Member>(members: Iterable<T>): ReadonlyMap<string, T> {
    return new Map([...this.allBehind(members)].map(([human, [first]]) => [human, first!]));
  }

  /** In words, how a principal has a role. */
  holding(principal: string, role: string): string {
    return isObtainable(principal, role, this.configuration) ? `can ask for role ${role} for a time` : `has role ${role}`;
  }

  /** In words, how a human comes to what a principal does: `owns agent-etl, which may delete ...`. */
  through(human: string, { name, actors }: Member, what: string): string {
    const chain = [...actors, name];
    const from = actors.findIndex((actor) => this.of(actor)?.includes(human) ?? true);
    if (from === -1) {
      const lending = actors.length === 0 ? what : `can let ${actors.join(', through ')} act for it, which then ${what}`;
      return joined(this.#road(human, name), lending);
    }
    const steps = chain.slice(from + 1).map((next) => `may act for ${next}`);
    return joined(this.#road(human, chain[from]!), `${steps.join(', which ')}, which ${what}`);
  }

  #road(human: string, principal: string): string {
    const entry = this.entry(principal);
    if (principal === human || !entry) return '';
    if (this.of(principal) === undefined) return `counts as standing behind ${principal}, whose owners are not all known`;
    if (entry.kind === 'human' && entry.human === human) return `has the account ${principal}`;
    const owner = [...entry.owners, ...(entry.createdBy ?? []), ...(entry.scheduledBy ?? [])].find((name) => name === human || (this.#entries.has(name) && this.of(name)?.includes(human) === true));
    const word = `${entry.owners.includes(owner ?? '') || owner === undefined ? 'owns' : entry.createdBy?.includes(owner) ? 'made' : 'schedules'} ${principal}`;
    if (owner === undefined) return `stands behind ${principal}`;
    const before = owner === human ? '' : this.#road(human, owner);
    return before === '' ? word : `${before}, which ${word}`;
  }
}

function joined(road: string, doing: string): string {
  return road === '' ? doing : `${road}, which ${doing}`;
}
