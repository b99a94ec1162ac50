import { Configuration, type MaskingRule } from '@interlock/contracts';

/** Something wrong in the masking section, by its path in the configuration. */
export interface MaskingProblem {
  /** E.g. `masking.columns.0.target`. */
  readonly path: string;
  readonly detail: string;
}

/** Names of the masking section that lead nowhere, and rules that say something about the same thing twice. */
export function maskingProblems(configuration: unknown): MaskingProblem[] {
  const parsed = Configuration.safeParse(configuration);
  if (!parsed.success) return parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), detail: issue.message }));
  return [...columnProblems(parsed.data), ...contentProblems(parsed.data)];
}

function columnProblems(configuration: Configuration): MaskingProblem[] {
  const { columns } = configuration.masking;
  return columns.flatMap((rule, index) => {
    const at = `masking.columns.${index}`;
    const earlier = columns.slice(0, index);
    const twin = earlier.find((other) => saysTheSame(other, rule));
    return [
      ...(earlier.some((other) => other.id === rule.id) ? [{ path: `${at}.id`, detail: `there is another masking rule ${rule.id} above` }] : []),
      ...(twin ? [{ path: `${at}.column`, detail: `rule ${twin.id} says the same of ${rule.column} already` }] : []),
      ...targetProblem(`${at}.target`, rule.target, configuration),
      ...rule.except.flatMap((role, position) => roleProblem(`${at}.except.${position}`, role, configuration)),
    ];
  });
}

/** Several rules may name one column, for different readers; the strongest that applies wins. */
function saysTheSame(one: MaskingRule, other: MaskingRule): boolean {
  return one.target === other.target && one.column === other.column && one.transform === other.transform && one.except.toSorted().join() === other.except.toSorted().join();
}

function contentProblems(configuration: Configuration): MaskingProblem[] {
  const { content } = configuration.masking;
  return content.flatMap((rule, index) => {
    const at = `masking.content.${index}`;
    const twice = content.slice(0, index).some((other) => other.target === rule.target);
    const repeated = rule.kinds.findIndex((kind, position) => rule.kinds.indexOf(kind) < position);
    return [
      ...(twice ? [{ path: `${at}.target`, detail: `content at ${rule.target} is looked for by another entry above; name all kinds in one` }] : []),
      ...(repeated >= 0 ? [{ path: `${at}.kinds.${repeated}`, detail: `${rule.kinds[repeated] ?? ''} is named twice` }] : []),
      ...targetProblem(`${at}.target`, rule.target, configuration),
    ];
  });
}

function targetProblem(path: string, name: string, { targets }: Configuration): MaskingProblem[] {
  return targets.some((target) => target.name === name) ? [] : [{ path, detail: `there is no target ${name}; targets are ${targets.map((target) => target.name).join(', ') || 'not named yet'}` }];
}

/** A misspelt exception would mask for those it was meant for; where tokens carry roles, any name may be one. */
function roleProblem(path: string, role: string, { principals, issuers }: Configuration): MaskingProblem[] {
  const known = principals.some((principal) => principal.roles.includes(role)) || issuers.some((issuer) => issuer.rolesClaim !== undefined);
  return known ? [] : [{ path, detail: `nobody has role ${role}` }];
}
