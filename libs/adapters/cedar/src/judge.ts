import { ESTIMATE_FACTS, type Bundle, type Decision, type DecisionReason, type Target } from '@interlock/contracts';
import type { Judge, JudgeRequest } from '@interlock/domain-policy';
import { decisionOf } from './conclude.js';
import { principalEntity } from './entities.js';
import { ESTIMATE_NAMES, HISTORY_NAMES } from './context.js';
import { CEDAR_LIMITS } from './limits.js';
import { liftedBy } from './lifting.js';
import { Readers } from './readers.js';
import { Recent } from './recent.js';
import type { Rule } from './rule.js';
import { shapeOf } from './shape.js';
import { slicesOf } from './slices.js';
import { contextUse, namedEntities } from './usage.js';
import { verdictOn, type Bench } from './verdict.js';

const ESTIMATED_VERBS: readonly string[] = ESTIMATE_FACTS.estimatedRows.verbs;

/**
 * Decides by one bundle, with Cedar, one evaluation per access. Decisions without a grant are remembered by the shape of the
 * request; they are frozen, for they are handed out again.
 */
export class CedarJudge implements Judge {
  readonly bundleVersion: number;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #bench: Bench;
  readonly #historyReaders: Readers;
  readonly #estimateReaders: Readers;
  readonly #roles: ReadonlyMap<string, readonly string[]>;
  readonly #recent = new Recent<Decision>(CEDAR_LIMITS.cachedDecisions);

  /** `rules` are those of the bundle, checked. */
  constructor(bundle: Bundle, rules: readonly Rule[]) {
    this.bundleVersion = bundle.version;
    this.#targets = new Map(bundle.configuration.targets.map((target) => [target.name, target]));
    this.#roles = new Map(rules.map((rule) => [rule.id, namedEntities(rule.json).filter(({ type }) => type === 'Role').map(({ id }) => id)]));
    const use = contextUse(rules.map((rule) => rule.json));
    this.#historyReaders = new Readers(rules, HISTORY_NAMES);
    this.#estimateReaders = new Readers(rules, ESTIMATE_NAMES);
    this.#bench = { rules: new Map(rules.map((rule) => [rule.id, rule])), slices: slicesOf(rules, use), use, lifted: new Set() };
  }

  readsHistoryAt(target: string): boolean {
    return this.#historyReaders.at(target);
  }

  readsHistoryOn(verb: string, target: string): boolean {
    return this.#historyReaders.on(verb, target);
  }

  readsEstimateAt(target: string): boolean {
    return this.#estimateReaders.at(target);
  }

  readsEstimateOn(verb: string, target: string): boolean {
    return ESTIMATED_VERBS.includes(verb) && this.#estimateReaders.on(verb, target);
  }

  rolesOf(rule: string): readonly string[] {
    return this.#roles.get(rule) ?? [];
  }

  judge(request: JudgeRequest): Decision {
    const shape = request.grant ? undefined : shapeOf(request, this.#bench.use);
    if (shape === undefined) return this.#decide(request);
    const known = this.#recent.get(shape);
    if (known) return known;
    const decision = this.#decide(request);
    this.#recent.set(shape, decision);
    return decision;
  }

  #decide({ principal, target: named, action, grant, gathered }: JudgeRequest): Decision {
    const who = principalEntity(principal);
    const target = this.#targets.get(named.name);
    if (!who) return this.#denied('default-deny', 'Rules speak of agents and humans; a service may do nothing here.');
    if (!target) return this.#denied('default-deny', `The configuration in force knows no target ${named.name}.`);
    if (action.accesses.length === 0) return this.#denied('default-deny', 'The command names nothing that a rule could permit.');
    if (action.accesses.length > CEDAR_LIMITS.accesses) {
      return this.#denied('evaluation-error', `The command touches more than ${CEDAR_LIMITS.accesses} objects.`, 'Split it into smaller commands.');
    }
    const reader = { principal, target, ...(grant && { grant }), ...(action.stated && { stated: action.stated }) };
    const bench = grant ? { ...this.#bench, lifted: liftedBy(grant, this.#bench.rules, reader) } : this.#bench;
    // Rules read by `context.grant` that people agreed: to a broken glass nobody did.
    const agreed = grant?.glass ? undefined : grant;
    const verdicts = action.accesses.map((access, index) => verdictOn(access, index, { principal, who, target, action, grant: agreed, gathered }, bench));
    return decisionOf(verdicts, reader, bench.rules, this.bundleVersion);
  }

  #denied(rule: string, message: string, hint?: string): Decision {
    const reason: DecisionReason = { rule, effect: 'default', message, ...(hint && { hint }) };
    return Object.freeze({ outcome: 'deny', reasons: [reason], bundleVersion: this.bundleVersion });
  }
}
