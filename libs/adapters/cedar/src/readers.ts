import type { Verb } from '@interlock/contracts';
import type { Rule } from './rule.js';
import { concerns } from './slices.js';
import { contextUse, uses } from './usage.js';

/** The rules of a bundle that read any of these members of the context, and what their heads let them apply to. */
export class Readers {
  readonly #rules: readonly Rule[];
  readonly #byTarget = new Map<string, readonly Rule[]>();

  constructor(rules: readonly Rule[], names: readonly string[]) {
    this.#rules = rules.filter((rule) => names.some((name) => uses(contextUse([rule.json]), name)));
  }

  at(target: string): boolean {
    return this.#at(target).length > 0;
  }

  on(verb: string, target: string): boolean {
    return this.#at(target).some((rule) => concerns(rule, verb as Verb));
  }

  #at(target: string): readonly Rule[] {
    let known = this.#byTarget.get(target);
    if (!known) {
      known = this.#rules.filter((rule) => mayApplyAt(rule, target));
      this.#byTarget.set(target, known);
    }
    return known;
  }
}

/** Every entity below a target has an id that begins with the target's name. */
function mayApplyAt({ json: { resource } }: Rule, target: string): boolean {
  const scope = resource.op === 'is' ? resource.in : resource;
  if (!scope || !('entity' in scope)) return true;
  const { id } = '__entity' in scope.entity ? scope.entity.__entity : scope.entity;
  return id === target || id.startsWith(`${target}/`);
}
