import { VERBS, type Configuration, type TaskStep } from '@interlock/contracts';
import { RISK_RULE } from '../risk/tighten.js';
import { resourceOf } from '../separation-problems.js';
import { actInWords, asked, type Cell } from './cell.js';
import { breakersAmong } from './glass-study.js';
import type { Member } from './member.js';
import type { Parties } from './parties.js';
import type { Possibilities, Proposition } from './proposition.js';
import { quorumInWords } from './quorum.js';
import type { Way } from './way.js';
import { liesIn } from './universe.js';

/** Every way in which somebody may take each of some steps, as cell after cell tells. */
export class StepWays {
  readonly #steps: readonly TaskStep[];
  readonly #ways: readonly Map<string, Way>[];
  /** Those of people who break the glass of what would be asked. */
  readonly #broken: readonly Map<string, Way>[];

  constructor(steps: readonly TaskStep[], private readonly configuration: Configuration, private readonly parties: Parties, private readonly possibilities: Possibilities) {
    this.#steps = steps;
    this.#ways = steps.map((step) => this.#standingWays(step));
    this.#broken = steps.map(() => new Map());
  }

  see(cells: readonly Cell[]): void {
    this.#steps.forEach((step, index) => {
      for (const cell of cells) if (isStep(cell, step)) this.#noteWays(cell, this.#ways[index]!, this.#broken[index]!);
    });
  }

  /** By step. */
  get found(): readonly (readonly Way[])[] {
    return this.#ways.map((step) => [...step.values()]);
  }

  /** By step, those included for which a glass is broken; undefined where there is none. */
  get withGlass(): readonly (readonly Way[])[] | undefined {
    return this.#broken.every(({ size }) => size === 0) ? undefined : this.#ways.map((step, index) => [...step.values(), ...this.#broken[index]!.values()]);
  }

  /** Steps that are a matter of roles alone. */
  #standingWays({ role, administration }: TaskStep): Map<string, Way> {
    const { principals } = this.configuration;
    const roles = role === undefined ? (administration === undefined ? [] : this.configuration.administration[administration]) : [role];
    const holders = principals.filter((entry) => (administration === undefined || entry.kind === 'human') && entry.roles.some((one) => roles.includes(one)));
    return new Map(holders.flatMap(({ name, roles: held }) => {
      const what = administration === undefined ? `has role ${role}` : `has role ${held.find((one) => roles.includes(one))}, which administers ${administration}`;
      const ways = administration === undefined ? this.parties.waysOf(name) : [{ name, actors: [] }];
      return ways.map((member) => [JSON.stringify(member), { member, what }]);
    }));
  }

  #noteWays(cell: Cell, ways: Map<string, Way>, broken: Map<string, Way>): void {
    const note = (key: string, way: (member: Member) => Way): void => {
      for (const member of cell.cast.principals) {
        const whole = JSON.stringify([member, key]);
        if (!ways.has(whole)) ways.set(whole, way(member));
      }
    };
    if (this.possibilities.possible(cell.alone)) note('alone', (member) => ({ member, what: `may ${actInWords(cell)}` }));
    for (const lift of cell.lifts) {
      if (!this.possibilities.possible({ all: [asked(cell, lift), { not: { any: overridden(cell, lift) } }] })) continue;
      const { id, quorum, glass } = lift.rule;
      for (const member of glass ? breakersAmong(cell.cast.principals, glass, this.parties) : []) {
        const key = JSON.stringify([member, id]);
        if (!broken.has(key)) broken.set(key, { member, what: `may ${actInWords(cell)} by breaking the glass of rule ${id}` });
      }
      note(JSON.stringify(quorum), (member) => ({ member, what: `may ${actInWords(cell)} when ${quorumInWords(quorum)} agrees`, quorum }));
    }
  }
}

/** Rules that ask beside a risk ask for their people, too: what their approvers would take is looked at for them. */
function overridden({ lifts }: Cell, lift: Cell['lifts'][number]): Proposition[] {
  return lift.rule.id === RISK_RULE ? lifts.filter(({ rule }) => rule.id !== RISK_RULE).map(({ when }) => when) : [];
}

/** A schema that is dropped takes with it what lies in it. Without a resource it is anywhere. */
function isStep({ verb, place }: Cell, { verb: wanted, duty, resource }: TaskStep): boolean {
  if (wanted !== verb && VERBS[verb] !== duty) return false;
  if (resource === undefined) return true;
  const named = resourceOf(resource);
  return liesIn(place, named) || (place.type === 'Schema' && place.id !== undefined && named.id.startsWith(`${place.id}/`));
}
