import { SUBJECTS_MOST, type Budget, type Configuration } from '@interlock/contracts';
import type { ConfigurationProblem } from './configuration-problems.js';
import { oneOf } from './people.js';
import { roleProblem } from './separation-problems.js';

type Path = (string | number)[];

/** Budgets of nobody or nowhere, and shares that are more than the whole. */
export function budgetProblems(configuration: Configuration): ConfigurationProblem[] {
  const budgets = configuration.budgets ?? [];
  return budgets.flatMap((budget, index) => [
    ...nameProblems(budget, index, budgets),
    ...ownerProblems(budget, ['budgets', index, 'of'], configuration),
    ...targetProblems(budget, ['budgets', index, 'target'], configuration),
    ...rollingProblems(budget, ['budgets', index, 'windowSeconds']),
    ...subjectProblems(budget, ['budgets', index]),
    ...shareProblems(budget, ['budgets', index, 'divide'], configuration),
  ]);
}

function nameProblems({ name }: Budget, index: number, budgets: readonly Budget[]): ConfigurationProblem[] {
  if (budgets.findIndex((other) => other.name === name) === index) return [];
  return [{ path: ['budgets', index, 'name'], detail: `there is another budget ${name} above`, expected: 'a name of its own' }];
}

function ownerProblems({ of }: Budget, path: Path, configuration: Configuration): ConfigurationProblem[] {
  if ('role' in of) return roleProblem(of.role, [...path, 'role'], configuration);
  if ('principal' in of) return principalProblem(of.principal, [...path, 'principal'], configuration);
  const humans = [...new Set(configuration.principals.filter(({ kind }) => kind === 'human').map(({ human, name }) => human ?? name))];
  return humans.includes(of.party) ? [] : [{ path: [...path, 'party'], detail: `there is no human ${of.party}`, expected: oneOf(humans) }];
}

function targetProblems({ target }: Budget, path: Path, { targets }: Configuration): ConfigurationProblem[] {
  const names = targets.map(({ name }) => name);
  return target === undefined || names.includes(target) ? [] : [{ path, detail: `there is no target ${target}`, expected: oneOf(names) }];
}

/** Parts of a shorter one would be over before connectors could lease of them. */
const ROLLING_SECONDS_MIN = 60;

function rollingProblems({ rolling, windowSeconds }: Budget, path: Path): ConfigurationProblem[] {
  if (!rolling || windowSeconds >= ROLLING_SECONDS_MIN) return [];
  return [{ path, detail: `a rolling window of ${windowSeconds} s is too short`, expected: `at least ${ROLLING_SECONDS_MIN}` }];
}

/** Whose rows are shown is told by columns of one target; what is stored of them has to fit a message. */
function subjectProblems({ what, subjects, target, most }: Budget, path: Path): ConfigurationProblem[] {
  if (what !== 'subjects') return subjects === undefined ? [] : [{ path: [...path, 'subjects'], detail: `a budget of ${what} counts no subjects`, expected: 'what: subjects' }];
  return [
    ...(subjects === undefined ? [{ path: [...path, 'what'], detail: 'no column says whose a row is', expected: 'subjects, a list of schema.table.column' }] : []),
    ...(target === undefined ? [{ path: [...path, 'what'], detail: 'columns of which target the subjects are is not said', expected: 'target, the name of one' }] : []),
    ...(most > SUBJECTS_MOST ? [{ path: [...path, 'most'], detail: `${most} different subjects are too many to keep`, expected: `at most ${SUBJECTS_MOST}` }] : []),
  ];
}

function shareProblems({ of, most, divide }: Budget, path: Path, configuration: Configuration): ConfigurationProblem[] {
  if (divide.length > 0 && 'role' in of) return [{ path, detail: 'a budget of a role is each principal\'s own, so there is nothing to divide', expected: 'a budget of a principal or a party' }];
  const names = divide.map(({ principal }) => principal);
  const shared = divide.reduce((sum, share) => sum + share.most, 0);
  return [
    ...names.flatMap((name, index) => principalProblem(name, [...path, index, 'principal'], configuration)),
    ...names.flatMap((name, index) => (names.indexOf(name) < index ? [{ path: [...path, index, 'principal'], detail: `${name} has a share already`, expected: 'one share each' }] : [])),
    ...(shared > most ? [{ path, detail: `the shares are ${shared} together`, expected: `at most ${most}, the whole` }] : []),
  ];
}

function principalProblem(name: string, path: Path, { principals }: Configuration): ConfigurationProblem[] {
  return principals.some((entry) => entry.name === name) ? [] : [{ path, detail: `there is no principal ${name}`, expected: 'the name of a principal of this file' }];
}
