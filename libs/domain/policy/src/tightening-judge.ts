import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Bundle, Configuration, Decision, Principal, Target } from '@interlock/contracts';
import type { Done } from './dynamic/act.js';
import { isWindow, Separations, type WindowSeparation } from './dynamic/separations.js';
import type { Judge, JudgeCompiler, JudgeRequest, Wanted } from './judge.js';
import { RiskScale } from './risk/risk-scale.js';
import { RISK_RULE, tighten } from './risk/tighten.js';
import { isTimeZone } from './risk/wall-clock.js';

/**
 * Compiles a bundle to a judge that decides by its rules, its risk model and its dynamic separations. Where a bundle declares neither
 * of the last two, it is the judge of the rules as such.
 */
export class TighteningCompiler implements JudgeCompiler {
  constructor(private readonly rules: JudgeCompiler) {}

  compile(bundle: Bundle): Outcome<Judge> {
    const compiled = this.rules.compile(bundle);
    const { risk, separation } = bundle.configuration;
    const isPlain = risk === undefined && (separation?.dynamic ?? []).length === 0;
    if (!compiled.ok || isPlain) return compiled;
    if (risk && !isTimeZone(risk.timeZone)) return refused('risk_invalid', `The risk model of bundle ${bundle.version} cannot be used: this machine knows no time zone ${risk.timeZone}.`);
    return accepted(new TighteningJudge(compiled.value, bundle.configuration));
  }
}

/** The moment of a command of which it is not told: whatever is told of what was done before still counts then. */
const EVER = new Date(0).toISOString();

/** What rules decide, tightened. Rules decide as they do without it, so that what is remembered of their decisions stays of use. */
class TighteningJudge implements Judge {
  readonly bundleVersion: number;
  readonly wants: Wanted;
  readonly #scale: RiskScale | undefined;
  readonly #separations: Separations;

  constructor(private readonly rules: Judge, private readonly configuration: Configuration) {
    const { risk, separation } = configuration;
    this.bundleVersion = rules.bundleVersion;
    this.#scale = risk && new RiskScale(risk);
    this.#separations = new Separations(separation?.dynamic ?? []);
    this.wants = { recent: risk?.recent ?? [], windows: (separation?.dynamic ?? []).filter(isWindow) };
  }

  readsHistoryAt(target: string): boolean {
    return this.rules.readsHistoryAt(target);
  }

  readsHistoryOn(verb: string, target: string): boolean {
    return this.rules.readsHistoryOn(verb, target);
  }

  readsEstimateAt(target: string): boolean {
    return this.rules.readsEstimateAt(target);
  }

  readsEstimateOn(verb: string, target: string): boolean {
    return this.rules.readsEstimateOn(verb, target);
  }

  rolesOf(rule: string): readonly string[] {
    return this.rules.rolesOf(rule);
  }

  windowsOn({ roles }: Principal, target: Target, action: Done): readonly WindowSeparation[] {
    return this.wants.windows.length === 0 ? [] : this.#separations.windowsOn({ action, target: this.#asOfNow(target), roles });
  }

  judge(request: JudgeRequest): Decision {
    const { principal, action, grant, circumstances } = request;
    const target = this.#asOfNow(request.target);
    const byRules = this.rules.judge(ofRules(request));
    const { thresholds } = this.configuration.risk ?? {};
    const scored = this.#scale && thresholds ? tighten(byRules, this.#scale.riskOf({ action, target, circumstances }), thresholds, grant) : byRules;
    const performed = { action, target, roles: this.#rolesBehind(byRules).filter((role) => principal.roles.includes(role)) };
    return this.#separations.keep(scored, performed, { principal, nowMs: Date.parse(circumstances?.at ?? EVER), before: circumstances?.exercised });
  }

  #asOfNow(target: Target): Target {
    return this.configuration.targets.find(({ name }) => name === target.name) ?? target;
  }

  #rolesBehind({ reasons }: Decision): string[] {
    return reasons.flatMap(({ rule, effect }) => (effect === 'permit' ? this.rules.rolesOf(rule) : []));
  }
}

/** The request as rules see it: who agreed to a risk alone agreed to nothing of theirs. */
function ofRules({ grant, ...request }: JudgeRequest): JudgeRequest {
  const rules = grant?.rules.filter((rule) => rule !== RISK_RULE) ?? [];
  return grant && rules.length > 0 ? { ...request, grant: { ...grant, rules } } : request;
}
