import type { PolicyProblem } from '@interlock/adapter-cedar';
import type { PolicyFile } from '@interlock/contracts';
import { CONFIGURATION_LIMITS } from './limits.js';

/** The files of a configuration by what they are. */
export interface SortedFiles {
  readonly yaml: PolicyFile | undefined;
  readonly policies: readonly PolicyFile[];
  readonly problems: readonly PolicyProblem[];
}

export const YAML_FILE = 'interlock.yaml';
const POLICY_FILE = /^policies\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.cedar$/;

/** Sorts files by name, and complains about those that have no place in a configuration. */
export function sortFiles(files: readonly PolicyFile[]): SortedFiles {
  const yaml = files.find((file) => file.file === YAML_FILE);
  const policies = files.filter((file) => POLICY_FILE.test(file.file)).toSorted((a, b) => (a.file < b.file ? -1 : 1));
  const problems = [...sizeProblems(files), ...files.flatMap((file, index) => nameProblems(file, files.slice(0, index)))];
  if (!yaml) problems.push(problemAt(YAML_FILE, 'the file is missing', `${YAML_FILE} beside the folder policies`));
  return { yaml, policies, problems };
}

function sizeProblems(files: readonly PolicyFile[]): PolicyProblem[] {
  const bytes = files.reduce((sum, file) => sum + Buffer.byteLength(file.text), 0);
  if (files.length <= CONFIGURATION_LIMITS.files && bytes <= CONFIGURATION_LIMITS.bytes) return [];
  return [problemAt(YAML_FILE, `the configuration has ${files.length} files of ${bytes} bytes`, `at most ${CONFIGURATION_LIMITS.files} files of ${CONFIGURATION_LIMITS.bytes} bytes together`)];
}

function nameProblems({ file }: PolicyFile, earlier: readonly PolicyFile[]): PolicyProblem[] {
  if (earlier.some((other) => other.file === file)) return [problemAt(file, 'the file is there twice', 'every file once')];
  return file === YAML_FILE || POLICY_FILE.test(file) ? [] : [problemAt(file, 'the file has no place in a configuration', `${YAML_FILE} or policies/<name>.cedar`)];
}

function problemAt(file: string, detail: string, expected: string): PolicyProblem {
  return { file, line: 1, column: 1, detail, expected };
}
