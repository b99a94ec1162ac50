import { readFileSync } from 'node:fs';
import { analyseConfiguration } from '../../../libs/authoring/src/analyse-configuration.js';
import { readConfiguration } from '../../../libs/authoring/src/read-configuration.js';
import { must, type FuzzEntry } from '../fuzz.js';

const shipped = (file: string): Buffer => readFileSync(new URL(`../../../deploy/local/demo/${file}`, import.meta.url));
const YAML = shipped('interlock.yaml');
const CEDAR = shipped('policies/shop.cedar');

/** One file of the demonstration at a time is damaged; the other stays whole. */
function entry(name: string, seeds: readonly Buffer[], files: (text: string) => { file: string; text: string }[]): FuzzEntry {
  return {
    name, seeds, inputMs: 1_500, inputBytes: 64 * 1024 * 1024,
    run: (input) => {
      const read = readConfiguration(files(input.toString()));
      const { configuration, problems } = read;
      for (const problem of problems) must(problem.line >= 1 && problem.column >= 1 && problem.file !== '' && problem.detail !== '', 'a problem has file, line, column and words');
      must(configuration !== undefined || problems.length > 0, 'what is not a configuration has a problem');
      if (configuration && problems.length === 0) for (const { line, detail } of analyseConfiguration({ ...read, configuration }).findings) must(line >= 1 && detail !== '', 'a finding has a line and words');
      return problems.length === 0 ? 'configuration' : (problems[0]?.detail ?? '').replaceAll(/"[^"]*"|\d+/g, '#').slice(0, 40);
    },
  };
}

export const configurations: readonly FuzzEntry[] = [
  entry('interlock.yaml', [YAML, Buffer.from('a: &a [*a, *a]\n'), Buffer.from('version: 1\nissuers: []\n'), Buffer.from('- {a: 1, a: 2}\n? [x]: y\n')], (text) => [{ file: 'interlock.yaml', text }]),
  entry('Cedar rules', [CEDAR, Buffer.from('@id("x")\npermit (principal, action, resource) when { context.hasWhere };\n')], (text) => [{ file: 'interlock.yaml', text: YAML.toString() }, { file: 'policies/shop.cedar', text }]),
];
