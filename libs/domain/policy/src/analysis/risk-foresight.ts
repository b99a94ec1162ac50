import { VERBS, type RiskModel, type Verb } from '@interlock/contracts';
import { RISK_RULE } from '../risk/tighten.js';
import type { Cell } from './cell.js';
import type { Actor, Foresight, Place } from './foresight.js';
import { assuming, type Proposition } from './proposition.js';

/** Open terms of a score that are weighed against each other; with more of them, whether it reaches a threshold is one open question. */
const WEIGHED_MAX = 8;

/** What can be foreseen of the score of one access. */
export interface ForeseenRisk {
  readonly asks: Proposition;
  readonly denies: Proposition;
}

interface Term {
  readonly points: number;
  readonly when: Proposition;
}

/**
 * The thresholds of a risk model as an analysis sees them. What a target's labels and the verb in question count is certain; what the
 * command itself will say, when it is sent, what else it does and what was done lately is open. The same command is taken to score the same
 * whoever sends it, as if all had done the same lately: whoever waits, or spreads commands over agents, stays below what counts that.
 */
export class RiskForesight {
  readonly #known = new Map<string, ForeseenRisk>();

  constructor(private readonly model: RiskModel, private readonly foresight: Pick<Foresight, 'states'>) {}

  /** Who is asked, as a rule that they lift; undefined where the model asks nobody. */
  lift(when: Proposition): Cell['lifts'][number] | undefined {
    const { ask } = this.model.thresholds;
    return ask && { rule: { id: RISK_RULE, effect: 'forbid', quorum: ask.approvers, reads: new Set() }, when };
  }

  on(actor: Actor, verb: Verb, place: Place): ForeseenRisk {
    const key = JSON.stringify([verb, place.target.name]);
    const known = this.#known.get(key) ?? this.#foresee(actor, verb, place);
    this.#known.set(key, known);
    return known;
  }

  #foresee(actor: Actor, verb: Verb, place: Place): ForeseenRisk {
    const { ask, deny } = this.model.thresholds;
    const terms = this.#terms(actor, verb, place);
    const countsAgain: Proposition = this.model.acts.some((act) => isOf(verb, act)) ? { atom: 'the command does so to more objects' } : false;
    const reaches = (score: number | undefined, of: readonly Term[]): Proposition => (score === undefined ? false : assuming({ any: [atLeast(score, of), countsAgain] }, new Map()));
    return { asks: reaches(ask?.score, terms), denies: reaches(deny, terms) };
  }

  #terms(actor: Actor, verb: Verb, place: Place): Term[] {
    const { facts, acts, labels, times, recent } = this.model;
    const doesMore = (duties: readonly string[]): Proposition => duties.includes(VERBS[verb]) || { atom: `the command does something of ${duties.join(' or ')} beside` };
    return [
      ...labels.map(({ label, is, points }) => ({ points, when: Object.hasOwn(place.target.labels, label) && place.target.labels[label] === is })),
      ...acts.map((act) => ({ points: act.points, when: isOf(verb, act) })),
      ...facts.map(({ points, duties, ...fact }) => ({ points, when: { all: [duties ? doesMore(duties) : true, this.foresight.states(fact, actor, verb, place)] } })),
      ...times.map(({ points, ...time }) => ({ points, when: { atom: `the time is within ${JSON.stringify(time)}` } })),
      ...recent.map(({ points, ...one }) => ({ points, when: { atom: `lately ${JSON.stringify(one)}` } })),
    ];
  }
}

function isOf(verb: Verb, act: RiskModel['acts'][number]): boolean {
  return act.verb === verb || (act.duty !== undefined && act.duty === VERBS[verb]);
}

/** When terms come to a score. Points are never negative, so each is weighed as present or left out. */
function atLeast(score: number, terms: readonly Term[]): Proposition {
  const plain = terms.map(({ points, when }) => ({ points, when: assuming(when, new Map()) }));
  const certain = plain.reduce((sum, { points, when }) => (when === true ? sum + points : sum), 0);
  const open = plain.filter(({ when }) => typeof when !== 'boolean').toSorted((a, b) => b.points - a.points);
  if (certain >= score || sumOf(open) < score - certain) return certain >= score;
  if (open.length > WEIGHED_MAX) return { atom: `the risk of ${JSON.stringify(open)} comes to ${score - certain}` };
  return among(open, score - certain);
}

function among(open: readonly Term[], missing: number): Proposition {
  if (missing <= 0) return true;
  const [first, ...others] = open;
  if (!first || sumOf(open) < missing) return false;
  return { any: [{ all: [first.when, among(others, missing - first.points)] }, among(others, missing)] };
}

function sumOf(terms: readonly Term[]): number {
  return terms.reduce((sum, { points }) => sum + points, 0);
}
