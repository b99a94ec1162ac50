import { VERBS, type Configuration, type Separation, type TaskStep } from '@interlock/contracts';
import { resourceOf } from '../separation-problems.js';
import type { Study } from './analyse.js';
import { actInWords, asked, type Cell } from './cell.js';
import type { Finding } from './finding.js';
import type { Parties } from './parties.js';
import type { Possibilities } from './proposition.js';
import { smallestSets } from './smallest-sets.js';
import { quorumInWords } from './quorum.js';
import type { Way } from './way.js';
import { liesIn, type Cast } from './universe.js';

type Task = Separation['tasks'][number];

/** Declared tasks: for each, whether fewer parties than it takes could complete all of its steps. */
export class TaskStudy implements Study {
  readonly #tasks: readonly { readonly task: Task; readonly ways: readonly Map<string, Way>[] }[];

  constructor(private readonly configuration: Configuration, private readonly parties: Parties, private readonly possibilities: Possibilities) {
    this.#tasks = (configuration.separation?.tasks ?? []).map((task) => ({ task, ways: task.steps.map((step) => this.#standingWays(step)) }));
  }

  see(cells: readonly Cell[]): void {
    for (const { task, ways } of this.#tasks) {
      task.steps.forEach((step, index) => {
        for (const cell of cells) if (isStep(cell, step)) this.#noteWays(cell, ways[index]!);
      });
    }
  }

  findings(): readonly Finding[] {
    return this.#tasks.flatMap(({ task, ways }, index) => this.#ofTask(task, ways.map((step) => [...step.values()]), index));
  }

  /** Steps that are a matter of roles alone. */
  #standingWays({ role, administration }: TaskStep): Map<string, Way> {
    const { principals } = this.configuration;
    const roles = role === undefined ? (administration === undefined ? [] : this.configuration.administration[administration]) : [role];
    const holders = principals.filter((entry) => (administration === undefined || entry.kind === 'human') && entry.roles.some((one) => roles.includes(one)));
    return new Map(holders.map(({ name, roles: held }) => {
      const what = administration === undefined ? `has role ${role}` : `has role ${held.find((one) => roles.includes(one))}, which administers ${administration}`;
      return [name, { member: { name, lent: false }, what }];
    }));
  }

  #noteWays(cell: Cell, ways: Map<string, Way>): void {
    const note = (key: string, way: (member: Cast['principals'][number]) => Way): void => {
      for (const member of cell.cast.principals) {
        const whole = JSON.stringify([member.name, key]);
        if (!ways.has(whole)) ways.set(whole, way(member));
      }
    };
    if (this.possibilities.possible(cell.alone)) note('alone', (member) => ({ member, what: `may ${actInWords(cell)}` }));
    for (const lift of cell.lifts) {
      if (!this.possibilities.possible(asked(cell, lift))) continue;
      const { quorum } = lift.rule;
      note(JSON.stringify(quorum), (member) => ({ member, what: `may ${actInWords(cell)} when ${quorumInWords(quorum)} agrees`, quorum }));
    }
  }

  #ofTask(task: Task, ways: readonly (readonly Way[])[], index: number): Finding[] {
    const at = { path: ['separation', 'tasks', index] };
    const found = smallestSets(task.parties - 1, ways, this.parties);
    if (found === 'undecided') {
      return [{ level: 'conflict', kind: 'undecided', at, detail: `whether fewer than ${task.parties} parties can complete task ${task.name} cannot be decided: too many people could take part`, remedy: 'Let fewer people take its steps, or ask for fewer parties.' }];
    }
    return found.map(({ humans, told }) => ({
      level: 'conflict', kind: 'task-alone', at,
      detail: `${humans.length === 1 ? 'one person alone' : `${humans.length} people are enough`}: ${told}: that completes task ${task.name}, which takes ${task.parties} independent parties`,
      remedy: 'Take one of these rights away, or let someone else stand behind it.',
    }));
  }
}

/** A schema that is dropped takes with it what lies in it. */
function isStep({ verb, place }: Cell, { verb: wanted, duty, resource }: TaskStep): boolean {
  if (resource === undefined || (wanted !== verb && VERBS[verb] !== duty)) return false;
  const named = resourceOf(resource);
  return liesIn(place, named) || (place.type === 'Schema' && place.id !== undefined && named.id.startsWith(`${place.id}/`));
}
