import { digestOf, type Json } from '@interlock/kernel';
import { FACTS, VERBS, type Action, type Circumstances, type FactSpec, type FactValue, type Risk, type RiskModel, type RiskTerm, type Target, type Verb } from '@interlock/contracts';
import { stretchInWords, stretchOf } from './times.js';
import { WallClock } from './wall-clock.js';

/** What a score depends on. */
export interface Weighed {
  readonly action: Action;
  readonly target: Target;
  /** What is not told counts against the command. */
  readonly circumstances?: Circumstances | undefined;
}

/** Why a term is true of a command, in words, and how often where that is more than once; undefined where it is not. */
type Test = (weighed: Weighed) => string | readonly [because: string, times: number] | undefined;

interface Weight {
  readonly kind: RiskTerm['kind'];
  readonly points: number;
  readonly test: Test;
}

/**
 * Tells the risk of commands by one model: the sum of the points of every term that is true of a command, those of an act once for each
 * object that it is done to, so that one command scores no less than the same in parts. Whole numbers, nothing
 * random, no clock: the same command in the same circumstances scores the same. A fact, a time or a count that is not known counts as
 * the answer that favours the command least.
 */
export class RiskScale {
  /** SHA-256 over the canonical JSON of the model. */
  readonly model: string;
  readonly #weights: readonly Weight[];

  constructor(model: RiskModel) {
    this.model = digestOf(model as unknown as Json);
    const clock = new WallClock(model.timeZone);
    this.#weights = [
      ...model.facts.map((fact) => ({ kind: 'fact' as const, points: fact.points, test: factTest(fact) })),
      ...model.acts.map((act) => ({ kind: 'act' as const, points: act.points, test: actTest(act) })),
      ...model.labels.map((label) => ({ kind: 'label' as const, points: label.points, test: labelTest(label) })),
      ...model.times.map((time) => ({ kind: 'time' as const, points: time.points, test: timeTest(time, model.timeZone, clock) })),
      ...model.recent.map((recent) => ({ kind: 'recent' as const, points: recent.points, test: recentTest(recent) })),
    ];
  }

  riskOf(weighed: Weighed): Risk {
    const terms: RiskTerm[] = [];
    let score = 0;
    for (const { kind, points, test } of this.#weights) {
      const found = test(weighed);
      if (found === undefined) continue;
      const [because, times] = typeof found === 'string' ? [found, 1] as const : found;
      terms.push({ kind, points: points * times, because });
      score += points * times;
    }
    return { score, terms, model: this.model };
  }
}

function factTest({ fact, is, has, above, duties }: RiskModel['facts'][number]): Test {
  const absent = (FACTS[fact] as FactSpec).absent;
  const inWords = factWords(fact, is, has, above);
  return ({ action: { facts, accesses } }) => {
    if (duties && !accesses.some(({ verb }) => duties.includes(VERBS[verb as Verb]))) return undefined;
    const value = Object.hasOwn(facts, fact) ? facts[fact] : absent;
    if (value === undefined) return `${fact} is not known`;
    return isMet(value, is, has, above) ? inWords(value) : undefined;
  };
}

function isMet(value: FactValue, is: boolean | string | undefined, has: string | undefined, above: number | undefined): boolean {
  if (is !== undefined) return value === is;
  if (has !== undefined) return Array.isArray(value) && value.includes(has);
  return sizeOf(value) > above!;
}

function factWords(fact: string, is: boolean | string | undefined, has: string | undefined, above: number | undefined): (value: FactValue) => string {
  const fixed = is !== undefined ? `${fact} is ${String(is)}` : `${fact} has ${has}`;
  return above === undefined ? () => fixed : (value) => `${fact} ${Array.isArray(value) ? `has ${value.length} members` : `is ${String(value)}`}, more than ${above}`;
}

function sizeOf(value: FactValue): number {
  return Array.isArray(value) ? value.length : typeof value === 'number' ? value : 0;
}

function actTest({ verb, duty }: RiskModel['acts'][number]): Test {
  const because = verb === undefined ? `something of duty ${duty} is done` : `${verb} is done`;
  return ({ action: { accesses } }) => {
    let times = 0;
    for (const access of accesses) if (access.verb === verb || (duty !== undefined && VERBS[access.verb as Verb] === duty)) times += 1;
    return times <= 1 ? (times === 0 ? undefined : because) : [`${because} ${times} times`, times];
  };
}

function labelTest({ label, is }: RiskModel['labels'][number]): Test {
  const because = `the target is labelled ${label}=${is}`;
  return ({ target: { labels } }) => (Object.hasOwn(labels, label) && labels[label] === is ? because : undefined);
}

function timeTest(time: RiskModel['times'][number], timeZone: string, clock: WallClock): Test {
  const [isWithin, because] = [stretchOf(time), `the time is within ${stretchInWords(time, timeZone)}`];
  return ({ circumstances }) => {
    const shown = circumstances && clock.at(Date.parse(circumstances.at));
    if (shown === undefined) return 'the time is not known';
    return isWithin(shown) ? because : undefined;
  };
}

const WORDS = { commands: ['command', 'commands'], denials: ['denial', 'denials'], objects: ['object', 'objects'], rows: ['row', 'rows'], risk: ['point of risk', 'points of risk'] } as const;

function recentTest({ measure, minutes, above }: RiskModel['recent'][number]): Test {
  const [one, many] = WORDS[measure];
  return ({ circumstances }) => {
    const told = circumstances?.recent.find((one) => one.measure === measure && one.minutes === minutes);
    if (!told) return `how many ${many} there were within ${minutes} minutes is not known`;
    return told.value > above ? `${told.value} ${told.value === 1 ? one : many} within ${minutes} minutes, more than ${above}` : undefined;
  };
}
