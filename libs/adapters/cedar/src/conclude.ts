import type { Access, Decision, DecisionReason, GrantFact, Principal, Stated, Target } from '@interlock/contracts';
import { entityId } from './entities.js';
import { glassFor } from './glass.js';
import { askFor } from './lifting.js';
import type { Rule } from './rule.js';
import type { Verdict } from './verdict.js';

/** Whom the reasons are written for. */
export interface Reader {
  readonly principal: Principal;
  readonly target: Target;
  readonly grant?: GrantFact;
  /** What the command states of itself. */
  readonly stated?: Stated;
}

type Of<K extends Verdict['kind']> = Extract<Verdict, { kind: K }>;

/**
 * A command is allowed when every access is permitted. It is denied when one of them cannot be judged, is forbidden for
 * good, or is permitted by nothing, or does not state what people want to read; else people are asked, or the glass is broken.
 */
export function decisionOf(verdicts: readonly Verdict[], reader: Reader, rules: ReadonlyMap<string, Rule>, bundleVersion: number): Decision {
  const failed = of(verdicts, 'failed');
  if (failed.length > 0) return frozen('deny', failed.map(failure), bundleVersion);
  const refusals = [
    ...rulesIn(of(verdicts, 'forbidden').flatMap((verdict) => verdict.rules), rules).map(spoken),
    ...of(verdicts, 'unpermitted').map(({ access }) => unpermitted(access, reader)),
  ];
  if (refusals.length > 0) return frozen('deny', refusals, bundleVersion);
  const liftable = rulesIn(of(verdicts, 'liftable').flatMap((verdict) => verdict.rules), rules);
  const unstated = liftable.flatMap((rule) => unstatedBy(rule, reader.stated));
  if (unstated.length > 0) return frozen('deny', unstated, bundleVersion);
  if (liftable.length > 0) return lifting(liftable, reader, bundleVersion);
  return frozen('allow', permits(of(verdicts, 'permitted'), reader, rules), bundleVersion);
}

/** People are asked; or whoever sends it breaks the glass, or is told why they may not: that they meant to is no reason to keep people waiting for it. */
function lifting(rules: readonly Rule[], reader: Reader, bundleVersion: number): Decision {
  const ask = askFor(rules);
  if (reader.stated?.breakGlass === undefined) return frozen('ask', rules.map(spoken), bundleVersion, ask);
  const broken = glassFor(rules, reader);
  return broken.ok ? frozen('ask', rules.map(spoken), bundleVersion, { ...ask, glass: broken.glass }) : frozen('deny', broken.reasons, bundleVersion);
}

function of<K extends Verdict['kind']>(verdicts: readonly Verdict[], kind: K): Of<K>[] {
  return verdicts.filter((verdict): verdict is Of<K> => verdict.kind === kind);
}

function permits(permitted: readonly Of<'permitted'>[], { grant }: Reader, rules: ReadonlyMap<string, Rule>): DecisionReason[] {
  const lifted = rulesIn(permitted.flatMap((verdict) => verdict.lifted), rules);
  return [
    ...rulesIn(permitted.flatMap((verdict) => verdict.rules), rules).map(spoken),
    ...lifted.map((rule) => ({ rule: rule.id, effect: rule.effect, message: `Lifted by ${grant?.glass ? 'breaking the glass, ' : ''}grant ${grant?.id ?? ''}: ${rule.message}` })),
  ];
}

/** Each rule once, in the order of their ids, whatever order Cedar names them in. */
function rulesIn(ids: readonly string[], rules: ReadonlyMap<string, Rule>): Rule[] {
  return [...new Set(ids)].sort().flatMap((id) => rules.get(id) ?? []);
}

function spoken({ id, effect, message, hint }: Rule): DecisionReason {
  return { rule: id, effect, message, ...(hint && { hint }) };
}

function unstatedBy({ id, effect, message, lift }: Rule, stated: Stated = {}): DecisionReason[] {
  const missing = (lift?.requires ?? []).filter((name) => stated[name] === undefined && !(name === 'reason' && stated.breakGlass !== undefined));
  if (missing.length === 0) return [];
  const example = missing.map((name) => `${name}="..."`).join(' ');
  return [{
    rule: id, effect, message: `${message} People are asked only where the command states its ${missing.join(' and its ')}, and it does not.`,
    hint: `State it with the command. In SQL: /* interlock: ${example} */, or when connecting: options=${missing.map((name) => `-c interlock.${name}=...`).join(' ')}`,
  }];
}

function failure({ rule, detail }: Of<'failed'>): DecisionReason {
  return {
    rule: 'evaluation-error',
    effect: 'default',
    message: rule ? `Rule ${rule} could not be evaluated: ${detail}` : `The command could not be judged: ${detail}.`,
    hint: 'Nothing was sent. Report it to the people who administer Interlock; a simpler command may pass.',
  };
}

function unpermitted(access: Access, { principal, target }: Reader): DecisionReason {
  const object = access.object.kind === 'target' ? `target ${target.name}` : `${access.object.kind} ${entityId(target, access.object.path.length > 1 ? access.object.path.slice(1) : access.object.path)}`;
  return {
    rule: 'default-deny',
    effect: 'default',
    message: `No rule permits ${principal.name} to ${access.verb} on ${object}.`,
    hint: 'What no rule permits is denied. Someone who may change the configuration can propose a rule.',
  };
}

function frozen(outcome: Decision['outcome'], reasons: readonly DecisionReason[], bundleVersion: number, ask?: Decision['ask']): Decision {
  const decision = { outcome, reasons: unique(reasons), bundleVersion, ...(ask && { ask }) };
  return deepFreeze(decision);
}

function unique(reasons: readonly DecisionReason[]): DecisionReason[] {
  return [...new Map(reasons.map((reason) => [`${reason.rule} ${reason.message}`, reason])).values()];
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member as object);
  }
  return Object.freeze(value);
}
