import { CedarForesight, type PolicyProblem } from '@interlock/adapter-cedar';
import type { Configuration } from '@interlock/contracts';
import { partyOf } from '@interlock/domain-identity';
import { analyse, type Analysis, type Finding } from '@interlock/domain-policy';
import { placeIn, problemIn, type ReadConfiguration } from './read-configuration.js';

/** A finding and where its author finds what it speaks of. */
export interface LocatedFinding extends Pick<Finding, 'level' | 'kind' | 'detail' | 'remedy'> {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface AnalysedConfiguration {
  readonly findings: readonly LocatedFinding[];
  readonly extent: Analysis['extent'];
}

/** Analyses a configuration that was read without problems: what parties could reach by it, and what of its rules is of no use. */
export function analyseConfiguration(read: ReadConfiguration & { readonly configuration: Configuration }): AnalysedConfiguration {
  const { configuration, rules } = read;
  const humansBehind = new Map(configuration.principals.map((entry) => {
    const party = partyOf(entry, configuration);
    return [entry.name, party && [...party].sort()];
  }));
  const { findings, extent } = analyse(configuration, humansBehind, new CedarForesight(rules));
  return { findings: findings.map((finding) => located(finding, read)), extent };
}

/** A conflict as a problem that keeps a configuration from loading. */
export function conflictProblems({ findings }: AnalysedConfiguration): PolicyProblem[] {
  return findings.filter(({ level }) => level === 'conflict').map(({ file, line, column, detail, remedy }) => ({ file, line, column, detail: `${detail}. ${remedy}` }));
}

function located({ level, kind, detail, remedy, at }: Finding, read: ReadConfiguration): LocatedFinding {
  return { level, kind, detail, remedy, ...placeOf(at, read) };
}

function placeOf(at: Finding['at'], { yaml, rules, policies }: ReadConfiguration): Pick<PolicyProblem, 'file' | 'line' | 'column'> {
  if ('rule' in at) {
    const rule = rules.find(({ id }) => id === at.rule)!;
    return { file: rule.file, ...(at.mention === undefined ? { line: rule.line, column: rule.column } : placeIn(rule, at.mention, policies)) };
  }
  const { file, line, column } = problemIn(yaml!, at.path, { detail: '' });
  return { file, line, column };
}
