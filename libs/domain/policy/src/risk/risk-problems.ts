import { FACTS, RISK_LIMITS, type Configuration, type FactSpec, type RiskModel } from '@interlock/contracts';
import type { ConfigurationProblem } from '../configuration-problems.js';
import { grantsRolesByToken, oneOf, peopleIn } from '../people.js';
import { isTimeZone } from './wall-clock.js';

type Path = (string | number)[];
type Told = Omit<ConfigurationProblem, 'path'>;

/** Terms that say nothing or can never be true, thresholds that nothing reaches or that the other one swallows, and approvers who do not exist. */
export function riskProblems(configuration: Configuration): ConfigurationProblem[] {
  const { risk } = configuration;
  if (!risk) return [];
  const told = [
    ...(isTimeZone(risk.timeZone) ? [] : [at(['timeZone'], { detail: `there is no time zone ${risk.timeZone}`, expected: 'a name such as Europe/Berlin' })]),
    ...risk.facts.flatMap((fact, index) => under(['facts', index], factProblem(fact))),
    ...risk.acts.flatMap((act, index) => under(['acts', index], (act.verb === undefined) === (act.duty === undefined) ? { detail: 'the act does not say one thing', expected: 'a verb or a duty' } : undefined)),
    ...risk.labels.flatMap((label, index) => under(['labels', index], labelProblem(label, configuration))),
    ...risk.times.flatMap((time, index) => under(['times', index], timeProblem(time))),
    ...risk.recent.flatMap((recent, index) => under(['recent', index], recentProblem(recent))),
    ...thresholdProblems(risk),
    ...(risk.thresholds.ask?.approvers ?? []).flatMap((seat, index) => under(['thresholds', 'ask', 'approvers', index], seatProblem(seat, index, configuration))),
  ];
  return told.map(({ path, ...problem }) => ({ path: ['risk', ...path], ...problem }));
}

function at(path: Path, told: Told): ConfigurationProblem {
  return { path, ...told };
}

function under(path: Path, told: Told | undefined): ConfigurationProblem[] {
  return told ? [at(path, told)] : [];
}

const CONDITIONS: Readonly<Record<FactSpec['type'], { readonly fits: (fact: RiskModel['facts'][number]) => boolean; readonly expected: string }>> = {
  boolean: { fits: ({ is }) => typeof is === 'boolean', expected: 'is: true or is: false' },
  text: { fits: ({ is }) => typeof is === 'string', expected: 'is: and a text' },
  number: { fits: ({ above }) => above !== undefined, expected: 'above: and a whole number' },
  set: { fits: ({ has, above }) => has !== undefined || above !== undefined, expected: 'has: and a member, or above: and how many members' },
};

function factProblem(fact: RiskModel['facts'][number]): Told | undefined {
  const { type }: FactSpec = FACTS[fact.fact];
  const said = [fact.is, fact.has, fact.above].filter((condition) => condition !== undefined);
  const { fits, expected } = CONDITIONS[type];
  return said.length === 1 && fits(fact) ? undefined : { detail: `${fact.fact} is a ${type}, and when it counts is not said in one way that fits`, expected };
}

function labelProblem({ label, is }: RiskModel['labels'][number], { targets }: Configuration): Told | undefined {
  if (targets.some(({ labels }) => labels[label] === is)) return undefined;
  const known = [...new Set(targets.flatMap(({ labels }) => (labels[label] === undefined ? [] : [labels[label]])))];
  return { detail: `no target is labelled ${label}=${is}`, expected: known.length > 0 ? oneOf(known) : 'a label that some target has' };
}

function timeProblem({ days, from, to }: RiskModel['times'][number]): Told | undefined {
  if (from === undefined && to === undefined && days === undefined) return { detail: 'the term is always true', expected: 'days, or from and to' };
  if ((from === undefined) !== (to === undefined)) return { detail: 'the stretch has one end', expected: 'from and to, or neither for whole days' };
  if (from === '24:00') return { detail: 'no stretch begins at 24:00', expected: '00:00 of the next day' };
  return from !== undefined && from === to ? { detail: `the stretch from ${from} to ${to} is empty or a whole day, nobody can tell which`, expected: 'two different times, or neither for whole days' } : undefined;
}

function recentProblem({ measure, above }: RiskModel['recent'][number]): Told | undefined {
  const tooMany = (measure === 'objects' && above >= RISK_LIMITS.objects);
  return tooMany ? { detail: `objects are not counted beyond ${RISK_LIMITS.objects}`, expected: `above: at most ${RISK_LIMITS.objects - 1}` } : undefined;
}

function thresholdProblems(risk: RiskModel): ConfigurationProblem[] {
  const { ask, deny } = risk.thresholds;
  const most = sumOf(risk.acts) * RISK_LIMITS.accesses + sumOf([...risk.facts, ...risk.labels, ...risk.times, ...risk.recent]);
  const unreachable = (score: number | undefined, path: Path) => (score !== undefined && score > most ? [at(path, { detail: `no command scores ${score}: all terms together are ${most} at most`, expected: `at most ${most}` })] : []);
  if (ask === undefined && deny === undefined) return [at(['thresholds'], { detail: 'nothing follows from any score', expected: 'ask, deny or both' })];
  return [
    ...unreachable(ask?.score, ['thresholds', 'ask', 'score']),
    ...unreachable(deny, ['thresholds', 'deny']),
    ...(ask && deny !== undefined && ask.score >= deny ? [at(['thresholds', 'ask', 'score'], { detail: `nobody is ever asked: from ${deny} on everything is denied`, expected: `less than ${deny}` })] : []),
  ];
}

function sumOf(terms: readonly { readonly points: number }[]): number {
  return terms.reduce((sum, { points }) => sum + points, 0);
}

function seatProblem({ role, count }: { readonly role: string; readonly count: number }, index: number, configuration: Configuration): Told | undefined {
  if (configuration.risk!.thresholds.ask!.approvers.findIndex((seat) => seat.role === role) < index) return { detail: `role ${role} stands there twice`, expected: 'every role once' };
  if (grantsRolesByToken(configuration)) return undefined;
  const people = new Set(peopleIn([role], configuration).map((person) => person.human ?? person.name));
  return people.size >= count ? undefined : { detail: `${people.size === 0 ? 'no person has' : `only ${people.size} of ${count} people have`} role ${role}`, expected: 'approvers that exist' };
}
