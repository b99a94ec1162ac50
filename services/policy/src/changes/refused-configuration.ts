import { CONFIGURATION_LIMITS } from '@interlock/authoring';
import { describeProblem, type PolicyProblem } from '@interlock/adapter-cedar';
import { refused, type Outcome } from '@interlock/kernel';

/** The refusal of a configuration with problems: each with file, line, column and what was expected. */
export function refusedConfiguration(problems: readonly PolicyProblem[]): Outcome<never> {
  const told = problems.slice(0, CONFIGURATION_LIMITS.problems).map(describeProblem);
  const rest = problems.length > told.length ? [`... and ${problems.length - told.length} more.`] : [];
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return refused('configuration_invalid', [`The configuration has ${count}; nothing was applied.`, ...told, ...rest].join('\n'), { hint: 'Mend the places named and apply again.' });
}
