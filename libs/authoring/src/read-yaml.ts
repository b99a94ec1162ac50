import type { PolicyProblem } from '@interlock/adapter-cedar';
import type { Configuration, PolicyFile } from '@interlock/contracts';
import { keysAt, meant, type SchemaNode } from './expectation.js';
import { CONFIGURATION_LIMITS } from './limits.js';
import { LocatedYaml, type Path } from './located-yaml.js';

/** A YAML file as a contract has it, unless there are problems, and the way back to its lines. */
export interface ReadYaml<T> {
  readonly yaml: LocatedYaml;
  readonly content: T | undefined;
  readonly problems: readonly PolicyProblem[];
}

type Parsed<T> = { readonly success: true; readonly data: T } | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
type Issue = NonNullable<ReturnType<typeof Configuration.safeParse>['error']>['issues'][number];

/** Reads a file by a schema of contracts: every slip of the YAML, or else every key and value that is not as the schema has it. */
export function readYaml<T>(file: PolicyFile, schema: { safeParse(value: unknown): Parsed<T> }): ReadYaml<T> {
  const yaml = new LocatedYaml(file.file, file.text);
  if (yaml.problems.length > 0) return { yaml, content: undefined, problems: yaml.problems };
  let content: unknown;
  try {
    content = yaml.toJs();
  } catch (error) {
    return { yaml, content: undefined, problems: [{ file: file.file, line: 1, column: 1, detail: (error as Error).message, expected: 'few aliases, each to an anchor above' }] };
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return { yaml, content: parsed.data, problems: [] };
  const told = { yaml, content, schema: schema as unknown as SchemaNode };
  return { yaml, content: undefined, problems: parsed.error.issues.slice(0, CONFIGURATION_LIMITS.problems).flatMap((issue) => problemsOf(issue, told)) };
}

interface Told {
  readonly yaml: LocatedYaml;
  readonly content: unknown;
  readonly schema: SchemaNode;
}

function problemsOf(issue: Issue, told: Told): PolicyProblem[] {
  const { yaml, content } = told;
  if (issue.code === 'unrecognized_keys') return issue.keys.slice(0, CONFIGURATION_LIMITS.problems).map((key) => unknownKey(key, issue.path, told));
  const place = { file: yaml.file, ...yaml.placeOf(issue.path) };
  const value = valueAt(content, issue.path);
  const name = nameOf(issue.path);
  if (value === undefined) return [{ ...place, detail: `${name} is missing`, expected: wanted(issue) }];
  return [{ ...place, detail: `${name} is ${inWords(value)}`, expected: wanted(issue) }];
}

function unknownKey(key: string, path: Path, { yaml, schema }: Told): PolicyProblem {
  const known = keysAt(path, schema);
  const guess = meant(key, known);
  return { file: yaml.file, ...yaml.placeOfKey(path, key), ...(guess ? { detail: `there is no key ${JSON.stringify(key)} (did you mean ${guess}?)` } : { detail: `there is no key ${JSON.stringify(key)}`, expected: `one of ${known.join(', ')}` }) };
}

const TYPES: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'a section', record: 'a section of names and texts' };

/** What a value had to be, in the reader's words. */
function wanted(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int' ? `at least ${String(issue.minimum)}` : issue.origin === 'array' ? 'at least one entry' : 'a text that is not empty';
    case 'too_big':
      return `at most ${String(issue.maximum)}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'an address such as https://issuer.example' : issue.message;
    default:
      return issue.message;
  }
}

function nameOf(path: Path): string {
  const name = path.findLast((step) => typeof step === 'string');
  const index = path.at(-1);
  if (name === undefined) return 'the file';
  return typeof index === 'number' ? `entry ${index + 1} of ${String(name)}` : String(name);
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === null) return 'nothing';
  return typeof value === 'object' ? 'a section' : JSON.stringify(value).slice(0, 80);
}

function valueAt(content: unknown, path: Path): unknown {
  let value = content;
  for (const step of path) value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined;
  return value;
}
