import type { Study } from './analyse.js';
import type { Cell } from './cell.js';
import { sameRule } from './cell.js';
import type { Finding } from './finding.js';
import type { Applicable, ForeseenRule, Foresight } from './foresight.js';
import type { Possibilities, Proposition } from './proposition.js';
import type { Universe } from './universe.js';

interface Use {
  applies: boolean;
  /** Whether it ever decides something that others have not decided already. */
  counts: boolean;
  readonly shadows: Set<string>;
}

/** Rules that never apply, that others make pointless, and permits that ask nothing. */
export class RuleStudy implements Study {
  readonly #uses: ReadonlyMap<string, Use>;
  /** By permit and cast: on how many of all cells it stands alone and unconditional. */
  readonly #always = new Map<string, number>();

  constructor(private readonly foresight: Foresight, private readonly possibilities: Possibilities, private readonly universe: Universe) {
    this.#uses = new Map(foresight.rules.map(({ id }) => [id, { applies: false, counts: false, shadows: new Set<string>() }]));
  }

  see(cells: readonly Cell[]): void {
    for (const cell of cells) {
      for (const one of cell.applicable) this.#weigh(one, cell);
      this.#noteAlways(cell);
    }
  }

  findings(): readonly Finding[] {
    return [...this.foresight.rules.flatMap((rule) => this.#ofRule(rule)), ...this.#unconditional()];
  }

  #weigh(one: Applicable, cell: Cell): void {
    const use = this.#uses.get(one.rule.id)!;
    if (use.counts || !this.possibilities.possible(one.when)) return;
    use.applies = true;
    const others = cell.applicable.filter((other) => !sameRule(one, other) && overrules(other.rule, one.rule));
    const free: Proposition = { all: [one.when, { not: { any: others.map(({ when }) => when) } }] };
    if (this.possibilities.possible(free)) use.counts = true;
    else for (const other of others) use.shadows.add(other.rule.id);
  }

  #noteAlways(cell: Cell): void {
    const permit = cell.applicable.find(({ rule, when }) => rule.effect === 'permit' && when === true);
    if (!permit || cell.applicable.some(({ rule }) => rule.effect === 'forbid')) return;
    const key = JSON.stringify([permit.rule.id, cell.cast.actor.name, cell.cast.actor.kind, cell.place.target.name]);
    this.#always.set(key, (this.#always.get(key) ?? 0) + 1);
  }

  #ofRule(rule: ForeseenRule): Finding[] {
    const { applies, counts, shadows } = this.#uses.get(rule.id)!;
    const at = { rule: rule.id };
    if (!applies) {
      return [{ level: 'warning', kind: 'rule-never-applies', at, detail: `rule ${rule.id} never applies to any principal and target of this configuration`, remedy: 'Give someone the role it speaks of, mend its condition, or remove it.' }];
    }
    if (counts) return [];
    return [{ level: 'warning', kind: 'rule-shadowed', at, detail: `rule ${rule.id} changes nothing: wherever it applies, ${[...shadows].sort().join(' and ')} decide${shadows.size === 1 ? 's' : ''} already`, remedy: 'Remove one of them, or narrow the other.' }];
  }

  #unconditional(): Finding[] {
    return [...this.#always].flatMap(([key, count]): Finding[] => {
      const [rule, name, kind, target] = JSON.parse(key) as [string, string, string, string];
      const all = this.universe.verbs.length * this.universe.places.filter((place) => place.target.name === target).length;
      const cast = this.universe.casts.find(({ actor }) => actor.name === name && actor.kind === kind);
      const own = cast?.principals.filter(({ actors }) => actors.length === 0).map((principal) => principal.name) ?? [];
      if (count < all || own.length === 0) return [];
      return [{ level: 'warning', kind: 'rule-always-allows', at: { rule }, detail: `rule ${rule} lets ${own.join(', ')} do everything at target ${target}, whatever the command says`, remedy: 'Name the duties it is meant for, if that is not what it is meant for.' }];
    });
  }
}

/** Whether the first rule, where it applies, leaves the second nothing to say. */
function overrules(first: ForeseenRule, second: ForeseenRule): boolean {
  if (first.effect === 'forbid' && !first.quorum) return true;
  return first.effect === 'permit' && second.effect === 'permit';
}
