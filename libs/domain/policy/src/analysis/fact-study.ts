import { ESTIMATE_FACTS, FACTS, type FactSpec, type Verb } from '@interlock/contracts';
import type { Study } from './analyse.js';
import type { Cell } from './cell.js';
import type { Finding } from './finding.js';
import type { Foresight } from './foresight.js';
import type { Universe } from './universe.js';

/** Rules that read a fact which no command they can apply to ever states: they always read the same, and not what their author means. */
export class FactStudy implements Study {
  /** By rule, the pairs of protocol and verb that it can apply to. */
  readonly #scopes = new Map<string, Map<string, Set<Verb>>>();

  constructor(private readonly foresight: Foresight, private readonly universe: Pick<Universe, 'standsFor'>, private readonly facts: Readonly<Record<string, FactSpec>> = { ...FACTS, ...ESTIMATE_FACTS }) {}

  see(cells: readonly Cell[]): void {
    for (const { applicable, verb, place } of cells) {
      for (const { rule } of applicable) {
        const scope = this.#scopes.get(rule.id) ?? new Map<string, Set<Verb>>();
        const verbs = scope.get(place.target.protocol) ?? new Set();
        for (const each of this.universe.standsFor.get(verb) ?? [verb]) verbs.add(each);
        this.#scopes.set(rule.id, scope.set(place.target.protocol, verbs));
      }
    }
  }

  findings(): readonly Finding[] {
    return this.foresight.rules.flatMap(({ id, reads }) => [...reads].flatMap((fact): Finding[] => {
      const spec = Object.hasOwn(this.facts, fact) ? this.facts[fact] : undefined;
      const scope = this.#scopes.get(id);
      if (!spec || !scope) return [];
      const unsaid = spec.strict ? unsaidBy(spec, scope) : [];
      if (unsaid.length > 0) return [notEverywhere(id, fact, spec, unsaid)];
      if ([...scope].some(([protocol, verbs]) => isSaid(spec, protocol, verbs))) return [];
      return [{
        level: 'conflict', kind: 'fact-never-said', at: { rule: id, mention: `context.${fact}` },
        detail: `rule ${id} reads ${fact}, which no command that it applies to can state: ${saidBy(spec)}`,
        remedy: `Leave ${fact} out of the rule, or let the rule speak of commands that state it.`,
      }];
    }));
  }
}

/** Verbs in the scope of a rule that cannot come with a fact. */
function unsaidBy({ verbs }: FactSpec, scope: ReadonlyMap<string, ReadonlySet<Verb>>): readonly Verb[] {
  return [...new Set([...scope.values()].flatMap((applied) => [...applied]))].filter((verb) => verbs?.includes(verb) === false);
}

function notEverywhere(rule: string, fact: string, spec: FactSpec, unsaid: readonly Verb[]): Finding {
  const told = unsaid.length > 3 ? `${unsaid.slice(0, 3).join(', ')} and ${unsaid.length - 3} others` : unsaid.join(', ');
  return {
    level: 'conflict', kind: 'fact-never-said', at: { rule, mention: `context.${fact}` },
    detail: `rule ${rule} reads ${fact} and applies to ${told}, too, which cannot state it: ${saidBy(spec)}`,
    remedy: `Let the rule speak of the actions that state it alone: [${(spec.verbs ?? []).map((verb) => `Action::"${verb}"`).join(', ')}].contains(action).`,
  };
}

function isSaid({ protocols, verbs }: FactSpec, protocol: string, applied: ReadonlySet<Verb>): boolean {
  return (protocols?.includes(protocol) ?? true) && (verbs?.some((verb) => applied.has(verb)) ?? true);
}

/** Who states it, in few words. */
function saidBy({ protocols, verbs }: FactSpec): string {
  const by = protocols ? `only at targets of protocol ${protocols.join(' or ')}` : 'at any target';
  const few = verbs && verbs.length <= 8 ? `, of ${verbs.join(', ')}` : verbs ? ', of commands that hold a query, when they run' : '';
  return `it is told ${by}${few}`;
}
