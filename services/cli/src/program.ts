import { Command, CommanderError } from 'commander';
import { registerApprovals } from './commands/approvals.js';
import { registerAudit } from './commands/audit.js';
import { registerConfiguration } from './commands/configuration.js';
import { registerExplain } from './commands/explain.js';
import { registerIdentity } from './commands/identity.js';
import { registerLocks } from './commands/locks.js';
import { registerSecrets } from './commands/secrets.js';
import { registerSessions } from './commands/sessions.js';
import { contextOf, type Run, type Streams, type Work } from './context.js';
import { CliError, EXIT } from './exit.js';
import { printableJson, printableLines } from './output.js';
import { settingsFrom } from './settings.js';

const COMMANDS = [registerIdentity, registerConfiguration, registerSecrets, registerSessions, registerApprovals, registerAudit, registerExplain, registerLocks];

/** Runs one command line and gives its exit code; every error is one sentence and what to do next, or JSON under --json. */
export async function runCli(argv: readonly string[], env: NodeJS.ProcessEnv, cwd: string, streams: Streams & { readonly writeError: (text: string) => void }): Promise<number> {
  let help = '';
  const program = new Command('interlock').description('Segregation of duties for autonomous agents, command by command.').exitOverride()
    .option('--json', 'print JSON').option('--token-of <principal>', 'act with a token of this principal of the demonstration').option('--api <url>', 'address of the API')
    .configureOutput({ writeOut: streams.write, writeErr: (text) => (help += text), outputError: () => undefined });
  // Commander passes the arguments, then the options, then the command itself.
  const run: Run = <Options extends object>(work: Work<Options>) => async (...args) => {
    const command = args.at(-1) as Command;
    const inputs = args.slice(0, -2) as string[];
    await work({ ...contextOf(command, settingsFrom(env, cwd), streams, cwd), options: command.opts<Options>() }, ...inputs);
  };
  for (const register of COMMANDS) register(program, run);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const asJson = argv.includes('--json');
    // Asked for nothing, a group of commands shows what there is.
    if (help !== '' && !asJson) return streams.writeError(help), EXIT.usage;
    return report(known(error, program, argv), asJson, streams);
  }
}

function report({ code, message, hint, problem }: CliError, asJson: boolean, streams: { readonly writeError: (text: string) => void }): number {
  streams.writeError(asJson ? `${printableJson(problem ?? { detail: message, hint })}\n` : `interlock: ${printableLines(`${message}${hint ? `\n${hint}` : ''}`)}\n`);
  return code;
}

/** An error that says what to do next; anything else is a fault of this program, and thrown. */
function known(error: unknown, program: Command, argv: readonly string[]): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) return new CliError(EXIT.usage, usageText(error, program, argv), `\`${pathOf(program, argv)} --help\` says how.`);
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || path === undefined || syscall === undefined) throw error;
  return new CliError(EXIT.usage, `${path} cannot be read or written (${code}).`, 'Name another one, or see to its permissions.');
}

function usageText({ code, message }: CommanderError, program: Command, argv: readonly string[]): string {
  if (code === 'commander.help') return `${pathOf(program, argv)} needs a command: ${namedBy(program, argv).commands.map((command) => command.name()).join(', ')}.`;
  const text = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  return `${text[0]!.toUpperCase()}${text.slice(1)}${/[.)?]$/.test(text) ? '' : '.'}`;
}

/** Options that may stand before a command, and are followed by a value. */
const TAKE_A_VALUE = new Set(['--token-of', '--api']);

/** The command that a command line names, as far as it names one. */
function namedBy(program: Command, argv: readonly string[]): Command {
  let found = program;
  for (const [index, word] of argv.entries()) {
    if (!TAKE_A_VALUE.has(argv[index - 1] ?? '')) found = found.commands.find((command) => command.name() === word) ?? found;
  }
  return found;
}

function pathOf(program: Command, argv: readonly string[]): string {
  const names: string[] = [];
  for (let command: Command | null = namedBy(program, argv); command; command = command.parent) names.unshift(command.name());
  return names.join(' ');
}
