import { CedarJudgeCompiler, type PolicyProblem } from '@interlock/adapter-cedar';
import type { Bundle, Circumstances, Configuration, Decision, ExercisedAct, PolicyCase, PolicyFile, Principal, Target } from '@interlock/contracts';
import { principalOf } from '@interlock/domain-identity';
import { TighteningCompiler, type Judge, type JudgeRequest } from '@interlock/domain-policy';
import { loadParser } from '@interlock/language-postgres';
import type { ReadConfiguration } from '../read-configuration.js';
import { actionsOf } from './action-of.js';
import { readCases, type LocatedCase } from './read-cases.js';
import { toldOf, untouched } from './told-history.js';

/** What a case expects or came to: an outcome, and the rules that are its reasons. */
export interface CaseOutcome {
  readonly outcome: PolicyCase['expect'];
  /** Absent in what is expected: whichever they are. */
  readonly rules?: readonly string[];
}

export interface CaseResult {
  readonly file: string;
  readonly line: number;
  /** The case in one line. */
  readonly title: string;
  readonly passed: boolean;
  readonly expected: CaseOutcome;
  readonly came: CaseOutcome & { readonly reasons: readonly string[] };
}

export interface CasesRun {
  readonly results: readonly CaseResult[];
  /** What is wrong with the tables themselves; no case is run then. */
  readonly problems: readonly PolicyProblem[];
}

/** Decides every case by the rules of a configuration that was read without problems. */
export async function runCases(read: ReadConfiguration & { readonly configuration: Configuration }, files: readonly PolicyFile[]): Promise<CasesRun> {
  const { cases, problems } = readCases(files, read.configuration);
  if (problems.length > 0) return { results: [], problems };
  await loadParser();
  const slips = cases.flatMap((located) => slipsOf(located, read.configuration));
  if (slips.length > 0) return { results: [], problems: slips };
  const judge = judgeOf(read);
  return { results: cases.map((located) => resultOf(located, decide(located, read.configuration, judge))), problems: [] };
}

function judgeOf({ configuration, policies }: ReadConfiguration & { readonly configuration: Configuration }): Judge {
  const bundle: Bundle = { version: 1, configuration, policies: [...policies], change: '', author: '', approvedBy: [], createdAt: '' };
  const compiled = new TighteningCompiler(new CedarJudgeCompiler()).compile(bundle);
  if (!compiled.ok) throw new Error(`checked rules do not compile: ${compiled.refusal.detail}`);
  return compiled.value;
}

function slipsOf(located: LocatedCase, configuration: Configuration): readonly PolicyProblem[] {
  if (Object.keys(located.one.madeBy).length + located.one.preexisting.length === 0) return [];
  const actions = actionsOf(located, targetOf(located, configuration));
  return actions.ok ? untouched(located, actions.value) : [];
}

function targetOf({ one }: LocatedCase, { targets }: Configuration): Target {
  return targets.find(({ name }) => name === one.target)!;
}

type Came = Pick<Decision, 'outcome' | 'reasons'>;

/** Of several statements the strictest decision counts. */
function decide(located: LocatedCase, configuration: Configuration, judge: Judge): Came {
  const target = targetOf(located, configuration);
  const named = (name: string): Principal => principalNamed(name, configuration);
  const principal = named(located.one.principal);
  const actions = actionsOf(located, target);
  if (!actions.ok) return { outcome: 'deny', reasons: [{ rule: actions.refusal.reason, effect: 'default', message: actions.refusal.detail }] };
  const circumstances = circumstancesOf(located, { principal, target }, judge);
  const decisions = actions.value.map((action) => decideOne({ principal, target, action, circumstances, gathered: toldOf(action, located.one, principal, { configuration, named }) }, located.one.agreed, judge));
  const came = (['deny', 'ask', 'allow'] as const).map((outcome) => decisions.find((decision) => decision.outcome === outcome)).find((decision) => decision !== undefined);
  return came ?? { outcome: 'deny', reasons: [{ rule: 'invalid_text', effect: 'default', message: 'The text holds no statement.' }] };
}

function decideOne(request: JudgeRequest, agreed: readonly string[] | undefined, judge: Judge): Decision {
  const decision = judge.judge(request);
  if (!agreed || !decision.ask) return decision;
  const { rules, ruleHash, risk } = decision.ask;
  return judge.judge({ ...request, grant: { id: 'case', rules, ruleHash, approvers: [...agreed], ...(risk && { risk }) } });
}

/** The moment that a case describes, after the commands that came before it. One of those that is not allowed does nothing, as in a session. */
function circumstancesOf(located: LocatedCase, who: Pick<JudgeRequest, 'principal' | 'target'>, judge: Judge): Circumstances {
  const { at, recent, after } = located.one;
  const told = (judge.wants?.recent ?? []).map(({ measure, minutes }) => ({ measure, minutes, value: recent[measure] ?? 0 }));
  const exercised: ExercisedAct[] = [];
  for (const command of after) {
    const actions = actionsOf({ ...located, one: { ...located.one, command, action: undefined } }, who.target);
    for (const action of actions.ok ? actions.value : []) {
      const decision = judge.judge({ ...who, action, circumstances: { at, recent: told, exercised: [...exercised] } });
      if (decision.outcome === 'allow') exercised.push(...(decision.exercises ?? []));
    }
  }
  return { at, recent: told, exercised };
}

function principalNamed(name: string, configuration: Configuration): Principal {
  const entry = configuration.principals.find((candidate) => candidate.name === name)!;
  const principal = principalOf({ issuer: entry.issuer, subject: entry.subject, claims: {}, expiresAtMs: 0 }, configuration);
  if (!principal.ok) throw new Error(`${name} of a checked configuration is nobody: ${principal.refusal.detail}`);
  return principal.value;
}

function resultOf({ file, line, one }: LocatedCase, { outcome, reasons }: Came): CaseResult {
  const rules = [...new Set(reasons.map(({ rule }) => rule))].toSorted();
  const expected = { outcome: one.expect, ...(one.rules && { rules: one.rules.toSorted() }) };
  const passed = outcome === one.expect && (!one.rules || JSON.stringify(expected.rules) === JSON.stringify(rules));
  return { file, line, title: titleOf(one), passed, expected, came: { outcome, rules, reasons: [...new Set(reasons.map(({ message }) => message))] } };
}

function titleOf({ name, principal, target, command, action, agreed, madeBy, preexisting, estimatedRows }: PolicyCase): string {
  const what = command ?? action!.accesses.map(({ verb, resource }) => `${verb} ${resource}`).join(' + ');
  const told = [...Object.entries(madeBy).map(([object, maker]) => `, ${object} made by ${maker}`), ...preexisting.map((object) => `, ${object} there before`), ...(estimatedRows === undefined ? [] : [`, ${estimatedRows} rows expected`])];
  return `${name ? `${name}: ` : ''}${principal} at ${target}: ${what.replace(/\s+/g, ' ').trim()}${told.join('')}${agreed ? `, agreed to by ${agreed.join(' and ')}` : ''}`;
}
