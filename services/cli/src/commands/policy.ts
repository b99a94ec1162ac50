import { resolve } from 'node:path';
import type { CaseOutcome, CaseResult, LocatedFinding, PolicyProblem, ReadConfiguration } from '@interlock/authoring';
import type { Configuration } from '@interlock/contracts';
import type { Context, Register } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { filesBelow, filesOf } from '../folder.js';
import { backtest, limitFrom, sinceFrom, type BacktestOptions } from './policy-backtest.js';
import { policyStatus } from './policy-status.js';

/** Work on a folder, here: but for `backtest` and `status` nothing is sent anywhere. The change desk says the same of what is proposed. */
export const registerPolicy: Register = (program, run) => {
  const policy = program.command('policy').description('check a configuration in a folder before it is proposed, and how the one in force is kept');
  policy.command('analyze').argument('[folder]', 'folder of interlock.yaml', '.').description('find every way in which one party alone could do what takes two, and rules of no use; exit 1 when the configuration would not load')
    .action(run((context, folder) => analyze(context, resolve(context.cwd, folder!))));
  policy.command('test').argument('[folder]', 'folder of interlock.yaml and cases/', '.').description('decide every case of cases/*.yaml in the folder and compare; exit 1 when one differs')
    .action(run((context, folder) => test(context, resolve(context.cwd, folder!))));
  policy.command('backtest').argument('[folder]', 'folder of interlock.yaml', '.').description('what the configuration in the folder would have made of recorded commands; exit 1 when something would come out otherwise')
    .option('--since <when>', 'a time, or how long ago: 7d, 12h, 30m (7d)', sinceFrom).option('--limit <commands>', 'commands at most, up to 100000', limitFrom, 20_000)
    .action(run<BacktestOptions>((context, folder) => backtest(context, folder!)));
  policy.command('status').description('how far recorded commands were decided a second time; exit 5 when a connector decided otherwise than its rules')
    .action(run(policyStatus));
};

async function analyze(context: Context, folder: string): Promise<void> {
  const { analyseConfiguration } = await import('@interlock/authoring');
  const read = await readWhole(context, folder);
  const { configuration, rules } = read;
  const { findings, extent } = analyseConfiguration(read);
  const [conflicts, exceptions, warnings] = (['conflict', 'exception', 'warning'] as const).map((of) => findings.filter(({ level }) => level === of).length) as [number, number, number];
  const extentText = `${rules.length} rules, ${configuration.principals.length} principals, ${configuration.targets.length} targets: looked at ${extent.casts} kinds of principals, ${extent.verbs} verbs and ${extent.places} places.`;
  context.output.result({ loads: conflicts === 0, problems: [], findings, extent }, () => [
    ...findings.map(findingText), extentText, ...(conflicts > 0 ? [] : [`It loads: no party alone can do what takes two${exceptions > 0 ? `, but for ${counted(exceptions, 'exception')} that a broken glass makes, recorded and reviewed` : ''}${warnings > 0 ? `; ${counted(warnings, 'warning')}` : ''}.`]),
  ].join('\n'));
  if (conflicts > 0) throw doesNotLoad(conflicts, 'conflict');
}

async function test(context: Context, folder: string): Promise<void> {
  const { runCases } = await import('@interlock/authoring');
  const files = filesBelow(folder, 'cases', '.yaml');
  if (files.length === 0) throw new CliError(EXIT.usage, `There are no cases in ${folder}.`, 'Write them into cases/*.yaml; docs/cases.md has the form.');
  const { results, problems } = await runCases(await readWhole(context, folder), files);
  if (problems.length > 0) {
    context.output.result({ passed: 0, failed: 0, problems, results }, () => problems.map(problemText).join('\n'));
    throw new CliError(EXIT.refused, `The cases cannot be run: ${counted(problems.length, 'problem')}.`, 'Mend the places named and run them again.');
  }
  const failed = results.filter((result) => !result.passed);
  const passed = results.length - failed.length;
  context.output.result({ passed, failed: failed.length, problems, results }, () => [...failed.map(differenceText), `${passed} passed, ${failed.length} failed`].join('\n'));
  if (failed.length > 0) throw new CliError(EXIT.refused, `${counted(failed.length, 'case')} came out otherwise than expected.`);
}

/** The configuration of a folder; with problems, they are told and nothing else is done. */
async function readWhole({ output }: Context, folder: string): Promise<ReadConfiguration & { readonly configuration: Configuration }> {
  const { maskingProblems, maskingProblemsAt, readConfiguration } = await import('@interlock/authoring');
  const read = readConfiguration(filesOf(folder));
  const { configuration, yaml } = read;
  const problems = [...read.problems, ...(configuration && yaml ? maskingProblemsAt(yaml, maskingProblems(configuration)) : [])];
  if (configuration && problems.length === 0) return { ...read, configuration };
  output.result({ loads: false, problems, findings: [] }, () => problems.map(problemText).join('\n'));
  throw doesNotLoad(problems.length, 'problem');
}

function differenceText({ file, line, title, expected, came }: CaseResult): string {
  return [`${file}:${line}  ${title}`, `  - ${outcomeText(expected)}`, `  + ${outcomeText(came)}`, ...came.reasons.map((reason) => `      ${reason}`)].join('\n');
}

function outcomeText({ outcome, rules }: CaseOutcome): string {
  return rules ? `${outcome} by ${rules.join(', ')}` : outcome;
}

function doesNotLoad(count: number, what: string): CliError {
  return new CliError(EXIT.refused, `This configuration does not load: ${counted(count, what)}.`, 'Mend the places named and run it again.');
}

function problemText({ file, line, column, detail, expected }: PolicyProblem): string {
  return `${file}:${line}:${column}: ${detail}${expected ? `; expected ${expected}` : ''}`;
}

function findingText({ level, file, line, column, detail, remedy }: LocatedFinding): string {
  return `${level} ${file}:${line}:${column}\n  ${detail}.\n  ${remedy}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
