import { resolve } from 'node:path';
import type { LocatedFinding, PolicyProblem } from '@interlock/authoring';
import type { Context, Register } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { filesOf } from '../folder.js';

/** Work on a folder, here: nothing is sent anywhere. The change desk says the same of what is proposed. */
export const registerPolicy: Register = (program, run) => {
  const policy = program.command('policy').description('check a configuration in a folder before it is proposed; nothing is sent');
  policy.command('analyze [folder]').description('find every way in which one party alone could do what takes two, and rules of no use; exit 1 when the configuration would not load')
    .action(run((context, folder) => analyze(context, resolve(context.cwd, folder ?? '.'))));
};

async function analyze({ output }: Context, folder: string): Promise<void> {
  const { analyseConfiguration, readConfiguration } = await import('@interlock/authoring');
  const read = readConfiguration(filesOf(folder));
  const { configuration, problems } = read;
  if (!configuration || problems.length > 0) {
    output.result({ loads: false, problems, findings: [] }, () => problems.map(problemText).join('\n'));
    throw doesNotLoad(problems.length, 'problem');
  }
  const { findings, extent } = analyseConfiguration({ ...read, configuration });
  const conflicts = findings.filter(({ level }) => level === 'conflict').length;
  const extentText = `${read.rules.length} rules, ${configuration.principals.length} principals, ${configuration.targets.length} targets: looked at ${extent.casts} kinds of principals, ${extent.verbs} verbs and ${extent.places} places.`;
  output.result({ loads: conflicts === 0, problems: [], findings, extent }, () => [
    ...findings.map(findingText), extentText, ...(conflicts > 0 ? [] : [`It loads: no party alone can do what takes two${findings.length > 0 ? `; ${counted(findings.length, 'warning')}` : ''}.`]),
  ].join('\n'));
  if (conflicts > 0) throw doesNotLoad(conflicts, 'conflict');
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
