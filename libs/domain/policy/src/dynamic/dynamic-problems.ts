import type { Configuration, DynamicSeparation, SeparatedAct } from '@interlock/contracts';
import type { ConfigurationProblem } from '../configuration-problems.js';
import { resourceProblems, roleProblem } from '../separation-problems.js';

type Path = (string | number)[];

/** What dynamic separations look at of a rule. */
export interface RuleRoles {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** It reads a principal's roles as a set of names, so that which one it goes by cannot be told. */
  readonly readsRoles: boolean;
}

/** Names that rules or other separations have, acts that say nothing, lead nowhere or cannot be told apart. */
export function dynamicProblems(configuration: Configuration, rules: readonly RuleRoles[]): ConfigurationProblem[] {
  const all = configuration.separation?.dynamic ?? [];
  return all.flatMap(({ name, between }, index) => {
    const path: Path = ['separation', 'dynamic', index];
    return [
      ...nameProblems(name, path, rules, all.slice(0, index).map((earlier) => earlier.name)),
      ...windowProblems(all[index]!, path),
      ...between.flatMap((act, side) => actProblems(act, [...path, 'between', side], configuration, rules)),
      ...(JSON.stringify(Object.entries(between[0]!).sort()) === JSON.stringify(Object.entries(between[1]!).sort()) ? [{ path: [...path, 'between', 1], detail: 'both acts are the same', expected: 'two acts' }] : []),
    ];
  });
}

const OWN = ['risk', 'default-deny', 'evaluation-error', 'assumption'];

function nameProblems(name: string, path: Path, rules: readonly RuleRoles[], earlier: readonly string[]): ConfigurationProblem[] {
  const taken = OWN.includes(name) ? 'is Interlock\'s own' : rules.some(({ id }) => id === name) ? 'is that of a rule' : earlier.includes(name) ? 'is that of a separation above' : undefined;
  return taken === undefined ? [] : [{ path: [...path, 'name'], detail: `the name ${name} ${taken}`, expected: 'a name of its own' }];
}

function windowProblems({ kind, windowSeconds }: DynamicSeparation, path: Path): ConfigurationProblem[] {
  if ((kind === 'window') === (windowSeconds !== undefined)) return [];
  if (kind === 'window') return [{ path: [...path, 'kind'], detail: 'it is not said how long the window is', expected: 'windowSeconds, e.g. 86400' }];
  return [{ path: [...path, 'windowSeconds'], detail: 'a session has no window', expected: '`kind: window`, or no windowSeconds' }];
}

function actProblems(act: SeparatedAct, path: Path, configuration: Configuration, rules: readonly RuleRoles[]): ConfigurationProblem[] {
  const ways = [act.duty, act.verb, act.role].filter((way) => way !== undefined);
  if (ways.length !== 1 || (act.role !== undefined && act.resource !== undefined)) {
    return [{ path, detail: 'the act does not say one thing', expected: 'a duty or a verb, with or without a resource, or a role' }];
  }
  const untold = act.role === undefined ? undefined : rules.find(({ effect, readsRoles }) => effect === 'permit' && readsRoles);
  return [
    ...(act.role === undefined ? [] : roleProblem(act.role, [...path, 'role'], configuration)),
    ...(untold ? [{ path: [...path, 'role'], detail: `rule ${untold.id} reads principal.roles, so whether it permits something to role ${act.role} cannot be told`, expected: 'rules that say principal in Role::"..."' }] : []),
    ...(act.resource === undefined ? [] : resourceProblems(act.resource, [...path, 'resource'], configuration)),
  ];
}
