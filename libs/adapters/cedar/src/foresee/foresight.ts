import { FACTS, type FactSpec, type Verb } from '@interlock/contracts';
import type { Actor, Applicable, ForeseenRule, Foresight, Named, Place, Proposition } from '@interlock/domain-policy';
import type { Rule } from '../rule.js';
import { contextUse, namedEntities } from '../usage.js';
import { evaluate, type Expression } from './expression.js';
import { isIn, type Scene } from './scene.js';
import { both, not, propositionOf, sameEntity, type EntityValue } from './term.js';

interface Prepared {
  readonly rule: ForeseenRule;
  readonly principal: Scope;
  readonly action: Scope;
  readonly resource: Scope;
  readonly conditions: readonly { readonly kind: 'when' | 'unless'; readonly body: Expression }[];
}

interface Scope {
  readonly op: 'All' | '==' | 'in' | 'is';
  readonly entity?: EntityValue;
  readonly entities?: readonly EntityValue[];
  readonly entity_type?: string;
  readonly in?: { readonly entity: EntityValue };
}

type FactSaid = Parameters<Foresight['states']>[0];

/**
 * Rules as an analysis asks about them: what of each condition is settled by who, verb and place, and what only a command will say.
 * Held against Cedar itself in its spec: no command is permitted that this calls impossible.
 */
export class CedarForesight implements Foresight {
  readonly rules: readonly ForeseenRule[];
  readonly named: readonly Named[];
  readonly types: ReadonlySet<string>;
  readonly reads: Foresight['reads'];
  readonly #prepared: readonly Prepared[];
  readonly #work = { steps: 0 };

  /** `rules` are checked ones. */
  constructor(rules: readonly Rule[]) {
    this.#prepared = rules.map(prepare);
    this.rules = this.#prepared.map(({ rule }) => rule);
    this.named = rules.flatMap((rule) => namedEntities(rule.json));
    const seen = { types: new Set<string>(), principal: new Set<string>(), place: new Set<string>() };
    for (const { principal, resource, conditions } of this.#prepared) for (const part of [principal, resource, ...conditions]) notice(part, seen);
    this.types = seen.types;
    this.reads = seen;
  }

  get steps(): number {
    return this.#work.steps;
  }

  on(actor: Actor, verb: Verb, place: Place): readonly Applicable[] {
    const scene = { actor, verb, place, work: this.#work };
    const [who, what, where] = entitiesOf(scene);
    const applicable: Applicable[] = [];
    this.#work.steps += 1 + (this.#prepared.length >> 3);
    for (const one of this.#prepared) {
      if (!matches(one.action, what, scene) || !matches(one.principal, who, scene) || !matches(one.resource, where, scene)) continue;
      const when = condition(one, scene);
      if (when !== false) applicable.push({ rule: one.rule, when });
    }
    return applicable;
  }

  states(fact: FactSaid, actor: Actor, verb: Verb, place: Place): Proposition {
    const expression = expressionOf(fact);
    return expression ? propositionOf(evaluate(expression, { actor, verb, place, work: this.#work })) : { atom: `context.${fact.fact} has more than ${fact.above} members` };
  }
}

/** How a rule would ask for a fact; undefined for what no rule can ask, the size of a set. */
function expressionOf({ fact, is, has, above }: FactSaid): Expression | undefined {
  const value: Expression = { '.': { left: { Var: 'context' }, attr: fact } };
  const { type }: FactSpec = FACTS[fact];
  if (typeof is === 'boolean') return is ? value : { '!': { arg: value } };
  if (is !== undefined) return { '==': { left: value, right: { Value: is } } };
  if (has !== undefined) return { contains: { left: value, right: { Value: has } } };
  return type === 'number' ? { '>': { left: value, right: { Value: above } } } : undefined;
}

function prepare({ id, effect, lift, json }: Rule): Prepared {
  const { principal, action, resource, conditions } = plain(json) as Pick<Prepared, 'principal' | 'action' | 'resource' | 'conditions'>;
  const use = contextUse([json]);
  return { rule: { id, effect, reads: use === 'all' ? new Set<string>() : use, ...(lift && { quorum: lift.quorum }), ...(lift?.glass && { glass: lift.glass }) }, principal, action, resource, conditions };
}

/** Cedar hands over maps or plain objects. */
function plain(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node !== 'object' || node === null) return node;
  const entries: [string, unknown][] = node instanceof Map ? [...(node as Map<string, unknown>)] : Object.entries(node);
  return Object.fromEntries(entries.map(([name, value]) => [name, plain(value)]));
}

function entitiesOf({ actor, verb, place }: Scene): readonly [EntityValue, EntityValue, EntityValue] {
  return [
    { type: actor.kind === 'agent' ? 'Agent' : 'Human', id: actor.name }, { type: 'Action', id: verb },
    place.id === undefined ? { type: place.type, id: '', unnamed: true } : { type: place.type, id: place.id },
  ];
}

function matches({ op, entity, entities, entity_type: type, in: above }: Scope, value: EntityValue, scene: Scene): boolean {
  switch (op) {
    case 'All': return true;
    case '==': return sameEntity(value, plainEntity(entity!));
    case 'is': return value.type === type && (!above || isIn(value, plainEntity(above.entity), scene));
    default: return (entities ?? [entity!]).some((each) => isIn(value, plainEntity(each), scene));
  }
}

/** Scopes write an entity either way. */
function plainEntity(entity: EntityValue | { readonly __entity: EntityValue }): EntityValue {
  return '__entity' in entity ? entity.__entity : entity;
}

function condition({ conditions }: Prepared, scene: Scene): Proposition {
  let whole: Proposition = true;
  for (const { kind, body } of conditions) {
    const holds = propositionOf(evaluate(body, scene));
    whole = both(whole, kind === 'when' ? holds : not(holds));
    if (whole === false) return false;
  }
  return whole;
}

/** What an expression can tell apart: types it asks for, and attributes it reads, by whatever road it comes to them. */
function notice(node: unknown, seen: { readonly types: Set<string>; readonly principal: Set<string>; readonly place: Set<string> }): void {
  if (typeof node !== 'object' || node === null) return;
  const { entity_type: type, attr, left } = node as { readonly entity_type?: unknown; readonly attr?: unknown; readonly left?: { readonly Var?: unknown } };
  if (typeof type === 'string') seen.types.add(type);
  if (typeof attr === 'string') {
    if (left?.Var !== 'resource') seen.principal.add(attr);
    if (left?.Var !== 'principal') seen.place.add(attr);
  }
  for (const child of Object.values(node)) notice(child, seen);
}
