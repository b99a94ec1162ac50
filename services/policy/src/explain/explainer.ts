import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { AccessState, Action, Bundle, Configuration, Decision, DecisionReason, GatheredFacts, HistoryFacts, Principal, RpcResponse } from '@interlock/contracts';
import { readPolicies } from '@interlock/adapter-cedar';
import { factsWithoutHistory } from '@interlock/domain-duty';
import { principalOf, rolesNow } from '@interlock/domain-identity';
import { compileMasking } from '@interlock/domain-masking';
import type { Judge, JudgeCompiler, JudgeRequest } from '@interlock/domain-policy';
import { quiet } from '../circumstances.js';
import { hypothesisOf } from './hypothesis.js';
import { maskedIn, type Masked } from './masked.js';

type Explained = Outcome<RpcResponse<'policy.explain'>>;

/** Says what would be decided, and by which rules, if someone sent a text to a target now. Nothing is sent anywhere. */
export class Explainer {
  #latest: { readonly bundle: Bundle; readonly judge: Judge } | undefined;

  constructor(private readonly compiler: JudgeCompiler, private readonly bundle: () => Bundle | undefined, private readonly nowMs: () => number, private readonly access: () => Iterable<AccessState> = () => []) {}

  explain(as: string, targetName: string, text: string): Explained {
    const bundle = this.bundle();
    if (!bundle) return refused('not_configured', 'This installation has no configuration yet.', { hint: 'Run `interlock apply` with the first one.' });
    const { configuration } = bundle;
    const principal = principalNamed(as, rolesNow(configuration, this.access(), this.nowMs()).configuration);
    if (!principal.ok) return principal;
    const target = configuration.targets.find((candidate) => candidate.name === targetName);
    if (!target) return refused('target_unknown', `There is no target ${targetName}.`, { hint: `Targets are ${configuration.targets.map((known) => known.name).join(', ')}.` });
    const hypothesis = hypothesisOf(text, target);
    if (!hypothesis.ok) return accepted(notUnderstood(hypothesis.refusal, bundle.version));
    const judge = this.#judgeOf(bundle);
    const circumstances = quiet(judge, this.nowMs());
    const requestOf = (action: Action): JudgeRequest => ({ principal: principal.value, target, action, circumstances });
    const judged = hypothesis.value.actions.map((action) => ({ action, decision: judge.judge(requestOf(action)) }));
    const decisive = judged.find(({ decision }) => decision.outcome === 'deny') ?? judged.find(({ decision }) => decision.outcome === 'ask') ?? judged[0];
    if (!decisive) return refused('invalid_text', 'The text holds no statement.');
    const assumptions = [...hypothesis.value.assumptions, ...rolesUnknown(principal.value, configuration), ...historyUnknown(requestOf(decisive.action), judge), ...estimateUnknown(requestOf(decisive.action), judge), ...(judge.wants ? [QUIET] : [])];
    const masked = maskedIn(text, target, compileMasking(configuration, targetName, { roles: principal.value.roles }));
    return accepted(withMasking(explanation(decisive.action, decisive.decision, [...assumptions, ...(masked?.assumptions ?? [])], bundle), masked));
  }

  /** Compiled once for each bundle. */
  #judgeOf(bundle: Bundle): Judge {
    if (this.#latest?.bundle === bundle) return this.#latest.judge;
    const compiled = this.compiler.compile(bundle);
    if (!compiled.ok) throw new Error(`the bundle in force does not compile: ${compiled.refusal.detail}`);
    this.#latest = { bundle, judge: compiled.value };
    return compiled.value;
  }
}

function principalNamed(name: string, configuration: Configuration): Outcome<Principal> {
  const entry = configuration.principals.find((candidate) => candidate.name === name);
  if (!entry) return refused('name_unknown', `There is no principal ${name}.`, { hint: 'Principals are named in interlock.yaml.' });
  return principalOf({ issuer: entry.issuer, subject: entry.subject, claims: {}, expiresAtMs: 0 }, configuration);
}

const QUIET = 'The time is taken to be now, and the principal to have done nothing lately nothing else in its session, and nobody of its party anything that is kept apart from it.';

function rolesUnknown(principal: Principal, configuration: Configuration): string[] {
  const issuer = configuration.issuers.find((candidate) => candidate.url === principal.issuer);
  return issuer?.rolesClaim === undefined ? [] : [`Only the roles of the configuration are counted; a token's claim ${issuer.rolesClaim} may add others.`];
}

const OTHERS: HistoryFacts = { ownCreation: false, preexisting: false };

/** Only a connector asks who made what, of the target that it stands before. What it would come to for an object of others is told beside it. */
function historyUnknown(request: JudgeRequest, judge: Judge): string[] {
  const { action, target, principal } = request;
  const read = action.accesses.filter(({ verb, object }) => judge.readsHistoryOn(verb, target.name) && object.path.length > 1);
  if (read.length === 0) return [];
  const names = [...new Set(read.map(({ object }) => `${object.kind} ${object.path.join('/')}`))].join(', ');
  const gathered = action.accesses.map((access) => factsWithoutHistory(access, action.facts) ?? OTHERS);
  const { outcome, reasons } = judge.judge({ ...request, gathered });
  const by = [...new Set(reasons.map(({ rule }) => rule))].join(', ');
  return [`Who made ${names} is not looked up here; a connector does, at the target. It is taken to be the principal's own. Made by someone independent of ${principal.name}, it would be: ${outcome} by ${by}.`];
}

const ONE_ROW: GatheredFacts = { estimatedRows: 1 };

/** Only a connector asks a target what it expects of a command. What it would come to for a single row is told beside it. */
function estimateUnknown(request: JudgeRequest, judge: Judge): string[] {
  const { action: { accesses }, target } = request;
  if (!accesses.some(({ verb }) => judge.readsEstimateOn(verb, target.name))) return [];
  const { outcome, reasons } = judge.judge({ ...request, gathered: accesses.map(() => ONE_ROW) });
  return [`How many rows the target expects is not asked here; a connector does. They are taken to be more than any number. Of one row, it would be: ${outcome} by ${[...new Set(reasons.map(({ rule }) => rule))].join(', ')}.`];
}

function explanation(action: Action, decision: Decision, assumptions: readonly string[], bundle: Bundle): RpcResponse<'policy.explain'> {
  const named = new Set([...decision.reasons.map((reason) => reason.rule), ...(decision.ask?.rules ?? [])]);
  const { rules } = readPolicies(bundle.policies);
  const assumed: DecisionReason[] = assumptions.map((message) => ({ rule: 'assumption', effect: 'default', message }));
  return {
    action,
    decision: { ...decision, reasons: [...decision.reasons, ...assumed] },
    policies: rules.filter((rule) => named.has(rule.id)).map(({ id, file, text }) => ({ rule: id, file, text })),
  };
}

/** What rules let pass and cannot be masked safely is refused; what they would say stands behind it. A denial is told as one. */
function withMasking(explained: RpcResponse<'policy.explain'>, masked: Masked | undefined): RpcResponse<'policy.explain'> {
  if (!masked) return explained;
  const { masking, refusal } = masked;
  if (!refusal || explained.decision.outcome === 'deny') return { ...explained, masking };
  const { reasons, bundleVersion } = explained.decision;
  const first: DecisionReason = { rule: refusal.rule ?? refusal.reason, effect: 'forbid', message: refusal.detail, ...(refusal.hint !== undefined && { hint: refusal.hint }) };
  return { ...explained, decision: { outcome: 'deny', reasons: [first, ...reasons], bundleVersion }, masking };
}

/** What cannot be read as an action is denied. */
function notUnderstood({ reason, detail, hint }: { readonly reason: string; readonly detail: string; readonly hint?: string }, bundleVersion: number): RpcResponse<'policy.explain'> {
  return { decision: { outcome: 'deny', reasons: [{ rule: reason, effect: 'default', message: detail, ...(hint && { hint }) }], bundleVersion }, policies: [] };
}
