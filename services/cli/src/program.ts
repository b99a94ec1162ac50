import { Command, CommanderError } from 'commander';
import { registerAccess } from './commands/access.js';
import { registerApprovals } from './commands/approvals.js';
import { registerAudit } from './commands/audit.js';
import { registerBudgets } from './commands/budgets.js';
import { registerChanges } from './commands/changes.js';
import { registerConfiguration } from './commands/configuration.js';
import { registerExplain } from './commands/explain.js';
import { registerIdentity } from './commands/identity.js';
import { registerLineage } from './commands/lineage.js';
import { registerLocks } from './commands/locks.js';
import { registerMask } from './commands/mask.js';
import { registerMasking } from './commands/masking.js';
import { registerPlans } from './commands/plans.js';
import { registerPolicy } from './commands/policy.js';
import { registerSecrets } from './commands/secrets.js';
import { registerSessions } from './commands/sessions.js';
import { contextOf, type Run, type Streams, type Work } from './context.js';
import { EXIT, type CliError } from './exit.js';
import { asTyped, callerFrom, type Caller } from './next-step.js';
import { printableLines } from '@interlock/kernel';
import { printableJson } from './output.js';
import { settingsFrom } from './settings.js';
import { requireKnown, toCliError } from './usage.js';

const COMMANDS = [registerIdentity, registerConfiguration, registerChanges, registerSecrets, registerSessions, registerApprovals, registerAccess, registerPlans, registerBudgets, registerAudit, registerExplain, registerPolicy, registerMasking, registerMask, registerLineage, registerLocks];

/** Runs one command line and gives its exit code; every error is one sentence and what to do next, or JSON under --json. */
export async function runCli(argv: readonly string[], env: NodeJS.ProcessEnv, cwd: string, streams: Streams): Promise<number> {
  let help = '';
  const program = new Command('interlock').configureHelp({ showGlobalOptions: true }).description('Segregation of duties for autonomous agents, command by command.').exitOverride()
    .option('--json', 'print JSON').option('--token-of <principal>', 'act with a token of this principal of the demonstration').option('--api <url>', 'address of the API')
    .configureOutput({ writeOut: streams.write, writeErr: (text) => (help += text), outputError: () => undefined });
  // Commander passes the arguments, then the options, then the command itself.
  const run: Run = <Options extends object>(work: Work<Options>) => async (...args) => {
    const command = args.at(-1) as Command;
    const inputs = args.slice(0, -2) as string[];
    await work({ ...contextOf(command, settingsFrom(env, cwd), streams, cwd, env), options: command.opts<Options>() }, ...inputs);
  };
  for (const register of COMMANDS) register(program, run);
  try {
    requireKnown(program, argv);
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const asJson = argv.includes('--json');
    // Asked for nothing, a group of commands shows what there is.
    if (help !== '' && !asJson) {
      streams.writeError(help);
      return EXIT.usage;
    }
    return report(toCliError(error, program, argv), asJson, streams, callerFrom(env, program.opts<{ tokenOf?: string }>().tokenOf));
  }
}

function report({ code, message, hint, problem }: CliError, asJson: boolean, streams: Pick<Streams, 'writeError'>, caller: Caller): number {
  streams.writeError(asJson ? `${printableJson(problem ?? { detail: message, hint })}\n` : `interlock: ${printableLines(asTyped(`${message}${hint ? `\n${hint}` : ''}`, caller))}\n`);
  return code;
}
