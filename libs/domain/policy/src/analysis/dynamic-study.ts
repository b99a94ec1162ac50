import type { Configuration, DynamicSeparation } from '@interlock/contracts';
import type { Study } from './analyse.js';
import type { Cell } from './cell.js';
import type { Finding } from './finding.js';
import type { Parties } from './parties.js';
import type { Possibilities } from './proposition.js';
import { StepWays } from './step-ways.js';

/**
 * Acts that are kept apart as they are done: whether somebody may do each of them. That nobody may do both is no slip: they stay apart
 * whatever rights come later.
 */
export class DynamicStudy implements Study {
  readonly #separations: readonly { readonly rule: DynamicSeparation; readonly ways: StepWays }[];

  constructor(configuration: Configuration, parties: Parties, possibilities: Possibilities) {
    this.#separations = (configuration.separation?.dynamic ?? []).map((rule) => ({ rule, ways: new StepWays(rule.between, configuration, parties, possibilities) }));
  }

  see(cells: readonly Cell[]): void {
    for (const { ways } of this.#separations) ways.see(cells);
  }

  findings(): readonly Finding[] {
    return this.#separations.flatMap(({ rule: { name }, ways }, index) => ways.found.flatMap((side, place): Finding[] => (side.length > 0 ? [] : [{
      level: 'warning', kind: 'separation-idle', at: { path: ['separation', 'dynamic', index, 'between', place] },
      detail: `separation ${name} keeps nothing apart: nobody may do its ${place === 0 ? 'first' : 'second'} act`, remedy: 'Name an act that rules permit, or take the separation away.',
    }])));
  }
}
