import { CommanderError, type Command } from 'commander';
import { CliError, EXIT } from './exit.js';

/** An error as the program tells it: what was wrong, and what to do next. @throws what is a fault of the program itself. */
export function toCliError(error: unknown, program: Command, argv: readonly string[]): CliError {
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

/**
 * Commander answers `--help` after a name that it does not know with the help of the group.
 *
 * @throws CliError for such a name.
 */
export function requireKnown(program: Command, argv: readonly string[]): void {
  if (!argv.includes('--help') && !argv.includes('-h')) return;
  let group = program;
  for (const [index, word] of argv.entries()) {
    if (word.startsWith('-') || TAKE_A_VALUE.has(argv[index - 1] ?? '')) continue;
    if (group.commands.length === 0 || word === 'help') return;
    const named = group.commands.find((command) => command.name() === word);
    if (!named) throw new CliError(EXIT.usage, `Unknown command '${word}'.`, `\`${pathOf(program, argv)} --help\` says which there are.`);
    group = named;
  }
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
