import { checkPolicies, namedEntities, readsRoles, type PolicyProblem, type Rule } from '@interlock/adapter-cedar';
import type { Configuration, PolicyFile } from '@interlock/contracts';
import { budgetProblems, chatProblems, configurationProblems, dynamicProblems, riskProblems, ruleProblems, separationProblems } from '@interlock/domain-policy';
import { sortFiles } from './files.js';
import { withActionMeant } from './expectation.js';
import type { LocatedYaml, Path } from './located-yaml.js';
import { parseYaml } from './parse-yaml.js';

/** A configuration as read from its files. It is whole only when there is no problem. */
export interface ReadConfiguration {
  readonly configuration: Configuration | undefined;
  readonly policies: readonly PolicyFile[];
  readonly rules: readonly Rule[];
  readonly problems: readonly PolicyProblem[];
  /** Where something of `interlock.yaml` stands, for those who find problems later. */
  readonly yaml: LocatedYaml | undefined;
}

/** Reads `interlock.yaml` and `policies/*.cedar`: every problem at once, each with file, line and column. */
export function readConfiguration(files: readonly PolicyFile[]): ReadConfiguration {
  const sorted = sortFiles(files);
  const parsed = sorted.yaml && parseYaml(sorted.yaml);
  const { rules, problems: written } = checkPolicies(sorted.policies);
  const configuration = parsed?.configuration;
  const found = configuration && parsed ? [...acrossParts(configuration, rules, parsed.yaml), ...acrossRules(configuration, rules, sorted.policies)] : [];
  return { configuration, policies: sorted.policies, rules, yaml: parsed?.yaml, problems: [...sorted.problems, ...(parsed?.problems ?? []), ...written.map(withActionMeant), ...found] };
}

function acrossParts(configuration: Configuration, rules: readonly Rule[], yaml: LocatedYaml): PolicyProblem[] {
  const ofRules = rules.map(({ id, effect, json }) => ({ id, effect, readsRoles: readsRoles(json) }));
  const problems = [...configurationProblems(configuration), ...separationProblems(configuration), ...dynamicProblems(configuration, ofRules), ...riskProblems(configuration), ...budgetProblems(configuration), ...chatProblems(configuration)];
  return problems.map(({ path, ...told }) => problemIn(yaml, path, told));
}

/** A problem at a path of `interlock.yaml`, with its line and column. */
export function problemIn(yaml: LocatedYaml, path: Path, told: { readonly detail: string; readonly expected?: string }): PolicyProblem {
  return { file: yaml.file, ...yaml.placeOf(path), ...told };
}

function acrossRules(configuration: Configuration, rules: readonly Rule[], files: readonly PolicyFile[]): PolicyProblem[] {
  return rules.flatMap((rule) => ruleProblems({ entities: namedEntities(rule.json), quorum: rule.lift?.quorum, accepts: rule.lift?.accepts && [...rule.lift.accepts], glass: rule.lift?.glass }, configuration)
    .map(({ mention, ...told }) => ({ file: rule.file, ...placeIn(rule, mention, files), ...told })));
}

/** Where a rule mentions something; the rule itself where it is written otherwise than we would. */
export function placeIn(rule: Rule, mention: string, files: readonly PolicyFile[]): { readonly line: number; readonly column: number } {
  const text = files.find((file) => file.file === rule.file)?.text ?? '';
  const start = Buffer.from(text).subarray(0, rule.byteOffset).toString().length;
  const at = rule.text.indexOf(mention);
  if (at < 0) return { line: rule.line, column: rule.column };
  const before = text.slice(0, start + at);
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}
