import { preparsePolicySet, preparseSchema, statefulIsAuthorized, type StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import { schemaFor } from './model.js';
import type { Rule } from './rule.js';
import type { ContextUse } from './usage.js';

/** What Cedar says of one request by one set of rules. */
export type Answer =
  | { readonly kind: 'permitted'; readonly rules: readonly string[] }
  /** No rules: nothing permits it. */
  | { readonly kind: 'forbidden'; readonly rules: readonly string[] }
  | { readonly kind: 'failed'; readonly rule?: string; readonly detail: string };

export type Question = Pick<StatefulAuthorizationCall, 'principal' | 'action' | 'resource' | 'context' | 'entities'>;

let setsSoFar = 0;
const schemasLoaded = new Set<string>();

/** Cedar keeps parsed sets by name for ever; a set that nobody holds any more is replaced by an empty one. */
const unheld = new FinalizationRegistry<string>((name) => {
  preparsePolicySet(name, { staticPolicies: '' });
});

/** A set of rules, parsed once and held inside Cedar. */
export class RuleSet {
  readonly #name: string;
  readonly #schema: string;

  /**
   * `use` is what these rules, and those they are asked beside, read of the context.
   *
   * @throws Error when Cedar does not take rules that it took when they were checked.
   */
  constructor(rules: readonly Rule[], use: ContextUse) {
    this.#schema = loadSchema(use);
    this.#name = `rules-${++setsSoFar}`;
    const answer = preparsePolicySet(this.#name, { staticPolicies: Object.fromEntries(rules.map((rule) => [rule.id, rule.text])) });
    if (answer.type === 'failure') throw new Error(`checked rules do not parse: ${answer.errors.map((error) => error.message).join('; ')}`);
    unheld.register(this, this.#name);
  }

  /** Never throws: whatever goes wrong is an answer that denies. */
  ask(question: Question): Answer {
    try {
      const answer = statefulIsAuthorized({ ...question, preparsedPolicySetId: this.#name, preparsedSchemaName: this.#schema, validateRequest: true });
      if (answer.type === 'failure') return { kind: 'failed', detail: answer.errors.map((error) => error.message).join('; ') };
      const { decision, diagnostics } = answer.response;
      const failure = diagnostics.errors[0];
      if (failure) return { kind: 'failed', rule: failure.policyId, detail: failure.error.message };
      return { kind: decision === 'allow' ? 'permitted' : 'forbidden', rules: diagnostics.reason };
    } catch (error) {
      return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** Schemas are few, one for each combination of what rules read, and stay. */
function loadSchema(use: ContextUse): string {
  const name = use === 'all' ? 'all' : `uses ${[...use].toSorted().join(' ')}`;
  if (schemasLoaded.has(name)) return name;
  const answer = preparseSchema(name, schemaFor(use));
  if (answer.type === 'failure') throw new Error(`the schema of the action model does not parse: ${answer.errors.map((error) => error.message).join('; ')}`);
  schemasLoaded.add(name);
  return name;
}
