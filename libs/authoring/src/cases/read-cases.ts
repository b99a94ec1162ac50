import type { PolicyProblem } from '@interlock/adapter-cedar';
import { CaseFile, FACTS, type Configuration, type FactSpec, type FactValue, type PolicyCase, type PolicyFile } from '@interlock/contracts';
import { readYaml } from '../read-yaml.js';
import type { LocatedYaml, Path } from '../located-yaml.js';

/** One case and where it stands. */
export interface LocatedCase {
  readonly file: string;
  readonly line: number;
  readonly one: PolicyCase;
  readonly catalog: CaseFile['catalogs'][string] | undefined;
}

export interface ReadCases {
  readonly cases: readonly LocatedCase[];
  readonly problems: readonly PolicyProblem[];
}

/** Reads tables of cases against the configuration that they are about: every problem at once, with its place. */
export function readCases(files: readonly PolicyFile[], configuration: Configuration): ReadCases {
  const read = files.map((file) => ({ file, ...readYaml(file, CaseFile) }));
  return {
    cases: read.flatMap(({ file, yaml, content }) => (content?.cases ?? []).map((one, index) => ({ file: file.file, line: yaml.placeOf(['cases', index]).line, one, catalog: content!.catalogs[one.target] }))),
    problems: read.flatMap(({ yaml, content, problems }) => [...problems, ...(content ? unknownNames(content, yaml, configuration) : [])]),
  };
}

function unknownNames({ catalogs, cases }: CaseFile, yaml: LocatedYaml, configuration: Configuration): PolicyProblem[] {
  const at = (path: Path, detail: string, expected: string): PolicyProblem => ({ file: yaml.file, ...yaml.placeOf(path), detail, expected });
  const targets = configuration.targets.map(({ name }) => name);
  return [
    ...Object.keys(catalogs).filter((name) => !targets.includes(name)).map((name) => at(['catalogs', name], `there is no target ${name}`, `one of ${targets.join(', ')}`)),
    ...cases.flatMap((one, index) => caseProblems(one, ['cases', index], configuration, at)),
  ];
}

type At = (path: Path, detail: string, expected: string) => PolicyProblem;

function caseProblems(one: PolicyCase, path: Path, { principals, targets }: Configuration, at: At): PolicyProblem[] {
  const known = (list: readonly { readonly name: string }[], name: string) => list.some((entry) => entry.name === name);
  return [
    ...(known(principals, one.principal) ? [] : [at([...path, 'principal'], `there is no principal ${one.principal}`, 'a principal of interlock.yaml')]),
    ...(known(targets, one.target) ? [] : [at([...path, 'target'], `there is no target ${one.target}`, 'a target of interlock.yaml')]),
    ...((one.command === undefined) === (one.action === undefined) ? [at(path, 'the case does not say one thing', 'either a command or an action')] : []),
    ...Object.entries(one.madeBy).flatMap(([name, maker]) => [
      ...(known(principals, maker) ? [] : [at([...path, 'madeBy', name], `there is no principal ${maker}`, 'a principal of interlock.yaml; what nobody made stands under preexisting')]),
      ...(one.preexisting.includes(name) ? [at([...path, 'madeBy', name], `${name} was made and was there before`, 'one of the two')] : []),
    ]),
    ...(one.agreed ?? []).flatMap((name, index) => (known(principals, name) ? [] : [at([...path, 'agreed', index], `there is no principal ${name}`, 'a principal of interlock.yaml')])),
    ...(one.action?.accesses ?? []).flatMap(({ resource }, index) => (/["/]/.test(resource.split(`::"${one.target}`)[1]?.[0] ?? '') ? [] : [at([...path, 'action', 'accesses', index, 'resource'], `${resource} is not at target ${one.target}`, `a place that begins with ${one.target}`)])),
    ...Object.entries(one.action?.facts ?? {}).flatMap(([name, value]) => factProblem(name, value, (detail, expected) => at([...path, 'action', 'facts', name], detail, expected))),
  ];
}

function factProblem(name: string, value: FactValue, problem: (detail: string, expected: string) => PolicyProblem): PolicyProblem[] {
  const spec = Object.hasOwn(FACTS, name) ? (FACTS as Readonly<Record<string, FactSpec>>)[name] : undefined;
  if (!spec) return [problem(`there is no fact ${name}`, `one of ${Object.keys(FACTS).join(', ')}`)];
  const type = Array.isArray(value) ? 'set' : typeof value === 'string' ? 'text' : typeof value;
  return type === spec.type ? [] : [problem(`fact ${name} is a ${type}`, `a ${spec.type}`)];
}
