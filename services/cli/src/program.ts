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
  const program = new Command('interlock').description('Segregation of duties for autonomous agents, command by command.').exitOverride().showHelpAfterError('`interlock help COMMAND` says how.')
    .option('--json', 'print JSON').option('--token-of <principal>', 'act with a token of this principal of the demonstration').option('--api <url>', 'address of the API')
    .configureOutput({ writeOut: streams.write, writeErr: streams.writeError });
  const settings = settingsFrom(env, cwd);
  // Commander passes the arguments, then the options, then the command itself.
  const run: Run = <Options extends object>(work: Work<Options>) => async (...args) => {
    const command = args.at(-1) as Command;
    const inputs = args.slice(0, -2) as string[];
    await work({ ...contextOf(command, settings, streams, cwd), options: command.opts<Options>() }, ...inputs);
  };
  for (const register of COMMANDS) register(program, run);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return report(error, argv.includes('--json'), streams);
  }
}

function report(error: unknown, asJson: boolean, streams: { readonly writeError: (text: string) => void }): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (!(error instanceof CliError)) throw error;
  const hint = error.hint ? `\n${error.hint}` : '';
  streams.writeError(asJson ? `${printableJson(error.problem ?? { detail: error.message, hint: error.hint })}\n` : `interlock: ${printableLines(`${error.message}${hint}`)}\n`);
  return error.code;
}
