import { resolve } from 'node:path';
import type { RpcResponse } from '@interlock/contracts';
import { parse } from 'yaml';
import type { Register } from '../context.js';
import { examples } from '../examples.js';
import { CliError, EXIT } from '../exit.js';
import { readText } from '../folder.js';
import { describe } from './approvals.js';

/** What a plan's file may say. */
const KEYS = ['target', 'as', 'window', 'inOrder', 'reason', 'ticket', 'commands'];
const FORM = 'It is YAML: target, commands (texts, or {text, parameters}, or {digest}), and as it may be as, window (as in 30m), inOrder, reason, ticket; docs/approval.md has an example.';
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

export const registerPlans: Register = (program, run) => {
  const plans = program.command('plans').description('commands that people agree to before they are sent');
  plans.command('propose <file>').description('ask people to agree to the commands in a file, as one; they decide with `approvals approve`')
    .option('--as <agent>', 'the agent that will send them, where its owner proposes').addHelpText('after', examples(['plans propose tonight.yaml --as agent-etl', 'by the owner of the agent']))
    .action(run<{ as?: string }>(async ({ client, output, cwd, options }, file) => {
      const { approval }: RpcResponse<'approval.plan'> = await client.send<'approval.plan'>('POST', '/plans', { ...planIn(readText(resolve(cwd, file!), 'See to its permissions, or name another file.'), file!), ...options });
      output.result(approval, () => describe(approval));
    }));
};

function planIn(text: string, file: string): Record<string, unknown> {
  const { window, commands, ...rest } = mappingIn(text, file);
  const unknown = Object.keys(rest).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) throw new CliError(EXIT.usage, `${file} says ${unknown.join(', ')}, which no plan does.`, FORM);
  if (!Array.isArray(commands)) throw new CliError(EXIT.usage, `${file} lists no commands.`, FORM);
  return { ...rest, ...(window !== undefined && { windowSeconds: secondsIn(window, file) }), commands: commands.map((one: unknown) => (typeof one === 'string' ? { text: one } : one)) };
}

function mappingIn(text: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (fault) {
    throw new CliError(EXIT.usage, `${file} is no YAML: ${(fault as Error).message.split('\n')[0]!}`, FORM);
  }
  throw new CliError(EXIT.usage, `${file} is no plan.`, FORM);
}

function secondsIn(window: unknown, file: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smh])$/.exec(String(window)) ?? [];
  if (count === undefined) throw new CliError(EXIT.usage, `${file} says window: ${JSON.stringify(window)}, which is no time.`, 'A whole number of s, m or h, as in 30m.');
  return Number(count) * SECONDS[unit!]!;
}
