import type { Configuration, Separation } from '@interlock/contracts';
import { spanInWords } from '../dynamic/why-not.js';
import type { Study } from './analyse.js';
import type { Cell } from './cell.js';
import type { Finding } from './finding.js';
import type { Parties } from './parties.js';
import type { Possibilities } from './proposition.js';
import { smallestSets, type CompletingSet } from './smallest-sets.js';
import { StepWays } from './step-ways.js';

type Task = Separation['tasks'][number];

/** Declared tasks: for each, whether fewer parties than it takes could complete all of its steps. */
export class TaskStudy implements Study {
  readonly #tasks: readonly { readonly task: Task; readonly ways: StepWays }[];

  constructor(private readonly configuration: Configuration, private readonly parties: Parties, possibilities: Possibilities) {
    this.#tasks = (configuration.separation?.tasks ?? []).map((task) => ({ task, ways: new StepWays(task.steps, configuration, parties, possibilities) }));
  }

  see(cells: readonly Cell[]): void {
    for (const { ways } of this.#tasks) ways.see(cells);
  }

  findings(): readonly Finding[] {
    return this.#tasks.flatMap(({ task, ways }, index) => this.#ofTask(task, ways, index));
  }

  #ofTask(task: Task, ways: StepWays, index: number): Finding[] {
    const at = { path: ['separation', 'tasks', index] };
    const found = smallestSets(task.parties - 1, ways.found, this.parties);
    if (found === 'undecided') {
      return [{ level: 'conflict', kind: 'undecided', at, detail: `whether fewer than ${task.parties} parties can complete task ${task.name} cannot be decided: too many people could take part`, remedy: 'Let fewer people take its steps, or ask for fewer parties.' }];
    }
    if (found.length > 0) return found.map((one) => ({ ...this.#completed(task, one, at), remedy: 'Take one of these rights away, or let someone else stand behind it.' }));
    const broken = ways.withGlass ? smallestSets(task.parties - 1, ways.withGlass, this.parties) : [];
    return (broken === 'undecided' ? [] : broken).map((one) => ({ ...this.#completed(task, one, at), level: 'exception', kind: 'break-glass', remedy: 'It is allowed because it is recorded, and two people review it. Take @break_glass away where that is not enough.' }));
  }

  #completed(task: Task, { humans, told }: CompletingSet, at: Finding['at']): Omit<Finding, 'remedy'> {
    return {
      level: 'conflict', kind: 'task-alone', at,
      detail: `${humans.length === 1 ? 'one person alone' : `${humans.length} people are enough`}: ${told}: that completes task ${task.name}, which takes ${task.parties} independent parties${this.#onlyForAWhile(task)}`,
    };
  }

  /** What is kept apart as it is done is not kept apart for good. */
  #onlyForAWhile({ steps }: Task): string {
    const taken = new Set(steps.map(actOf));
    const dynamic = (this.configuration.separation?.dynamic ?? []).filter(({ between }) => between.every((act) => taken.has(actOf(act))));
    return dynamic.map(({ name, windowSeconds }) => `; separation ${name} keeps its steps apart ${windowSeconds === undefined ? 'within a session' : `for ${spanInWords(windowSeconds)}`}, not for good`).join('');
  }
}

function actOf(act: { readonly verb?: string | undefined; readonly duty?: string | undefined; readonly resource?: string | undefined; readonly role?: string | undefined }): string {
  return JSON.stringify([act.verb, act.duty, act.resource, act.role]);
}
