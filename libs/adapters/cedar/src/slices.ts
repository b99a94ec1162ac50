import { VERBS, type Verb } from '@interlock/contracts';
import { RuleSet } from './engine.js';
import type { Rule } from './rule.js';
import type { ContextUse } from './usage.js';

/** The rules that can apply to one verb: all of them, and without those that people may lift. */
export interface Slice {
  readonly all: RuleSet;
  readonly unliftable: RuleSet;
}

/**
 * One slice per verb: a rule whose scope names other actions can never matter, and every rule looked at costs time.
 * Verbs with the same rules share a slice.
 */
export function slicesOf(rules: readonly Rule[], use: ContextUse): ReadonlyMap<Verb, Slice> {
  const sets = new Map<string, RuleSet>();
  const setOf = (subset: readonly Rule[]): RuleSet => {
    const key = subset.map((rule) => rule.id).join(' ');
    const known = sets.get(key) ?? new RuleSet(subset, use);
    sets.set(key, known);
    return known;
  };
  const verbs = Object.keys(VERBS) as Verb[];
  return new Map(verbs.map((verb) => {
    const fitting = rules.filter((rule) => concerns(rule, verb));
    return [verb, { all: setOf(fitting), unliftable: setOf(fitting.filter((rule) => !rule.lift)) }];
  }));
}

/** Whether the rule's head lets it apply to this verb. */
export function concerns(rule: Rule, verb: Verb): boolean {
  const scope = rule.json.action;
  if (scope.op === 'All') return true;
  const named = 'entities' in scope ? scope.entities : 'entity' in scope ? [scope.entity] : [];
  const ids = named.map((entity) => ('__entity' in entity ? entity.__entity.id : entity.id));
  return ids.includes(verb) || (scope.op === 'in' && ids.includes(VERBS[verb]));
}
